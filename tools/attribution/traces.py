"""Signs from the artifact of `traces.latency`: where time is spent, where errors begin, and what is called no more."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from .evidence import EntityEvidence, Evidence, Move, Sign

_DURATION = "latency of spans"
_MIN_SPANS = 3
_FIRM_SPANS = 20
"""The 95th percentile of fewer spans is about their largest: it counts by the share n / (n + 20)."""


def read_latency(table: pa.Table, evidence: Evidence) -> None:
    """Add signs for slower operations, for more time in an entity's own code, and for errors that begin there.

    A span covers the time of its children, so a slow callee makes every caller's span slow; own time does not.
    In the same way a failed callee fails its callers, but only a span without a failing child is where an error began.
    """
    for row in table.to_pylist():
        if not row["entity"]:
            continue
        found = evidence[row["entity"]]
        if row["calls_score"]:
            rate = f"{row['spans_after']} calls of {row['name']} in the window, {row['spans_before']} before"
            found.add(Sign("traffic", row["name"], abs(row["calls_score"]), rate, source="traces"))
        if (row["spans_after"] or 0) >= _MIN_SPANS:
            _add_time(found, row)
            _add_errors(found, row)


def _add_time(found: EntityEvidence, row: dict[str, Any]) -> None:
    found.measured.add(_DURATION)
    name, firm = row["name"], row["spans_after"] / (row["spans_after"] + _FIRM_SPANS)
    if row["self_score"] and row["self_score"] > 0:
        times = f"{_ms(row['self_p95_after_us'])} in its own code, {_ms(row['self_p95_before_us'])} before"
        text = f"operation {name}: {times} (p95)"
        found.add(Sign("self_time", name, row["self_score"] * firm, text, row["self_onset_us"], "traces"))
    if row["duration_score"] and row["duration_score"] > 0:
        text = f"operation {name} takes {_ms(row['p95_after_us'])}, {_ms(row['p95_before_us'])} before (p95)"
        found.add(Sign("latency", name, row["duration_score"] * firm, text, row["duration_onset_us"], "traces"))
        longer = (row["p95_after_us"] or 0.0) - (row["p95_before_us"] or 0.0)
        if longer > 0:
            found.add_move((_DURATION, ""), Move(longer, row["duration_score"] * firm))


def _add_errors(found: EntityEvidence, row: dict[str, Any]) -> None:
    if row["error_score"] and row["error_score"] > 0:
        rate = f"{row['error_rate_after']:.1%} of {row['name']} fail, {row['error_rate_before'] or 0:.1%} before"
        found.add(Sign("errors", row["name"], row["error_score"], rate, row["error_onset_us"], "traces"))
    if row["origin_score"] and row["origin_score"] > 0:
        begun = f"{row['origins_after']} errors of {row['name']} begin here, {row['origins_before']} before"
        found.add(Sign("error_origin", row["name"], row["origin_score"], begun, row["error_onset_us"], "traces"))


def _ms(value: float | None) -> str:
    return "an unknown time" if value is None else f"{value / 1000:.3g} ms"
