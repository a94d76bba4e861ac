"""Start a triage, or go on with one: the same function after a crash, an approval, or neither."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..tracing import without_outside_tracing
from .graph import build_graph
from .parts import TriageParts
from .types import TriageReport

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import BaseCheckpointSaver

OnNode = Callable[[str], None]
"""Told the name of every node as it ends."""


@dataclass(frozen=True)
class Waiting:
    """The run waits for people; it goes on once every approval has been answered."""

    run_id: str
    approval_ids: tuple[str, ...]


def run_triage(
    parts: TriageParts,
    checkpointer: BaseCheckpointSaver[Any],
    *,
    resume: bool = False,
    on_node: OnNode | None = None,
) -> TriageReport | Waiting:
    """Run until the report, or until a person has to answer.

    Args:
        parts: with a gate opened for the run to start or to go on with; the run id is the thread id.
        checkpointer: where the position is kept, written before every step.
        resume: go on where the run stopped; a run that has ended gives its report again.
        on_node: called as nodes end, in the thread of the caller.

    Raises:
        InputError: the incident cannot be read.
        LedgerError: an effect could not be recorded.
    """
    with without_outside_tracing():
        return _run(parts, checkpointer, resume=resume, on_node=on_node)


def _run(
    parts: TriageParts, checkpointer: BaseCheckpointSaver[Any], *, resume: bool, on_node: OnNode | None
) -> TriageReport | Waiting:
    from langgraph.types import Command  # noqa: PLC0415 - a second of imports that only a run needs

    run_id = parts.gate.run.id
    config: RunnableConfig = {"configurable": {"thread_id": run_id}, "recursion_limit": 60}
    app = build_graph(parts, checkpointer)
    graph_input: Any = {}
    if resume:
        before = app.get_state(config)
        if not before.next and "report" in before.values:
            return TriageReport.model_validate(before.values["report"])
        # Derived from what is pending, never from what a caller says: the gate reads the stored approvals itself.
        pending = {item.id: {"resumed": True} for item in before.interrupts}
        # Without any checkpoint the run was stopped before its first step: it starts.
        graph_input = Command(resume=pending) if pending else (None if before.next else {})
    for update in app.stream(graph_input, config, stream_mode="updates", durability="sync"):
        for name in update:
            if on_node is not None and not name.startswith("__"):
                on_node(name)
    after = app.get_state(config)
    if after.next:
        return Waiting(run_id, tuple(item.value["approval_id"] for item in after.interrupts))
    return TriageReport.model_validate(after.values["report"])
