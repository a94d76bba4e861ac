"""Start a weekly run or a question, or go on with one after a crash."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..tracing import without_outside_tracing
from ..triage.run import Waiting
from .graph import build_graph
from .parts import FinopsParts
from .types import CostAnswer, FinopsReport

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.base import BaseCheckpointSaver

OnNode = Callable[[str], None]
"""Told the name of every node as it ends."""


def run_finops(
    parts: FinopsParts,
    checkpointer: BaseCheckpointSaver[Any],
    *,
    resume: bool = False,
    on_node: OnNode | None = None,
) -> FinopsReport | CostAnswer | Waiting:
    """Run until the report or the answer, or until a person has to answer.

    Args:
        parts: with a gate opened for the run; its id is the thread's.
        checkpointer: where the position is kept, written before every step.
        resume: go on where the run stopped; a run that has ended gives its report again.
        on_node: called as nodes end, in the thread of the caller.

    Raises:
        BackendError: no analysis gave anything, or the report could not be delivered.
        CallDenied: the report may not be told.
    """
    shape = FinopsReport if parts.question is None else CostAnswer
    with without_outside_tracing():
        app, run_id = build_graph(parts, checkpointer), parts.gate.run.id
        config: RunnableConfig = {"configurable": {"thread_id": run_id}, "recursion_limit": 40}
        graph_input: Any = {}
        if resume:
            from langgraph.types import Command  # noqa: PLC0415 - a second of imports that only a run needs

            before = app.get_state(config)
            if not before.next and "report" in before.values:
                return shape.model_validate(before.values["report"])
            # Derived from what is pending, never from what a caller says: the gate reads the stored approvals itself.
            pending = {item.id: {"resumed": True} for item in before.interrupts}
            graph_input = Command(resume=pending) if pending else (None if before.next else {})
        for update in app.stream(graph_input, config, stream_mode="updates", durability="sync"):
            for name in update:
                if on_node is not None and not name.startswith("__"):
                    on_node(name)
        after = app.get_state(config)
        if after.next:
            return Waiting(run_id, tuple(item.value["approval_id"] for item in after.interrupts))
        return shape.model_validate(after.values["report"])
