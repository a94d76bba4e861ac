"""Signs from the artifacts of `kubernetes.workloads` and `kubernetes.nodes`: what the cluster says is in trouble."""

from __future__ import annotations

from typing import Literal

import pyarrow as pa

from ..windows import to_us
from .evidence import Evidence, Sign

_WOBBLES = {
    "image": 6.0,
    "configuration": 6.0,
    "out_of_memory": 6.0,
    "crashing": 6.0,
    "unschedulable": 6.0,
    "evicted": 6.0,
    "failed": 6.0,
    "not_ready": 6.0,
    "pressure": 4.0,
    "stuck": 4.0,
    "unready": 4.0,
}
"""How much a state says. It is not measured against a quiet time, so these are set, and not fitted to any data: what a
sound workload never is counts twice what stands out, what it may be for a while a little more. Others say nothing.
"""


def read_states(
    table: pa.Table, since_us: int | None, evidence: Evidence, source: Literal["workloads", "nodes"] = "workloads"
) -> None:
    """Add a `state` sign to what is in trouble.

    Args:
        table: the artifact.
        since_us: where the quiet time begins; what was in trouble before it is not what happened.
        evidence: receives the signs.
        source: which of the two it is.
    """
    for row in table.to_pylist():
        score = _WOBBLES.get(row["trouble"] or "")
        if not row["entity"] or score is None:
            continue
        onset_us = to_us(row["since"]) if row["since"] is not None else None
        if onset_us is not None and since_us is not None and onset_us < since_us:
            continue
        name = row["trouble"].replace("_", " ")
        evidence[row["entity"]].add(Sign("state", name, score, row["text"], onset_us, source))
