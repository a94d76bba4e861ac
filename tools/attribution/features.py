"""Signs from the artifact of `features.health`: what is served that was not served before."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from .evidence import Evidence, Sign

_SERVED = 0.7
"""Who serves a feature that something else writes may be the messenger, and the other way round."""
_WRITTEN = 0.7
_AGED = 0.3
"""An old value is the writer's, whoever serves it."""


def read_features(table: pa.Table, evidence: Evidence) -> None:
    """Add a `feature` sign to who serves a feature that stands out, and to who writes it, where a label says so.

    Args:
        table: the artifact.
        evidence: receives the signs.
    """
    for row in table.to_pylist():
        if not row["entity"] or row["trouble"] is None:
            continue
        late = row["trouble"] in ("stale", "silent")
        name = f"{row['feature']} ({row['trouble']})"
        serving = _AGED if late and row["writer"] else (_SERVED if row["writer"] else 1.0)
        text = _text(row)
        evidence[row["entity"]].add(Sign("feature", name, row["score"], text, row["onset_us"], "features", serving))
        if row["writer"]:
            weight = 1.0 if late else _WRITTEN
            text = f"{text}, as served by {row['entity']}"
            sign = Sign("feature", name, row["score"], text, row["onset_us"], "features", weight, row["entity"])
            evidence[row["writer"]].add(sign)


def _text(row: dict[str, Any]) -> str:
    feature, trouble = row["feature"], row["trouble"]
    if trouble == "nulls":
        return f"{_share(row['null_rate_after'])} of {feature} are null, {_share(row['null_rate_before'])} before"
    if trouble == "constant":
        shares = f"{_share(row['top_share_after'])} of all values, {_share(row['top_share_before'])} before"
        return f"{feature} is {row['top_value']:.4g} in {shares}"
    if trouble == "stale":
        return f"{feature} is {row['age_after_s']:.4g} s old when it is served, {row['age_before_s']:.4g} s before"
    if trouble == "silent":
        return f"{feature} was served no more for the last {row['silent_s']:.4g} s"
    moved = f"{feature} went from {row['mean_before']:.4g} to {row['mean_after']:.4g} on average (PSI {row['psi']:.2g})"
    return f"{moved}, away from its training values" if trouble == "skew" else moved


def _share(value: float | None) -> str:
    return "an unknown share" if value is None else f"{value:.1%}"
