"""The graph of the daily check: every check side by side, then one report.

Every effect happens inside `gate.call` and `gate.tell`, which make a repeated call a look-up; so a day that is done
again after a crash asks and tells nothing twice.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send
from pydantic import ValidationError

from ...core.errors import BackendError, CallDenied, OpswardenError
from ...policies.types import CallResult, Notice
from .findings import seen_in
from .parts import PlatformParts
from .types import CheckOutcome, DailyReport, PlatformCheck, PlatformFault

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

REPORT = "platform.daily"
_AT_ONCE = 4


class PlatformState(TypedDict, total=False):
    """`results` holds the outcome and the faults of every check by its name; plain, so that any checkpoint reads it."""

    results: Annotated[dict[str, dict[str, Any]], operator.or_]
    report: dict[str, Any]


class CheckAsked(TypedDict):
    """What one fanned-out check is given."""

    check: dict[str, Any]


class _Nodes:
    """The nodes of one graph, over one set of parts."""

    def __init__(self, parts: PlatformParts) -> None:
        self._parts = parts

    def asked(self, _state: PlatformState) -> list[Send] | str:
        """Every check, to be made side by side."""
        return [Send("look", {"check": each.model_dump()}) for each in self._parts.checks] or "report"

    def look(self, state: CheckAsked) -> dict[str, Any]:
        """One check; whatever breaks in it is said of it alone."""
        check = PlatformCheck.model_validate(state["check"])
        outcome, faults = self._looked(check)
        plain = {"outcome": outcome.model_dump(), "faults": [each.model_dump() for each in faults]}
        return {"results": {check.name: plain}}

    def report(self, state: PlatformState) -> dict[str, Any]:
        """Join what the checks say, and tell it where it is to be told."""
        parts, results = self._parts, state.get("results", {})
        found = [results[each.name] for each in parts.checks]
        faults = [PlatformFault.model_validate(each) for one in found for each in one["faults"]]
        report = DailyReport(
            run_id=parts.gate.run.id,
            at=parts.at,
            faults=tuple(sorted(faults, key=lambda each: -1.0 if each.share is None else -1.0 - each.share)),
            checks=tuple(CheckOutcome.model_validate(one["outcome"]) for one in found),
            not_covered=parts.not_covered,
        )
        plain = report.model_dump(mode="json")
        return {"report": self._told(report, plain) if parts.is_told(report) else plain}

    def _looked(self, check: PlatformCheck) -> tuple[CheckOutcome, tuple[PlatformFault, ...]]:
        if check.problem:
            return _unknown(check, check.problem), ()
        gate = self._parts.gates[check.place]
        try:
            result = gate.call(check.tool, check.args, call_id=check.name)
        except OpswardenError as error:
            return _unknown(check, error.message), ()
        if not isinstance(result.summary, Mapping) or result.status not in ("ok", "truncated"):
            return _unknown(check, _why(result), gate.run.id, result.seq), ()
        try:
            seen = seen_in(check, result.summary)
        except ValidationError:
            return _unknown(check, "its result lost its form on its way through redaction", gate.run.id, result.seq), ()
        unseen = seen.unknown or (_why(result) if result.status == "truncated" else "")
        outcome = CheckOutcome(
            name=check.name,
            kind=check.kind,
            subject=check.subject,
            state="wrong" if seen.faults else "unknown" if unseen else "well",
            looked_at=seen.looked_at,
            why=unseen,
            run_id=gate.run.id,
            seq=result.seq,
        )
        return outcome, seen.faults

    def _told(self, report: DailyReport, plain: dict[str, Any]) -> dict[str, Any]:
        cites = {each.name: each.seq for each in report.checks if each.seq >= 0}
        told = self._parts.gate.tell(self._parts.audience, Notice(REPORT, plain, cites), call_id="tell.report")
        if told.status == "failed":
            raise BackendError(
                f"the report could not be delivered: {told.message}", remedy="mend that and run it again"
            )
        if told.status != "sent":
            raise CallDenied(f"the report may not be told: {told.message}", code=told.code)
        return dict(told.body)


def build_graph(
    parts: PlatformParts,
) -> CompiledStateGraph[PlatformState, None, PlatformState, PlatformState]:
    """Compile the graph over its parts."""
    nodes = _Nodes(parts)
    graph: StateGraph[PlatformState, None, PlatformState, PlatformState] = StateGraph(PlatformState)
    for name in ("look", "report"):
        graph.add_node(name, getattr(nodes, name))
    graph.add_conditional_edges(START, nodes.asked, ["look", "report"])
    graph.add_edge("look", "report")
    graph.add_edge("report", END)
    return graph.compile(name="platform")


def run_daily(parts: PlatformParts) -> DailyReport:
    """Make every check of a day, and report.

    Raises:
        BackendError: the report could not be delivered.
        CallDenied: it may not be told.
    """
    from ..tracing import without_outside_tracing  # noqa: PLC0415 - beside the one run that needs it

    with without_outside_tracing():
        # Four at once: a check reads files or waits for a system, and they share the memory of one machine.
        end = build_graph(parts).invoke(
            {}, {"max_concurrency": _AT_ONCE, "configurable": {"thread_id": parts.gate.run.id}}
        )
    return DailyReport.model_validate(end["report"])


def _unknown(check: PlatformCheck, why: str, run_id: str = "", seq: int = -1) -> CheckOutcome:
    return CheckOutcome(
        name=check.name, kind=check.kind, subject=check.subject, state="unknown", why=why, run_id=run_id, seq=seq
    )


def _why(result: CallResult) -> str:
    return result.message or {"no_data": "there is no data", "truncated": "only a part was read"}.get(
        result.status, f"it ended with {result.status}"
    )
