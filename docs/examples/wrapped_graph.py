"""A LangGraph graph of somebody else's, behind the gate: `python docs/examples/wrapped_graph.py rules "question"`."""

import sys
from pathlib import Path

from langchain_core.tools import tool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode, tools_condition

from opswarden.apps.wrapping import gated, gated_graph


@tool
def find(customer: str, limit: int = 5) -> dict[str, object]:
    """Find invoices of a customer."""
    return {"customer": customer, "owner": "mia@example.com", "open": min(2, limit)}


def build(model, tools):
    bound = model.bind_tools(tools)
    graph = StateGraph(MessagesState)
    graph.add_node("model", lambda state: {"messages": [bound.invoke(state["messages"])]})
    graph.add_node("tools", ToolNode(tools))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", tools_condition, {"tools": "tools", END: END})
    graph.add_edge("tools", "model")
    return graph.compile()


FIND = gated(find, name="invoices.find", effect="read", environment="shop", trust="kept")


def answer(question: str, rules: Path) -> str:
    with gated_graph(build, tools=[FIND], role="billing", policies=[rules]) as graph:
        _run_id, state = graph.invoke({"messages": [("user", question)]})
        return str(state["messages"][-1].content)


if __name__ == "__main__":
    sys.stdout.write(answer(sys.argv[2], Path(sys.argv[1])) + "\n")
