"""The triage graph: intake → scope → survey → rank → inspect → (reason ⇄ ask the tools, twice) → report.

Nodes only decide what to ask next; every effect happens inside `gate.call`, `gate.prompt` and `gate.tell`, which make
a repeated call a look-up. So a node may run twice after a crash, and nothing else happens twice. Calls that may wait
for a person are fanned out one per task (`Send`): an interrupt in one of them does not run its siblings again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send, interrupt

from ...core.errors import BackendError, CallDenied, NotDelivered, RedactionError
from ...policies.types import CallResult, Notice
from . import answering, following, pages, proposing, reason
from .context import CAUSE_CALL, RUNBOOK_CALL, context_calls
from .hypotheses import leading
from .parts import TriageParts
from .phases import DIAGNOSE, SECOND_LOOK
from .plan import (
    ONSET,
    PlannedCall,
    closer_calls,
    exemplar_call,
    exemplar_trace_call,
    inspect_calls,
    onset_call,
    rank_calls,
    scope_calls,
    survey_calls,
)
from .reliability import how_often_right
from .report import build_report, hypotheses_of
from .state import CallState, TriageState, as_result, incident_of, join, summary_of
from .statistics import ranking_of, stands_out, verdict_of
from .types import Incident

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver
    from langgraph.graph.state import CompiledStateGraph

NODES = (
    "intake", "scope", "survey", "rank", "inspect", "brief", "closer", "reason", "follow_up", "join", "settle",
    "report", "question", "answer",
)  # fmt: skip


class _Nodes:
    """The nodes of one graph, over one set of parts."""

    def __init__(self, parts: TriageParts) -> None:
        self._parts = parts
        self._began = parts.clock.monotonic()

    def _run(self, call: PlannedCall) -> dict[str, dict[str, Any]]:
        try:
            result = self._parts.gate.call(call.tool, call.args, call_id=call.call_id)
        except RedactionError as error:
            # The result could not be proven clean, so nobody sees it; the triage goes on and says so.
            result = CallResult(call.call_id, call.tool, "error", "withheld", message=f"withheld: {error.message}")
        return {call.call_id: as_result(call, result)}

    def intake(self, _state: TriageState) -> dict[str, Any]:
        """Learn what the incident is."""
        results = self._run(PlannedCall("intake", "incidents.describe", {}))
        result = results["intake"]
        if result["status"] == "denied":
            raise CallDenied(
                f"the incident may not be read: {result['message'] or result['code']}",
                code=result["code"],
                remedy="see `opswarden policy explain incidents.describe`",
            )
        if result["status"] not in ("ok", "truncated"):
            raise BackendError(
                f"the incident could not be read: {result['status']} ({result['message'] or result['code']})",
                remedy="see `opswarden audit tail`",
            )
        incident = _incident(result["summary"], result["message"])
        return {"results": results, "order": ["intake"], "incident": incident.model_dump()}

    def scope(self, state: TriageState) -> dict[str, Any]:
        """Find what is in reach."""
        incident = incident_of(state)
        onset = onset_call(incident)
        calls = [*scope_calls(incident), *([onset] if onset else [])]
        results: dict[str, dict[str, Any]] = {}
        for call in calls:
            results |= self._run(call)
        incident = _begun(incident, results.get(ONSET, {}).get("summary"))
        survey = survey_calls(incident)
        return {
            "results": results,
            "order": join(state, [call.call_id for call in (*calls, *survey)]),
            "survey": [call.as_state() for call in survey],
            "incident": incident.model_dump(),
        }

    def survey(self, state: CallState) -> dict[str, Any]:
        """One of the survey's calls; they run side by side."""
        return {"results": self._run(_call(state["call"]))}

    def rank(self, state: TriageState) -> dict[str, Any]:
        """Order the suspects."""
        artifacts = {call_id: result["artifact_id"] for call_id, result in state["results"].items()}
        calls = rank_calls(incident_of(state), artifacts)
        results: dict[str, dict[str, Any]] = {}
        for call in calls:
            results |= self._run(call)
        return {
            "results": results,
            "order": join(state, [call.call_id for call in calls]),
            "reliability": how_often_right(self._parts, {**state, "results": {**state["results"], **results}}),
        }

    def inspect(self, state: TriageState) -> dict[str, Any]:
        """Look at the leading suspects over time, for runbooks, and at what surrounds them."""
        incident, candidates = incident_of(state), summary_of(state, "rank").get("candidates", [])
        artifacts = {call_id: result["artifact_id"] for call_id, result in state["results"].items()}
        summaries = {call_id: result["summary"] for call_id, result in state["results"].items()}
        signs = summary_of(state, "rank").get("leading_signs", []) if verdict_of(state) == "cause_found" else None
        surroundings = context_calls(incident, candidates, artifacts, summaries, signs)
        calls = [*inspect_calls(incident, candidates), *surroundings]
        results: dict[str, dict[str, Any]] = {}
        for call in calls:
            results |= self._run(call)
        results |= self._follow(incident, results)
        offered = frozenset(card.name for card in self._parts.gate.cards())
        history = proposing.history_call(candidates, summaries.get("scope.changes"), offered)
        results |= self._run(history) if history else {}
        results |= self._exemplified(incident, candidates, offered)
        order = join(state, list(results))
        return {"results": results, "order": order, "wall_s": self._elapsed()}

    def _exemplified(
        self, incident: Incident, candidates: list[dict[str, Any]], offered: frozenset[str]
    ) -> dict[str, dict[str, Any]]:
        """From the leading suspect's metric to the trace of a request that it was bad for."""
        call = exemplar_call(incident, candidates, offered)
        results = self._run(call) if call else {}
        trace = exemplar_trace_call(incident, results[call.call_id]["summary"]) if call else None
        return results | (self._run(trace) if trace else {})

    def _follow(self, incident: Incident, results: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
        """The reads of the runbook that fits, where it has steps that can be taken."""
        found = [results.get(call_id, {}).get("summary") for call_id in (RUNBOOK_CALL, CAUSE_CALL)]
        ordered = pages.in_order([summary for summary in found if isinstance(summary, dict)])
        plan = following.plan_call(incident, ordered[0]) if ordered else None
        if plan is None:
            return {}
        taken: dict[str, Any] = self._run(plan)
        steps = taken[plan.call_id]["summary"]
        if isinstance(steps, dict):
            reading = frozenset(card.name for card in self._parts.gate.cards() if card.effect == "read")
            taken |= following.take_steps(steps, reading, self._run)
        return taken

    def brief(self, state: TriageState) -> dict[str, Any]:
        """Deliver what statistics say, before any model is waited for."""
        report = build_report(self._parts, state, with_model=False).model_dump(mode="json")
        self._parts.gate.tell(self._parts.audience, Notice("triage.statistics", report), call_id="tell.statistics")
        return {"statistics": {"verdict": report["verdict"], "summary": report["summary"]}}

    def closer(self, state: TriageState) -> dict[str, Any]:
        """Look up what a model is shown besides, where anything stands out."""
        found = summary_of(state, "rank")
        suspects = [cause.entity for cause in ranking_of(state)] if stands_out(found) else []
        calls = closer_calls(incident_of(state), suspects)
        results: dict[str, dict[str, Any]] = {}
        for call in calls:
            results |= self._run(call)
        return {"results": results, "order": join(state, [call.call_id for call in calls]), "phase": DIAGNOSE}

    def reason(self, state: TriageState) -> dict[str, Any]:
        """One turn of the model."""
        return {**reason.ask(self._parts, state), "wall_s": self._elapsed()}

    def follow_up(self, state: CallState) -> dict[str, Any]:
        """One call the model asked for; it may wait for a person here."""
        call = _call(state["call"])
        results = self._run(call)
        while approval_id := results[call.call_id]["approval_id"]:
            # What is resumed with is not trusted: the gate reads the stored approval itself. Resumed before anybody
            # has answered, the call waits again.
            interrupt({"approval_id": approval_id, "tool": call.tool, "call_id": call.call_id})
            results = self._run(call)
        return {"results": results}

    def join(self, state: TriageState) -> dict[str, Any]:
        """Number the new evidence and hand it to the model."""
        calls = reason.planned(state)
        order = join(state, [call.call_id for call in calls])
        messages = reason.answers(self._parts, {**state, "order": order})
        return {"order": order, "messages": messages, "requests": [], **reason.wrap_up(self._parts, state)}

    def settle(self, state: TriageState) -> dict[str, Any]:
        """Put a phase's outcome in its place; a diagnosis may be followed by a second look, in a fresh conversation."""
        phase, outcome = state.get("phase"), state.get("outcome")
        if phase == SECOND_LOOK:
            return {"refutation": outcome, "second_note": state.get("ended", "")}
        if phase != DIAGNOSE or outcome is None:
            return {}
        update = {"diagnosis": outcome}
        leader = leading(hypotheses_of(self._parts, {**state, "diagnosis": outcome}))
        if leader is None or verdict_of(state) == "healthy":
            return update
        begun = {"phase": SECOND_LOOK, "turn": 0, "messages": [], "outcome": None, "over": False, "ended": ""}
        return {**update, **begun, "hypothesis": leader.model_dump(mode="json")}

    def report(self, state: TriageState) -> dict[str, Any]:
        """Check every claim, put the report together, and tell people."""
        report = build_report(self._parts, state, with_model=self._parts.chat is not None)
        cites = {item.id: item.seq for item in report.evidence}
        notice = Notice("triage.report", report.model_dump(mode="json"), cites)
        return {"report": self._tell(notice, "tell.report", "the report")}

    def question(self, state: TriageState) -> dict[str, Any]:
        """Begin a person's question: look up what it names."""
        calls = answering.calls_for(state)
        results: dict[str, dict[str, Any]] = {}
        for call in calls:
            results |= self._run(call)
        return {**answering.begin(state), "results": results, "order": join(state, [call.call_id for call in calls])}

    def answer(self, state: TriageState) -> dict[str, Any]:
        """Check the answer and tell it; the report stays as it was told."""
        answer = answering.build_answer(self._parts, state)
        cites = {item.id: item.seq for item in answer.evidence}
        call_id = f"tell.answer.{answer.number}"
        told = self._tell(Notice("triage.answer", answer.model_dump(mode="json"), cites), call_id, "the answer")
        talk = [*state.get("talk", []), answering.remembered(answer)]
        return {"answer": told, "talk": talk, "question": {**state["question"], "is_answered": True}}

    def _tell(self, notice: Notice, call_id: str, what: str) -> dict[str, Any]:
        told = self._parts.gate.tell(self._parts.audience, notice, call_id=call_id)
        while told.approval_id:
            interrupt({"approval_id": told.approval_id, "tool": "people.tell", "call_id": call_id})
            told = self._parts.gate.tell(self._parts.audience, notice, call_id=call_id)
        remedy = f"mend that; `opswarden resume {self._parts.gate.run.id}` then delivers it and does nothing else again"
        if told.status == "denied":
            raise CallDenied(f"{what} may not be told: {told.message}", code=told.code, remedy=remedy)
        if told.status == "failed":
            raise NotDelivered(f"{what} could not be delivered: {told.message}", remedy=remedy)
        return dict(told.body)

    def _elapsed(self) -> float:
        return self._parts.clock.monotonic() - self._began


def _call(plain: dict[str, Any]) -> PlannedCall:
    return PlannedCall(plain["call_id"], plain["tool"], plain["args"])


def _incident(found: dict[str, Any], cut: str) -> Incident:
    return Incident(
        title=found["title"],
        environment=found["environment"],
        start=found["start"],
        end=found["end"],
        baseline_start=found["baseline_start"],
        baseline_end=found["baseline_end"],
        alert_name=found["alert_name"],
        alert_entity=found["alert_entity"],
        alert_metric=found["alert_metric"],
        alert_severity=found["alert_severity"],
        alert_summary=found["alert_summary"],
        missing_tables=tuple(found["missing_tables"]),
        tables=tuple(sorted({*(found.get("rows") or ()), *(found.get("asked_tables") or ())})),
        is_live=bool(found.get("is_live")),
        notes=(*found["warnings"], *([f"incidents.describe: {cut}"] if cut else ())),
    )


def _begun(incident: Incident, found: object) -> Incident:
    """The incident with its beginning by the data, where they tell it."""
    if not isinstance(found, dict) or not found.get("began"):
        return incident
    return incident.model_copy(update={"began": found["start"], "quiet_until": found["baseline_end"]})


def _after_scope(state: TriageState) -> list[Send] | str:
    return [Send("survey", {"call": call}) for call in state["survey"]] or "rank"


def _after_reason(state: TriageState) -> list[Send] | str:
    if state.get("requests"):
        return [Send("follow_up", {"call": call.as_state()}) for call in reason.planned(state)]
    return "settle" if state.get("over") else "reason"


def _after_settle(state: TriageState) -> str:
    if not state.get("over"):
        return "reason"
    return "answer" if _is_asked(state) else "report"


def _is_asked(state: TriageState) -> bool:
    """Whether a person's question waits for its answer; then the triage itself has ended."""
    return bool(state.get("question")) and not state["question"].get("is_answered")


def _begin(state: TriageState) -> str:
    return "question" if _is_asked(state) else "intake"


def _after_question(state: TriageState) -> str:
    return "reason" if state["question"]["text"] else "answer"


def build_graph(
    parts: TriageParts, checkpointer: BaseCheckpointSaver[Any] | None = None
) -> CompiledStateGraph[TriageState, None, TriageState, TriageState]:
    """Compile the graph over its parts."""
    nodes = _Nodes(parts)
    graph: StateGraph[TriageState, None, TriageState, TriageState] = StateGraph(TriageState)
    for name in ("intake", "scope", "survey", "rank", "inspect", "report", "question", "answer"):
        graph.add_node(name, getattr(nodes, name))
    graph.add_conditional_edges(START, _begin, ["intake", "question"])
    graph.add_edge("intake", "scope")
    graph.add_conditional_edges("scope", _after_scope, ["survey", "rank"])
    graph.add_edge("survey", "rank")
    graph.add_edge("rank", "inspect")
    if parts.chat is None:
        graph.add_edge("inspect", "report")
        graph.add_edge("question", "answer")
    else:
        for name in ("brief", "closer", "reason", "follow_up", "join", "settle"):
            graph.add_node(name, getattr(nodes, name))
        graph.add_edge("inspect", "brief")
        graph.add_edge("brief", "closer")
        graph.add_edge("closer", "reason")
        graph.add_conditional_edges("reason", _after_reason, ["follow_up", "reason", "settle"])
        graph.add_conditional_edges("settle", _after_settle, ["reason", "report", "answer"])
        graph.add_conditional_edges("question", _after_question, ["reason", "answer"])
        graph.add_edge("follow_up", "join")
        graph.add_edge("join", "reason")
    graph.add_edge("report", END)
    graph.add_edge("answer", END)
    return graph.compile(checkpointer=checkpointer, name="triage")
