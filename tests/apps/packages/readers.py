"""A package with an agent that reads whatever its tools have, and says all of it; it takes the place of `triage`.

What it shall call comes as its input: the gate answers, and the answers are its end state.
"""

from __future__ import annotations

from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph

from opswarden.apps.packages import Registry
from opswarden.core.errors import BackendError, ToolFailed
from opswarden.policies.types import Gate
from opswarden.tools.spec import Args, Output, Result, Tool, ToolContext


class FailArgs(Args):
    how: str
    text: str


class Nothing(Result):
    pass


def fail(args: FailArgs, context: ToolContext) -> Output[Nothing]:
    """Fail with a text in the error, as careless code does."""
    errors: dict[str, type[Exception]] = {"tool": ToolFailed, "backend": BackendError, "bug": RuntimeError}
    raise errors[args.how](args.text)


class State(TypedDict, total=False):
    calls: list[tuple[str, dict[str, Any]]]
    answers: list[Any]


def build(gate: Gate) -> Any:
    def read(state: State) -> State:
        answers = []
        for place, (tool, args) in enumerate(state["calls"]):
            if tool == "raise":
                raise RuntimeError(f"cannot read {args}")
            result = gate.call(tool, args, call_id=f"read.{place}")
            answers.append([result.status, result.code, result.message, dict(result.scope), result.summary])
        return {"calls": [], "answers": answers}

    graph = StateGraph(State)
    graph.add_node("read", read)
    graph.add_edge(START, "read")
    graph.add_edge("read", END)
    return graph.compile()


def register(registry: Registry) -> None:
    registry.add_agent("triage", build)
    registry.add_tool(Tool("readers.fail", "read", "Fail.", FailArgs, Nothing, fail, "production"))
