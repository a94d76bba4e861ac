"""Made-up months of payments of which the same share comes back after the same time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from opswarden.tools.snapshots.schema import TABLES

UNTIL = datetime(2031, 6, 11, tzinfo=UTC)


def months(*, weeks: int = 20, back_after: int = 21, end: datetime = UNTIL, **back: Any) -> list[dict[str, Any]]:
    """A thousand payments a day, of which ten come back after three weeks."""
    rows = []
    for day in range(weeks * 7):
        at = end - timedelta(days=weeks * 7 - day)
        rows.append(outcome(at, "approved", 1_000))
        if day + back_after < weeks * 7:
            rows.append(outcome(at + timedelta(days=back_after), "chargeback", 10, at, **back))
    return rows


def outcome(at: datetime, kind: str, count: int, paid: datetime | None = None, **labels: str) -> dict[str, Any]:
    dated = {"paid_at": paid.isoformat()} if paid is not None else {}
    row = {"ts": at, "entity": "p", "country": "AA", "issuer": "b", "provider": "x", "outcome": kind, "count": count}
    named = {"scheme": "visa", **labels, **dated}
    return row | {"response_code": "00", "amount_minor": 5_000 * count, "currency": "USD", "labels": [*named.items()]}


def table(rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=TABLES["outcomes"])
