"""The state of the cost agent's graph: plain dictionaries, lists and texts, readable in any checkpoint."""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Annotated, Any, Required, TypedDict

from ..triage.numbered import numbered
from ..triage.types import Evidence


class FinopsState(TypedDict, total=False):
    """What the nodes hand on.

    `results` holds every call's outcome by call id; `order` fixes the numbers of the evidence. `wall_s` is kept because
    the report has to be the same, byte for byte, when its node runs again after a crash.
    """

    calls: Required[list[dict[str, Any]]]
    results: Annotated[dict[str, dict[str, Any]], operator.or_]
    order: list[str]
    draft: Required[dict[str, Any] | None]
    model: dict[str, Any]
    problems: Annotated[list[str], operator.add]
    wall_s: Required[float]
    report: dict[str, Any]


def evidence_of(state: FinopsState) -> tuple[Evidence, ...]:
    """Every joined result as numbered evidence."""
    return numbered(state.get("results", {}), state.get("order", []))


def id_of(state: FinopsState, call_id: str) -> str:
    """The number of a call's evidence; empty if it has none."""
    order = state.get("order", [])
    return f"E{order.index(call_id) + 1}" if call_id in order else ""


def summary_of(state: FinopsState, call_id: str) -> Mapping[str, Any]:
    """The summary of a call, empty if there is none."""
    summary = state.get("results", {}).get(call_id, {}).get("summary")
    return summary if isinstance(summary, Mapping) else {}


def artifact_of(state: FinopsState, call_id: str) -> str | None:
    """Where the full rows of a call are; `None` if there are none."""
    found = state.get("results", {}).get(call_id, {}).get("artifact_id")
    return str(found) if found else None
