"""The bill of an invented fleet as FOCUS 1.2: a row per resource, SKU and day, exactly size × time × price."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from .draft import GIB, Draft, Workload
from .prices import LIST_USD, PriceList
from .spec import STEP_S

HOURS_OF_MONTH = 730
_MONEY = pa.decimal128(38, 14)
_TS = pa.timestamp("us", tz="UTC")
_TEXT = pa.string()

FOCUS = pa.schema(
    [
        ("BillingAccountId", _TEXT), ("BillingCurrency", _TEXT), ("BillingPeriodStart", _TS),
        ("BillingPeriodEnd", _TS), ("ChargePeriodStart", _TS), ("ChargePeriodEnd", _TS), ("ChargeCategory", _TEXT),
        ("ChargeClass", _TEXT), ("ChargeDescription", _TEXT), ("ChargeFrequency", _TEXT), ("BilledCost", _MONEY),
        ("EffectiveCost", _MONEY), ("ListCost", _MONEY), ("ContractedCost", _MONEY), ("ListUnitPrice", _MONEY),
        ("ContractedUnitPrice", _MONEY), ("PricingCategory", _TEXT), ("PricingQuantity", _MONEY),
        ("PricingUnit", _TEXT), ("ConsumedQuantity", _MONEY), ("ConsumedUnit", _TEXT), ("CommitmentDiscountId", _TEXT),
        ("CommitmentDiscountStatus", _TEXT), ("CommitmentDiscountType", _TEXT), ("ProviderName", _TEXT),
        ("PublisherName", _TEXT), ("InvoiceIssuerName", _TEXT), ("RegionId", _TEXT), ("ResourceId", _TEXT),
        ("ResourceName", _TEXT), ("ResourceType", _TEXT), ("ServiceCategory", _TEXT), ("ServiceName", _TEXT),
        ("SkuId", _TEXT), ("SubAccountId", _TEXT), ("Tags", pa.map_(_TEXT, _TEXT)),
    ]
)  # fmt: skip
"""The columns of the bill's files."""

_CATEGORY = {"on_demand": "Standard", "spot": "Dynamic", "committed": "Committed"}
_SERVICE = {"volume": "Storage", "snapshot": "Storage", "gpu": "AI and Machine Learning"}
_COMMITMENT = "arn:fleet:commitment/1"


def bill_files(draft: Draft, prices: PriceList) -> dict[str, bytes]:
    """A Parquet file per month, by name."""
    months: dict[str, list[dict[str, Any]]] = {}
    for row in _rows(draft, prices):
        months.setdefault(f"focus-{row['BillingPeriodStart']:%Y-%m}.parquet", []).append(row)
    files = {}
    for name, rows in sorted(months.items()):
        sink = BytesIO()
        pq.write_table(pa.Table.from_pylist(rows, schema=FOCUS), sink, compression="zstd")
        files[name] = sink.getvalue()
    return files


def quantities(workload: Workload) -> dict[str, float]:
    """Units of every SKU that one replica takes in an hour."""
    found = {}
    for resource, size in workload.sizes.items():
        if resource == "memory":
            found["memory"] = size.value / GIB
        elif resource == "gpu":
            found[f"gpu:{workload.row['gpu_type']}"] = size.value
        else:
            found[resource] = size.value
    return found


def _rows(draft: Draft, prices: PriceList) -> Iterator[dict[str, Any]]:
    days = [draft.spec.start.date() + timedelta(days=day) for day in range(draft.spec.weeks * 7)]
    for workload in draft.workloads:
        hours = workload.replicas.reshape(len(days), -1).sum(axis=1) * STEP_S / 3600
        row = workload.row
        for sku, per_hour in quantities(workload).items():
            for day, replica_hours in zip(days, hours, strict=True):
                if replica_hours > 0:
                    quantity = float(np.round(replica_hours * per_hour, 6))
                    yield from _charges(
                        prices, day, row["region"], sku, row["capacity_type"], quantity, row["resource_id"],
                        row["workload"], row["team"],
                    )  # fmt: skip
    for item in draft.inventory:
        if not item.get("size_bytes"):
            continue
        sku = "snapshot" if item["kind"] == "snapshot" else "volume:ssd"
        quantity = item["size_bytes"] / GIB * 24 / HOURS_OF_MONTH
        for day in days:
            yield from _charges(
                prices, day, item["attributes"].get("region", "eu-west-1"), sku, "on_demand",
                round(quantity, 6), item["resource_id"], item["id"], item["team"],
            )  # fmt: skip


def _charges(
    prices: PriceList, day: date, region: str, sku: str, capacity: str, quantity: float, resource: str, name: str,
    team: str,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """A usage row; for committed capacity also the day's fee, which is what the invoice charges."""
    unit, _ = LIST_USD[sku]
    amount = Decimal(str(quantity))
    listed = Decimal(str(prices.price(region, sku, "on_demand", day)))
    paid = Decimal(str(prices.price(region, sku, capacity, day)))
    is_committed = capacity == "committed"
    common = _common(prices, day, region, sku)
    usage = {
        **common,
        "ChargeCategory": "Usage",
        "ChargeDescription": sku,
        "ChargeFrequency": "Usage-Based",
        "BilledCost": Decimal(0) if is_committed else amount * paid,
        "EffectiveCost": amount * paid,
        "ListCost": amount * listed,
        "ContractedCost": amount * listed,
        "ListUnitPrice": listed,
        "ContractedUnitPrice": listed,
        "PricingCategory": _CATEGORY[capacity],
        "PricingQuantity": amount,
        "PricingUnit": unit,
        "ConsumedQuantity": amount,
        "ConsumedUnit": unit,
        "ResourceId": resource,
        "ResourceName": name,
        "ResourceType": "Volume" if unit == "GiB-Month" else "Workload",
        "Tags": {"team": team, "workload": name},
    }
    if not is_committed:
        yield usage
        return
    yield {
        **usage,
        "CommitmentDiscountId": _COMMITMENT,
        "CommitmentDiscountStatus": "Used",
        "CommitmentDiscountType": "Reserved",
    }
    yield {
        **common,
        "ChargeCategory": "Purchase",
        "ChargeDescription": f"commitment for {sku}",
        "ChargeFrequency": "Recurring",
        "BilledCost": amount * paid,
        "EffectiveCost": Decimal(0),
        "ListCost": amount * paid,
        "ContractedCost": amount * paid,
        "CommitmentDiscountId": _COMMITMENT,
        "CommitmentDiscountType": "Reserved",
        "ResourceId": _COMMITMENT,
        "PricingCategory": "Committed",
        "Tags": {},
    }


def _common(prices: PriceList, day: date, region: str, sku: str) -> dict[str, Any]:
    """The columns that all rows of a day have."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    first = start.replace(day=1)
    return {
        "BillingAccountId": "payments-company",
        "BillingCurrency": prices.currency(region, day),
        "BillingPeriodStart": first,
        "BillingPeriodEnd": (first + timedelta(days=32)).replace(day=1),
        "ChargePeriodStart": start,
        "ChargePeriodEnd": start + timedelta(days=1),
        "ProviderName": "Invented Cloud",
        "PublisherName": "Invented Cloud",
        "InvoiceIssuerName": "Invented Cloud",
        "RegionId": region,
        "SkuId": sku,
        "SubAccountId": "production",
        "ServiceCategory": _SERVICE.get(sku.partition(":")[0], "Compute"),
        "ServiceName": "Invented Platform",
    }
