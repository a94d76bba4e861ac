"""Signs from the artifact of `models.health`: a version that scores otherwise, and scores that moved without one."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from .evidence import Evidence, Sign

_TOOK_OVER = 0.7
"""Versions that did not answer in the same minutes: something else may have changed at that moment."""
_BEFORE_US = 600_000_000
"""A version that answered for ten minutes before the drift set in is not what moved it."""
_OTHERWISE_EXPLAINED = 0.5
"""A common input explains it as well: other models moved without a new version, or features did."""
_NOISE = 3.0


def read_models(table: pa.Table, evidence: Evidence) -> None:
    """Add a `model` sign where the newest version scores otherwise than the older ones, else a `quality` symptom.

    Scores that moved without a new version follow from what the model was fed: a symptom of whoever serves it.
    """
    rows = [row for row in table.to_pylist() if row["entity"]]
    fed = any("feature" in found.signs for found in evidence.values())
    for row in rows:
        name = row["model"] or row["entity"]
        drift, since, onset = row["drift_score"] or 0.0, row["newest_since_us"], row["onset_us"]
        fits = _fits(row)
        others = any((other["drift_score"] or 0.0) >= _NOISE and not _fits(other) for other in rows if other is not row)
        if (row["gap_score"] or 0.0) >= _NOISE and (row["at_once"] or (fits and drift >= _NOISE)):
            beside = "in the same minutes" if row["at_once"] else "before it took over"
            text = (
                f"version {row['newest']} of {name} scores {row['gap']:+.2f} standard deviations from {row['older']} "
                f"{beside}"
            )
            weight = 1.0 if row["at_once"] else _TOOK_OVER * (_OTHERWISE_EXPLAINED if others or fed else 1.0)
            evidence[row["entity"]].add(Sign("model", "score", row["gap_score"], text, since, "models", weight))
        elif drift > 0 and row["mean_before"] is not None and row["mean_after"] is not None:
            text = (
                f"scores of {name} moved from {row['mean_before']:.4g} to {row['mean_after']:.4g} "
                f"(PSI {row['psi']:.2g}) without a new version"
            )
            evidence[row["entity"]].add(Sign("quality", "score", drift, text, onset, "models"))


def _fits(row: dict[str, Any]) -> bool:
    """Whether a new version began to answer about when the scores began to move."""
    since, onset = row["newest_since_us"], row["onset_us"]
    return since is not None and (onset is None or abs(since - onset) <= _BEFORE_US)
