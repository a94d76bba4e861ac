"""LangChain tools over the gate: whatever calls them, the gate decides, and nothing happens twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from operator import add
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.messages import AIMessage, AnyMessage, ToolCall, ToolMessage
from langchain_core.tools import BaseTool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Command, Send

from opswarden.agents.shells import langchain_tools
from opswarden.policies.gate import RunGate
from opswarden.tests.policies.worlds import ACT, CARD, MAIL, TOKEN, Line, World

ONCALL = frozenset({"oncall"})


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "world", stages=ACT)
    yield made
    made.database.close()


@pytest.fixture
def gate(world: World) -> RunGate:
    return world.open()


def shell(gate: RunGate, name: str) -> BaseTool:
    return next(tool for tool in langchain_tools(gate) if tool.name == name)


def asked(name: str, call_id: str, **args: Any) -> ToolCall:
    return ToolCall(type="tool_call", name=name, args=args, id=call_id)


class TestShell:
    def test_there_is_one_per_card_and_a_dot_becomes_two_underscores(self, gate: RunGate) -> None:
        names = [tool.name for tool in langchain_tools(gate)]
        assert names == [card.name.replace(".", "__") for card in gate.cards()]
        assert "logs__search" in names

    def test_a_role_without_leave_does_not_see_a_tool(self, world: World) -> None:
        assert "logs__search" not in [tool.name for tool in langchain_tools(world.open("run_2", role="gardener"))]

    def test_a_read_runs_through_the_gate_and_comes_back_as_json(self, world: World, gate: RunGate) -> None:
        answer = shell(gate, "logs__search").invoke(asked("logs__search", "c1", query="slow"))
        assert isinstance(answer, ToolMessage)
        found = json.loads(str(answer.content))
        assert set(found) == {"status", "scope", "summary", "message", "code"}
        assert (found["status"], found["code"]) == ("ok", "reads.triage")
        assert found["summary"]["lines"] == [{"text": "checkout is slow", "count": 3}]
        assert [entry.kind for entry in world.records()] == ["run.started", "call.decided", "call.outcome"]

    def test_what_comes_back_is_redacted(self, world: World, gate: RunGate) -> None:
        world.shop.lines = [Line(text=f"{MAIL} paid with {CARD}, token={TOKEN}", count=1)]
        answer = str(shell(gate, "logs__search").invoke({"query": "x"}))
        assert "<EMAIL_ADDRESS_1" in answer
        for value in (MAIL, CARD, TOKEN):
            assert value not in answer

    def test_arguments_are_the_gates_to_judge_and_are_not_coerced(self, world: World, gate: RunGate) -> None:
        for args in ({"query": 7}, {"query": "x", "limit": "10"}, {"query": "x", "more": 1}, {}):
            found = json.loads(shell(gate, "logs__search").invoke(args))
            assert (found["status"], found["code"]) == ("error", "bad-arguments"), args
        assert world.effects.all() == []

    def test_a_denied_tool_is_denied_whoever_invokes_it(self, tmp_path: Path) -> None:
        world = World(tmp_path / "quiet")
        found = json.loads(shell(world.open(), "rollouts__rollback").invoke({"service": "checkout"}))
        assert (found["status"], found["code"]) == ("denied", "stages.observe")
        assert "checkout" not in found["message"]
        assert world.effects.all() == []
        world.database.close()

    def test_the_same_direct_call_is_the_same_call(self, world: World, gate: RunGate) -> None:
        search = shell(gate, "logs__search")
        assert json.loads(search.invoke({"query": "a"})) == json.loads(search.invoke({"query": "a"}))
        search.invoke({"query": "b"})
        assert [effect[1] for effect in world.effects.of("logs.search")] == ["a", "b"]


class State(TypedDict):
    messages: Annotated[list[AnyMessage], add]


CALLS = [
    asked("rollouts__rollback", "w1", service="checkout"),
    asked("rollouts__rollback", "w2", service="search"),
    asked("logs__search", "r1", query="slow"),
]


def fanned_out(gate: RunGate) -> Any:
    """One task per call, as `langchain_tools` asks for."""
    graph = StateGraph(State)
    graph.add_node("tools", ToolNode(langchain_tools(gate)))
    graph.add_node("model", lambda _state: {"messages": [AIMessage("", tool_calls=CALLS)]})
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", lambda _state: [Send("tools", [call]) for call in CALLS], ["tools"])
    graph.add_edge("tools", END)
    return graph.compile(checkpointer=InMemorySaver())


def in_one_node(gate: RunGate) -> Any:
    """Every call in one node: an interrupt runs all of them again, and the gate makes that a look-up."""
    graph = StateGraph(State)
    graph.add_node("tools", ToolNode(langchain_tools(gate)))
    graph.add_edge(START, "tools")
    graph.add_edge("tools", END)
    return graph.compile(checkpointer=InMemorySaver())


READ = [["logs.search", "first"], ["logs.search", "slow"]]
CONFIG: Any = {"configurable": {"thread_id": "t"}}
OPENING = {"messages": [AIMessage("", tool_calls=CALLS)]}


def answer(world: World, call_id: str, verdict: Any) -> None:
    (waiting,) = [item for item in world.factory.approvals.records(state="pending") if item.call_id == call_id]
    world.factory.approvals.answer(waiting.id, verdict, approver="bob", roles=ONCALL)


def go_on(app: Any, value: Any = True) -> list[str]:
    """Resume everything that waits; the ids of the calls that still do."""
    pending = {item.id: value for item in app.get_state(CONFIG).interrupts}
    app.invoke(Command(resume=pending), CONFIG)
    return sorted(item.value["call_id"] for item in app.get_state(CONFIG).interrupts)


class TestGraph:
    @pytest.fixture
    def gate(self, gate: RunGate) -> RunGate:
        """A run that has read outside text already, so that no approval is void because a later read tainted it."""
        gate.call("logs.search", {"query": "first"}, call_id="r0")
        return gate

    def test_fanned_out_every_question_is_asked_at_once(self, world: World, gate: RunGate) -> None:
        app = fanned_out(gate)
        app.invoke({"messages": []}, CONFIG)
        waiting = [item.value for item in app.get_state(CONFIG).interrupts]
        assert sorted(item["call_id"] for item in waiting) == ["w1", "w2"]
        assert {item["tool"] for item in waiting} == {"rollouts.rollback"}
        assert world.effects.all() == READ

        assert go_on(app) == ["w1", "w2"]
        answer(world, "w1", "approve")
        assert go_on(app, {"approved": True, "approver": "mallory"}) == ["w2"]
        answer(world, "w2", "deny")
        assert go_on(app) == []
        assert world.effects.all() == [*READ, ["rollouts.rollback", "checkout", 1, None]]
        told = {
            message.tool_call_id: json.loads(str(message.content))["code"]
            for message in app.get_state(CONFIG).values["messages"]
            if isinstance(message, ToolMessage)
        }
        assert told == {"w1": "writes.approved", "w2": "approval-denied", "r1": "reads.triage"}

    def test_in_one_node_nothing_runs_twice_either(self, world: World, gate: RunGate) -> None:
        app = in_one_node(gate)
        app.invoke(OPENING, CONFIG)
        for call_id in ("w1", "w2"):
            answer(world, call_id, "approve")
        for _ in range(4):
            if not app.get_state(CONFIG).next:
                break
            go_on(app)
        assert app.get_state(CONFIG).next == ()
        # On a busy machine the read that stands beside the writes comes after their questions.
        assert sorted(world.effects.all(), key=str) == [
            *READ,
            ["rollouts.rollback", "checkout", 1, None],
            ["rollouts.rollback", "search", 1, None],
        ]

    def test_the_kill_switch_holds_in_a_graph_too(self, world: World, gate: RunGate) -> None:
        app = fanned_out(gate)
        app.invoke({"messages": []}, CONFIG)
        for call_id in ("w1", "w2"):
            answer(world, call_id, "approve")
        world.factory.switch.set(True, by="person:bob", reason="a drill")
        assert go_on(app) == []
        assert world.effects.all() == READ
