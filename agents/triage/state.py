"""The state of a triage graph: plain dictionaries, lists and texts, so that a checkpoint can be read anywhere."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Required, TypedDict

from ...policies.types import CallResult
from .following import step_of
from .numbered import numbered
from .plan import PlannedCall
from .types import Evidence, Incident


class TriageState(TypedDict, total=False):
    """What the nodes hand on.

    `results` holds every call's outcome by call id and is merged as calls join; `order` fixes the evidence numbers:
    an id, once given, never changes, whatever is resumed or added. `wall_s` is kept here because the report has to be
    the same, byte for byte, when its node runs again after a crash: then it is the same message, and is sent once.
    `reliability` is kept for the same reason: incidents may be labelled while a run waits.

    `phase` is what a model is being asked; `messages`, `turn`, `requests`, `outcome`, `over` and `ended` (why it came
    to nothing) belong to that phase. `question` is what a person asks now, `talk` what was asked and answered before.
    """

    incident: Required[dict[str, Any]]
    survey: Required[list[dict[str, Any]]]
    results: Required[Annotated[dict[str, dict[str, Any]], operator.or_]]
    order: Required[list[str]]
    phase: str
    messages: list[dict[str, Any]]
    turn: int
    requests: list[dict[str, Any]]
    outcome: dict[str, Any] | None
    over: bool
    ended: str
    diagnosis: Required[dict[str, Any] | None]
    hypothesis: Required[dict[str, Any]]
    refutation: dict[str, Any] | None
    second_note: str
    question: Required[dict[str, Any]]
    talk: list[dict[str, Any]]
    answer: dict[str, Any]
    model: dict[str, Any]
    reliability: dict[str, Any] | None
    problems: Annotated[list[str], operator.add]
    statistics: dict[str, Any]
    wall_s: float
    report: dict[str, Any]


class CallState(TypedDict):
    """What one fanned-out call is given."""

    call: dict[str, Any]


def as_result(call: PlannedCall, result: CallResult) -> dict[str, Any]:
    """A call and its outcome in plain form."""
    return {
        "tool": call.tool,
        "args": dict(call.args),
        "status": result.status,
        "code": result.code,
        "scope": dict(result.scope),
        "summary": result.summary,
        "artifact_id": result.artifact_id,
        "seq": result.seq,
        "message": result.message,
        "approval_id": result.approval_id,
    }


def incident_of(state: TriageState) -> Incident:
    """The incident, typed."""
    return Incident.model_validate(state["incident"])


def evidence_of(state: TriageState) -> tuple[Evidence, ...]:
    """Every joined result as numbered evidence."""
    return numbered(state.get("results", {}), state.get("order", []), step_of)


def evidence_ids(state: TriageState) -> dict[str, str]:
    """Call id → evidence id."""
    return {call_id: f"E{place}" for place, call_id in enumerate(state.get("order", []), start=1)}


def join(state: TriageState, call_ids: Sequence[str]) -> list[str]:
    """The order with further calls at its end; those already in it keep their place."""
    order = list(state.get("order", []))
    return order + [call_id for call_id in call_ids if call_id not in order]


_PLANNED = ("intake", "scope.", "survey.", "rank", "inspect.")


def is_of_plan(call_id: str) -> bool:
    """Whether statistics made a call; what a model or a person asked for besides says nothing about the platform."""
    return call_id.startswith(_PLANNED)


def own_evidence(state: TriageState) -> tuple[Evidence, ...]:
    """The evidence that code asked for by itself; what a model asks for is cut as the model likes."""
    ours = {f"E{place}" for place, name in enumerate(state.get("order", []), 1) if is_ours(name)}
    return tuple(item for item in evidence_of(state) if item.id in ours)


def is_ours(call_id: str) -> bool:
    """Whether code planned a call: for statistics, for a model, or for a person's question."""
    return is_of_plan(call_id) or call_id.startswith("closer.") or (call_id.startswith("ask.") and ".known." in call_id)


def summary_of(state: TriageState, call_id: str) -> Mapping[str, Any]:
    """The summary of a call, empty if there is none."""
    summary = state.get("results", {}).get(call_id, {}).get("summary")
    return summary if isinstance(summary, Mapping) else {}
