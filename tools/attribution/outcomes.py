"""Signs from the artifact of `outcomes.segments`: whose payments are approved less, and by whom they are declined."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pyarrow as pa

from .evidence import Evidence, Sign

_PARTIES = ("issuer", "provider")
"""Conditions whose value takes part in a payment, and so is an entity even if nothing else is measured of it."""
_FOR_THE_BETTER = 0.3
_SHARED = 0.7
"""Of several parties to a segment one is enough to be at fault."""


def read_segments(table: pa.Table, entities: Collection[str], evidence: Evidence) -> None:
    """Add a `segment` sign to the parties of the segments that explain the change.

    A segment without a party (a country, everything) says where payments are lost and not who loses them: that is a
    symptom of whoever recorded them.

    Args:
        table: the artifact.
        entities: the names of all entities.
        evidence: receives the signs.
    """
    known = set(entities)
    for row in table.to_pylist():
        if not row["reported"] or row["score"] is None:
            continue
        conditions = dict(row["conditions"] or ())
        parties = [value for name, value in conditions.items() if name in _PARTIES or value in known]
        text, weight = _text(row), 1.0 if row["direction"] == "fell" or row["measure"] == "burst" else _FOR_THE_BETTER
        if not parties:
            if row["entity"]:
                sign = Sign("quality", _indicator(row), row["score"], text, row["onset_us"], "outcomes", weight)
                evidence[row["entity"]].add(sign)
            continue
        share = 1.0 if len(parties) == 1 else _SHARED
        for party in parties:
            sign = Sign("segment", _indicator(row), row["score"], text, row["onset_us"], "outcomes", weight * share)
            evidence[party].add(sign)


def _indicator(row: dict[str, Any]) -> str:
    return {"burst": "attempts", "chargeback": "chargeback_rate"}.get(row["measure"], "approval_rate")


def _text(row: dict[str, Any]) -> str:
    if row["measure"] == "burst":
        return f"a burst of small declined attempts at {row['segment']}: cards are being tested"
    what = "approvals" if row["measure"] == "approval" else "payments without a chargeback"
    moved = f"{what} at {row['segment']} {row['direction']} from {row['rate_before']:.1%} to {row['rate_after']:.1%}"
    lost = f", {row['payments_lost']:.0f} payments lost" if row["direction"] == "fell" else ""
    declines = f", mostly {row['codes']}" if row["codes"] else ""
    return f"{moved}{lost}{declines}"
