"""Made bills: rows of FOCUS as files of each version, with a few words that no real bill has."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Row = dict[str, Any]

_NEWER: dict[str, dict[str, Any]] = {
    "1.1": {"CapacityReservationId": None, "CapacityReservationStatus": None, "SkuPriceDetails": None, "SkuMeter": "m"},
    "1.2": {"InvoiceId": "inv-1", "BillingAccountType": "Payer"},
    "1.3": {"ServiceProviderName": "Oven Cloud", "HostProviderName": "Oven Host"},
}


def charge(billed: str, **changes: Any) -> Row:
    """A row of FOCUS 1.0: one hour of a machine, unless changed."""
    return {
        "BilledCost": billed,
        "EffectiveCost": billed,
        "ListCost": billed,
        "ContractedCost": billed,
        "BillingAccountId": "acc",
        "BillingCurrency": "USD",
        "BillingPeriodStart": "2031-05-01T00:00:00Z",
        "BillingPeriodEnd": "2031-06-01T00:00:00Z",
        "ChargePeriodStart": "2031-05-06T10:00:00Z",
        "ChargePeriodEnd": "2031-05-06T11:00:00Z",
        "ChargeCategory": "Usage",
        "ChargeClass": None,
        "ChargeDescription": "a machine",
        "ChargeFrequency": "Usage-Based",
        "CommitmentDiscountId": None,
        "CommitmentDiscountStatus": None,
        "InvoiceIssuerName": "Oven Cloud Inc.",
        "ProviderName": "Oven Cloud",
        "PricingCategory": "Standard",
        "PricingQuantity": "1",
        "PricingUnit": "Hour",
        "RegionId": "north",
        "ResourceId": "arn:oven:vm/i-1",
        "ServiceCategory": "Compute",
        "ServiceName": "Machines",
        "SkuId": "sku-1",
        "SubAccountId": "sub",
        "Tags": None,
        **changes,
    }


def of_version(rows: Sequence[Row], version: str) -> list[Row]:
    """The rows with the columns that a version added."""
    found = [dict(row) for row in rows]
    for newer, columns in _NEWER.items():
        if newer <= version:
            found = [{**columns, **row} for row in found]
    if version == "1.3":
        found = [{name: value for name, value in row.items() if name != "ProviderName"} for row in found]
    return found


def as_csv(rows: Sequence[Row], *, null: str = "", delimiter: str = ",", extra: str = "") -> bytes:
    """CSV text; `extra` is an off-spec column."""
    names = list(dict.fromkeys(name for row in rows for name in row)) + ([extra] if extra else [])
    sink = io.StringIO()
    writer = csv.writer(sink, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(names)
    for place, row in enumerate(rows):
        values = [place if name == extra else row.get(name) for name in names]
        writer.writerow([null if value is None else _text(value) for value in values])
    return sink.getvalue().encode()


def _text(value: Any) -> str:
    return json.dumps(value) if isinstance(value, Mapping) else str(value)


def as_parquet(rows: Sequence[Row], path: Path, *, number: str = "decimal") -> None:
    """Parquet as exporters write it: decimals or doubles, times with a zone, tags as a map."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns: dict[str, pa.Array] = {}
    for name in names:
        values = [row.get(name) for row in rows]
        if name.endswith(("Cost", "Quantity")):
            kind = pa.decimal128(38, 12) if number == "decimal" else pa.float64()
            held = [None if value is None else Decimal(value) for value in values]
            columns[name] = pa.array(
                held if number == "decimal" else [float(x) if x is not None else None for x in held], kind
            )
        elif name == "Tags":
            columns[name] = pa.array(
                [None if value is None else list(value.items()) for value in values], pa.map_(pa.string(), pa.string())
            )
        elif name.endswith(("Start", "End")):
            columns[name] = pa.array(values, pa.string()).cast(pa.timestamp("us", tz="UTC"))
        else:
            columns[name] = pa.array(values, pa.string())
    pq.write_table(pa.table(columns), path)


def packed(content: bytes) -> bytes:
    return gzip.compress(content)
