"""The columns of FOCUS 1.0 to 1.3 that are read, by what we call them, and what tells the versions apart.

Source: FinOps Open Cost and Usage Specification 1.0 to 1.3, "Columns". 1.1 added capacity reservations, SkuMeter and
SkuPriceDetails; 1.2 InvoiceId and the pricing currency; 1.3 split allocation, and ServiceProviderName and
HostProviderName in the place of ProviderName and PublisherName.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

FOCUS_VERSIONS = ("1.0", "1.1", "1.2", "1.3")

_NEW_IN: Mapping[str, frozenset[str]] = {
    "1.3": frozenset(
        ("serviceprovidername", "hostprovidername", "contractapplied", "allocatedmethodid", "allocatedresourceid")
    ),
    "1.2": frozenset(("invoiceid", "billingaccounttype", "subaccounttype", "pricingcurrency")),
    "1.1": frozenset(
        (
            "capacityreservationid",
            "capacityreservationstatus",
            "commitmentdiscountquantity",
            "servicesubcategory",
            "skumeter",
            "skupricedetails",
        )
    ),
}

TEXTS: Mapping[str, tuple[str, ...]] = {
    "issuer": ("InvoiceIssuerName",),
    "provider": ("ServiceProviderName", "ProviderName", "HostProviderName", "PublisherName"),
    "account": ("BillingAccountId",),
    "frequency": ("ChargeFrequency",),
    "commitment": ("CommitmentDiscountId",),
    "commitment_name": ("CommitmentDiscountName",),
    "commitment_type": ("CommitmentDiscountType",),
    "commitment_status": ("CommitmentDiscountStatus",),
    "reservation": ("CapacityReservationId",),
    "reservation_status": ("CapacityReservationStatus",),
    "service": ("ServiceName",),
    "service_category": ("ServiceCategory",),
    "region": ("RegionId", "RegionName", "Region"),
    "resource": ("AllocatedResourceId", "ResourceId"),
    "resource_name": ("AllocatedResourceName", "ResourceName"),
    "resource_type": ("ResourceType",),
    "sku": ("SkuPriceId", "SkuId"),
    "description": ("ChargeDescription",),
    "sub_account": ("SubAccountId",),
    "invoice": ("InvoiceId",),
    "unit": ("PricingUnit", "ConsumedUnit"),
    "tags": ("AllocatedTags", "Tags"),
}
"""Texts, each from the first of its columns that says something in a row."""

AMOUNTS: Mapping[str, tuple[str, ...]] = {
    "billed": ("BilledCost",),
    "effective": ("EffectiveCost",),
    "listed": ("ListCost",),
    "contracted": ("ContractedCost",),
    "quantity": ("PricingQuantity", "ConsumedQuantity"),
}
REQUIRED = ("BilledCost", "BillingCurrency", "BillingPeriodStart")
"""Without these there is nothing to add up."""

SIZE_KEYS = ("InstanceType", "instanceType", "x_InstanceType", "MachineType", "VMSize", "ArmSkuName", "instance_type")
"""Keys of SkuPriceDetails, and columns with or without `x_`, that hold an instance type."""


def normal(name: str) -> str:
    """How names of columns are compared: some exports write the display name, or all in lower case."""
    return name.replace(" ", "").replace("_", "").strip().lower()


def version_of(columns: Iterable[str]) -> str:
    """The newest version of which a column is there; exports do not say theirs in the file."""
    found = {normal(name) for name in columns}
    return next((version for version, new in _NEW_IN.items() if found & new), "1.0")
