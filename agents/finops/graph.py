"""The graph of the cost agent: survey → plan → record → explain → report, or survey → explain → answer.

Nodes only decide what to ask next; every effect happens inside `gate.call`, `gate.prompt` and `gate.tell`, which make
a repeated call a look-up. So a node may run twice after a crash, and nothing else happens twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send, interrupt

from ...core.errors import BackendError, CallDenied, RedactionError
from ...policies.types import CallResult, Notice
from ..triage.plan import PlannedCall
from ..triage.state import as_result
from .calls import plan_call, question_calls, record_call, survey_calls
from .explaining import explain
from .parts import FinopsParts
from .reporting import build_answer, build_report
from .state import FinopsState, evidence_of

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph

REPORT, ANSWER = "finops.report", "finops.answer"


class CallState(TypedDict):
    """What one fanned-out call is given."""

    call: dict[str, Any]


class _Nodes:
    """The nodes of one graph, over one set of parts."""

    def __init__(self, parts: FinopsParts) -> None:
        self._parts = parts
        self._began = parts.clock.monotonic()

    def begin(self, _state: FinopsState) -> dict[str, Any]:
        """Fix what is asked, and with it the numbers of the evidence."""
        calls = survey_calls(self._parts) if self._parts.question is None else question_calls(self._parts)
        return {"calls": [call.as_state() for call in calls], "order": [call.call_id for call in calls]}

    def survey(self, state: CallState) -> dict[str, Any]:
        """One of the calls; they run side by side."""
        plain = state["call"]
        return {"results": self._run(PlannedCall(plain["call_id"], plain["tool"], plain["args"]))}

    def plan(self, state: FinopsState) -> dict[str, Any]:
        """Join what the analyses say."""
        return self._one(state, plan_call(self._parts, state))

    def record(self, state: FinopsState) -> dict[str, Any]:
        """Write the week into our own book, where that is wanted and allowed."""
        return self._one(state, record_call(state) if self._parts.records else None)

    def explain(self, state: FinopsState) -> dict[str, Any]:
        """The model's turn."""
        return explain(self._parts, state)

    def report(self, state: FinopsState) -> dict[str, Any]:
        """Check what the model says, put everything together, and tell people."""
        state = self._timed(state)
        built = build_report(self._parts, state) if self._parts.question is None else build_answer(self._parts, state)
        kind = REPORT if self._parts.question is None else ANSWER
        cites = {item.id: item.seq for item in evidence_of(state)}
        told = self._tell(Notice(kind, built.model_dump(mode="json"), cites))
        return {"report": told, "wall_s": state["wall_s"]}

    def _run(self, call: PlannedCall) -> dict[str, dict[str, Any]]:
        try:
            result = self._parts.gate.call(call.tool, call.args, call_id=call.call_id)
        except RedactionError as error:
            # The result could not be proven clean, so nobody sees it; the run goes on and says so.
            result = CallResult(call.call_id, call.tool, "error", "withheld", message=f"withheld: {error.message}")
        return {call.call_id: as_result(call, result)}

    def _one(self, state: FinopsState, call: PlannedCall | None) -> dict[str, Any]:
        if call is None:
            return {}
        order = list(state.get("order", []))
        return {"results": self._run(call), "order": [*order, call.call_id] if call.call_id not in order else order}

    def _timed(self, state: FinopsState) -> FinopsState:
        elapsed = state.get("wall_s") or self._parts.clock.monotonic() - self._began
        return {**state, "wall_s": elapsed}

    def _tell(self, notice: Notice) -> dict[str, Any]:
        gate, audience = self._parts.gate, self._parts.audience
        told = gate.tell(audience, notice, call_id="tell.report")
        while told.approval_id:
            interrupt({"approval_id": told.approval_id, "tool": "people.tell", "call_id": "tell.report"})
            told = gate.tell(audience, notice, call_id="tell.report")
        if told.status == "denied":
            raise CallDenied(f"the report may not be told: {told.message}", code=told.code)
        if told.status == "failed":
            raise BackendError(
                f"the report could not be delivered: {told.message}", remedy="mend that and run it again"
            )
        return dict(told.body)


def _surveyed(state: FinopsState) -> list[Send]:
    return [Send("survey", {"call": call}) for call in state["calls"]]


def build_graph(
    parts: FinopsParts, checkpointer: BaseCheckpointSaver[Any] | None = None
) -> CompiledStateGraph[FinopsState, None, FinopsState, FinopsState]:
    """Compile the graph over its parts."""
    nodes = _Nodes(parts)
    graph: StateGraph[FinopsState, None, FinopsState, FinopsState] = StateGraph(FinopsState)
    for name in ("begin", "survey", "report"):
        graph.add_node(name, getattr(nodes, name))
    graph.add_edge(START, "begin")
    graph.add_conditional_edges("begin", _surveyed, ["survey"])
    last = "survey"
    steps = ["plan", "record"] if parts.question is None else []
    for name in (*steps, *(["explain"] if parts.chat is not None else [])):
        graph.add_node(name, getattr(nodes, name))
        graph.add_edge(last, name)
        last = name
    graph.add_edge(last, "report")
    graph.add_edge("report", END)
    return graph.compile(checkpointer=checkpointer, name="finops")
