"""Start a triage, go on with one after a crash or an approval, or ask about one that has ended."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast, overload

from ...core.errors import InputError, RedactionError
from ..tracing import without_outside_tracing
from .answering import new_question
from .graph import build_graph
from .parts import TriageParts
from .state import TriageState, evidence_of
from .types import Answer, TriageReport

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import BaseCheckpointSaver

_SIDE_BY_SIDE = 4
"""Calls of a survey at once: each may hold all series or all spans while it computes."""

OnNode = Callable[[str], None]
"""Told the name of every node as it ends."""


@dataclass(frozen=True)
class Waiting:
    """The run waits for people; it goes on once every approval has been answered."""

    run_id: str
    approval_ids: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    """What a person asks beside the words, which are the request of the gate's run.

    Args:
        entities: whose evidence they want to see.
        evidence: ids, such as `E3`.
        has_words: whether the request of the gate's run is a question; otherwise that is what the run began with.
    """

    entities: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    has_words: bool = False


Ended = TriageReport | Answer | Waiting


@overload
def run_triage(
    parts: TriageParts,
    checkpointer: BaseCheckpointSaver[Any],
    *,
    resume: Literal[False] = False,
    on_node: OnNode | None = None,
) -> TriageReport | Waiting: ...


@overload
def run_triage(
    parts: TriageParts, checkpointer: BaseCheckpointSaver[Any], *, resume: bool, on_node: OnNode | None = None
) -> Ended: ...


def run_triage(
    parts: TriageParts,
    checkpointer: BaseCheckpointSaver[Any],
    *,
    resume: bool = False,
    on_node: OnNode | None = None,
) -> Ended:
    """Run until the report, or until a person has to answer.

    Args:
        parts: with a gate opened for the run to start or to go on with; the run id is the thread id.
        checkpointer: where the position is kept, written before every step.
        resume: go on where the run stopped; a run that has ended gives its report again.
        on_node: called as nodes end, in the thread of the caller.

    Returns:
        The report; the answer, where the run was at a question when it stopped.

    Raises:
        InputError: the incident cannot be read.
        LedgerError: an effect could not be recorded.
    """
    with without_outside_tracing():
        app, run_id = build_graph(parts, checkpointer), parts.gate.run.id
        graph_input: Any = {}
        if resume:
            from langgraph.types import Command  # noqa: PLC0415 - a second of imports that only a run needs

            before = app.get_state(_config(run_id))
            if not before.next and "report" in before.values:
                return TriageReport.model_validate(before.values["report"])
            # Derived from what is pending, never from what a caller says: the gate reads the stored approvals itself.
            pending = {item.id: {"resumed": True} for item in before.interrupts}
            # Without any checkpoint the run was stopped before its first step: it starts.
            graph_input = Command(resume=pending) if pending else (None if before.next else {})
        return _drive(app, run_id, graph_input, on_node)


def ask_triage(
    parts: TriageParts,
    checkpointer: BaseCheckpointSaver[Any],
    question: Question,
    *,
    on_node: OnNode | None = None,
) -> Ended:
    """Answer a question about a triage that has ended, in the same run and with its evidence.

    Args:
        parts: with a gate opened for the run, its request the words of the question.
        checkpointer: that of the run.
        question: what is asked beside the words.
        on_node: as for `run_triage`.

    Raises:
        InputError: the run has not ended, or holds no such evidence or entity.
        RedactionError: the words could not be cleaned.
        LedgerError: as for `run_triage`.
    """
    with without_outside_tracing():
        app, run_id = build_graph(parts, checkpointer), parts.gate.run.id
        before = app.get_state(_config(run_id))
        if before.next or "report" not in before.values:
            raise InputError("the run has not ended yet", remedy=f"first `opswarden resume {run_id}`")
        state = cast("TriageState", before.values)
        _check(parts, state, question)
        words = parts.gate.run.request if question.has_words else ""
        if question.has_words and not words:
            raise RedactionError("the question could not be cleaned, so nothing is asked", remedy="say it otherwise")
        asked = new_question(parts, state, words, question.entities, question.evidence)
        return _drive(app, run_id, {"question": asked}, on_node)


def _check(parts: TriageParts, state: TriageState, question: Question) -> None:
    there = {item.id for item in evidence_of(state)}
    if missing := [name for name in question.evidence if name not in there]:
        raise InputError(f"there is no evidence {missing[0]!r} in this run", remedy=f"E1 to E{len(there)} are there")
    if unknown := [name for name in question.entities if name not in parts.known_names]:
        near = difflib.get_close_matches(unknown[0], parts.known_names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "write it as the report does"
        raise InputError("the incident has no entity of that name", remedy=hint)


def _config(run_id: str) -> RunnableConfig:
    return {"configurable": {"thread_id": run_id}, "recursion_limit": 80, "max_concurrency": _SIDE_BY_SIDE}


def _drive(app: Any, run_id: str, graph_input: Any, on_node: OnNode | None) -> Ended:
    config, told = _config(run_id), ""
    for update in app.stream(graph_input, config, stream_mode="updates", durability="sync"):
        for name in update:
            told = name if name in ("report", "answer") else told
            if on_node is not None and not name.startswith("__"):
                on_node(name)
    after = app.get_state(config)
    if after.next:
        return Waiting(run_id, tuple(item.value["approval_id"] for item in after.interrupts))
    if told == "answer":
        return Answer.model_validate(after.values["answer"])
    return TriageReport.model_validate(after.values["report"])
