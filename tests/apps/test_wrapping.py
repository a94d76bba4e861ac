"""A real LangChain tool and a small LangGraph graph behind the gate."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from langchain_core.tools import StructuredTool, ToolException, tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command

from opswarden.apps.wrapping import gated, gated_graph
from opswarden.core.errors import ConfigError
from opswarden.tests.apps.conftest import Cli, OpenHouse
from opswarden.tests.doubles.openai_server import Calls, Step, Text

MAIL = "mia.planted@example.com"
RULES = """
@id("billing.reads") @reason("billing may look up invoices")
permit (principal in Ops::Role::"billing", action == Ops::Action::"invoices.find", resource);
@id("billing.prompts") @reason("billing may ask models")
permit (principal in Ops::Role::"billing", action == Ops::Action::"model.prompt", resource);
"""

effects: list[str] = []


@tool
def find(customer: str, limit: int = 5) -> dict[str, Any]:
    """Find invoices of a customer."""
    effects.append(f"found {customer} {limit}")
    return {"owner": MAIL, "open": 2}


@tool
def cancel(invoice: str) -> str:
    """Cancel an invoice."""
    effects.append(f"cancelled {invoice}")
    return "done"


FIND = gated(find, name="invoices.find", effect="read", environment="shop", trust="kept")
CANCEL = gated(cancel, name="invoices.cancel", effect="write", environment="shop")


@pytest.fixture(autouse=True)
def _no_effects() -> None:
    effects.clear()


@pytest.fixture
def rules(home: Path) -> Path:
    (home / "rules").mkdir()
    (home / "rules" / "billing.cedar").write_text(RULES)
    return home / "rules"


def example() -> Any:
    """The graph in the documentation."""
    path = Path(__file__).parents[2] / "docs" / "examples" / "wrapped_graph.py"
    spec = importlib.util.spec_from_file_location("wrapped_graph_example", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.usefixtures("_litellm_is_loaded")
def test_a_graph_meets_the_gate_with_its_model_and_its_tools(open_house: OpenHouse, rules: Path, cli: Cli) -> None:
    def answer(body: Mapping[str, Any]) -> Step:
        if body["messages"][-1]["role"] == "tool":
            return Text("two are open")
        return Calls([("invoices__find", json.dumps({"customer": "c-7"}))])

    house = open_house(answer)
    assert example().answer(f"what of {MAIL}?", rules) == "two are open"
    sent = b"".join(request.raw for request in house.captured).decode()
    assert MAIL not in sent
    assert "mia@example.com" not in sent
    assert "c-7" in sent
    tail = json.loads(cli("audit", "tail", "--format", "json").out)
    kinds = [entry["kind"] for entry in tail]
    assert kinds.count("prompt.outcome") == 2
    assert kinds.count("call.outcome") == 1
    assert "run.ended" in kinds


def _acts(_model: Any, tools: list[Any]) -> Any:
    """A graph without a model that asks for one write."""
    (act,) = [each for each in tools if each.name == "invoices__cancel"]
    call = {"name": act.name, "args": {"invoice": "i-1"}, "id": "c1", "type": "tool_call"}
    graph = StateGraph(dict)
    graph.add_node("act", lambda _state: {"answer": act.invoke(call).content})
    graph.add_edge(START, "act")
    graph.add_edge("act", END)
    return graph.compile(checkpointer=SAVER)


SAVER = InMemorySaver()


def test_a_write_waits_for_a_person_and_the_run_goes_on(home: Path, rules: Path, cli: Cli) -> None:
    (home / "opswarden.toml").write_text(
        '[people.bo]\nroles = ["oncall"]\n[people.ana]\nroles = ["oncall"]\n'
        '[gate]\nstages = { platform = { shop = { "invoices.cancel" = "act" } } }\n'
    )
    with gated_graph(_acts, tools=[FIND, CANCEL], role="billing", policies=[rules]) as graph:
        run_id, state = graph.invoke({}, environment="shop")
        (waiting,) = state["__interrupt__"]
        assert effects == []
        assert cli("approvals", "approve", waiting.value["approval_id"]).code == 0
        again, state = graph.invoke(Command(resume=True), run_id=run_id, environment="shop")
    assert again == run_id
    assert json.loads(state["answer"])["status"] == "ok"
    assert effects == ["cancelled i-1"]


def test_what_no_policy_permits_does_not_run(home: Path, rules: Path) -> None:
    with gated_graph(_acts, tools=[FIND, CANCEL], role="billing", policies=[rules]) as graph:
        _, state = graph.invoke({}, environment="elsewhere")
    assert json.loads(state["answer"])["code"] == "environments.foreign"
    assert effects == []


def test_arguments_results_and_failures_of_a_wrapped_tool(home: Path, rules: Path) -> None:
    def breaks(customer: str) -> str:
        raise ToolException(f"no such customer: {customer} {MAIL}")

    async def waits(customer: str) -> str:
        return f"waited for {customer}"

    waiting = StructuredTool.from_function(coroutine=waits, name="waits", description="Waits.")
    later = gated(waiting, name="invoices.find", effect="read", environment="shop")
    found = later.run(later.args.model_validate_json('{"customer": "c"}'), None)  # type: ignore[arg-type]  # unused
    assert found.summary is not None
    assert found.summary.text == "waited for c"
    broken = StructuredTool.from_function(breaks, description="Breaks.")
    failing = gated(broken, name="invoices.break", effect="read", environment="shop")
    answers: dict[str, Any] = {}

    def looks(_model: Any, tools: list[Any]) -> Any:
        by_name = {each.name: each for each in tools}
        answers["offered"] = sorted(by_name)
        for place, args in enumerate(({"customer": "c"}, {"customer": 7}, {"customer": "c", "limit": "5"}, {"x": 1})):
            call = {"name": "invoices__find", "args": args, "id": f"c{place}", "type": "tool_call"}
            answers[f"find{place}"] = json.loads(by_name["invoices__find"].invoke(call).content)
        graph = StateGraph(dict)
        graph.add_node("none", lambda _state: {})
        graph.add_edge(START, "none")
        return graph.compile()

    with gated_graph(looks, tools=[FIND, failing], role="billing", policies=[rules]) as graph:
        graph.invoke({})
    assert answers["offered"] == ["invoices__find"]
    assert answers["find0"]["status"] == "ok"
    assert MAIL not in json.dumps(answers)
    assert [answers[f"find{place}"]["code"] for place in (1, 2, 3)] == ["bad-arguments"] * 3
    assert effects == ["found c 5"]


def test_mistakes_are_named() -> None:
    with pytest.raises(ConfigError, match="cannot be called"):
        gated(find, name="find", effect="read", environment="shop")
    with pytest.raises(ConfigError, match="no argument"):
        gated(find, name="a.b", effect="read", environment="shop", restores={"who": ["EMAIL_ADDRESS"]})
    untyped = StructuredTool(name="x", description="x", args_schema={"type": "object"}, func=lambda: "")
    with pytest.raises(ConfigError, match="no typed arguments"):
        gated(untyped, name="a.b", effect="read", environment="shop")
