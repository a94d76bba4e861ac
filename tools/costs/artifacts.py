"""The full rows behind the results of the cost tools; amounts are exact, as text."""

from __future__ import annotations

import pyarrow as pa

from .charged import Charges
from .decompose import Decomposition

MOST_ROWS = 100_000

OWNER_COLUMNS = pa.schema(
    [
        ("workload", pa.string()),
        ("team", pa.string()),
        ("model", pa.string()),
        ("country", pa.string()),
        ("how", pa.string()),
        ("rule", pa.string()),
        ("service", pa.string()),
        ("region", pa.string()),
        ("resource", pa.string()),
        ("sku", pa.string()),
        ("category", pa.string()),
        ("capacity", pa.string()),
        ("currency", pa.string()),
        ("billed", pa.string()),
        ("effective", pa.string()),
        ("listed", pa.string()),
        ("file", pa.string()),
        ("first_row", pa.int64()),
        ("rows", pa.int64()),
    ]
)
"""Columns of the artifact of `costs.describe`: a row per line and owner; amounts are exact, as text."""

MOVE_COLUMNS = pa.schema(
    [
        ("workload", pa.string()),
        ("team", pa.string()),
        ("model", pa.string()),
        ("country", pa.string()),
        ("service", pa.string()),
        ("account", pa.string()),
        ("before", pa.string()),
        ("after", pa.string()),
        ("parts", pa.map_(pa.string(), pa.string())),
        ("unit", pa.string()),
        ("quantity_before", pa.string()),
        ("quantity_after", pa.string()),
    ]
)
"""Columns of the artifact of `costs.decompose`: a row per workload, or service of an account."""


def owner_table(found: Charges) -> pa.Table:
    """The artifact of `costs.describe`."""
    rows = [
        {
            "workload": one.owner.workload,
            "team": one.owner.team,
            "model": one.owner.model,
            "country": one.owner.country,
            "how": one.owner.how,
            "rule": one.owner.rule,
            "service": one.line.service,
            "region": one.line.region,
            "resource": one.line.resource,
            "sku": one.line.sku,
            "category": one.line.category,
            "capacity": one.line.capacity,
            "currency": one.line.currency,
            "billed": f"{one.line.billed:f}",
            "effective": f"{one.line.effective:f}",
            "listed": None if one.line.listed is None else f"{one.line.listed:f}",
            "file": one.line.origin.file,
            "first_row": one.line.origin.first_row,
            "rows": one.line.origin.rows,
        }
        for one in found.ours[:MOST_ROWS]
    ]
    return pa.Table.from_pylist(rows, schema=OWNER_COLUMNS)


def move_table(found: Decomposition) -> pa.Table:
    """The artifact of `costs.decompose`."""
    rows = [
        {
            "workload": move.entity.workload,
            "team": move.entity.team,
            "model": move.entity.model,
            "country": move.entity.country,
            "service": move.entity.service,
            "account": move.entity.account,
            "before": f"{move.before:f}",
            "after": f"{move.after:f}",
            "parts": [(part, f"{amount:f}") for part, amount in move.parts.items()],
            "unit": move.unit,
            "quantity_before": f"{move.quantity_before:f}",
            "quantity_after": f"{move.quantity_after:f}",
        }
        for move in found.moves[:MOST_ROWS]
    ]
    return pa.Table.from_pylist(rows, schema=MOVE_COLUMNS)
