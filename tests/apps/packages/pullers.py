"""A package that adds agents: one that looks and one that pulls, both through shells over the gate."""

from __future__ import annotations

from typing import Any, TypedDict

import levers
from langgraph.graph import END, START, StateGraph

from opswarden.agents.shells import langchain_tools
from opswarden.apps.packages import Registry
from opswarden.policies.types import Gate


class State(TypedDict, total=False):
    lever: str
    answer: str


def _agent(gate: Gate, tool: str) -> Any:
    tools = {item.name: item for item in langchain_tools(gate)}
    graph = StateGraph(State)
    graph.add_node("act", lambda state: {"answer": tools[tool].invoke({"lever": state["lever"]})})
    graph.add_edge(START, "act")
    graph.add_edge("act", END)
    return graph.compile()


def register(registry: Registry) -> None:
    levers.register(registry)
    # The built-in policies let the role `triage` read; another name would need a policy of its own.
    registry.add_agent("triage", lambda gate: _agent(gate, "levers__look"))
    registry.add_agent("puller", lambda gate: _agent(gate, "levers__pull"))
