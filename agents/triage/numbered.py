"""Joined results as numbered evidence: every agent's, in plan order, whatever a resume adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .types import Evidence


def numbered(
    results: Mapping[str, Mapping[str, Any]], order: Sequence[str], step_of: Callable[[str], str] = lambda _call: ""
) -> tuple[Evidence, ...]:
    """Evidence `E1`, `E2`, … of calls.

    Args:
        results: by call id, as a graph keeps them.
        order: call ids, first to last.
        step_of: the step of a runbook that a call came from; empty if from none.
    """
    return tuple(
        Evidence(
            id=f"E{place}",
            tool=results[call_id]["tool"],
            scope=results[call_id]["scope"],
            status=results[call_id]["status"],
            summary=results[call_id]["summary"],
            seq=results[call_id]["seq"],
            artifact_id=results[call_id]["artifact_id"],
            message=results[call_id]["message"],
            step=step_of(call_id),
        )
        for place, call_id in enumerate(order, start=1)
    )
