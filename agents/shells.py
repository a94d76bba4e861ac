"""LangChain tools for other graphs: thin shells whose body is `gate.call`, so `tool.invoke` meets the same gate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..policies.types import CallResult, Gate

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

    from ..tools.spec import ToolCard


def langchain_tools(gate: Gate) -> list[BaseTool]:
    """One LangChain tool per tool that the gate shows this role; a dot in a name becomes two underscores.

    The shell returns the result as JSON text. A call that waits for a person interrupts the graph and, when the graph
    goes on, asks the gate again, which reads the stored approval itself. Fan out one task per call (`Send`), because
    an interrupt runs its whole node again.
    """
    return [_shell(gate, card) for card in gate.cards()]


def _shell(gate: Gate, card: ToolCard) -> BaseTool:
    from langchain_core.tools import StructuredTool  # noqa: PLC0415 - a heavy import inside its adapter
    from langgraph.types import interrupt  # noqa: PLC0415 - the same

    def body(tool_call_id: str, args: dict[str, Any]) -> str:
        result = gate.call(card.name, args, call_id=tool_call_id)
        while result.approval_id:
            # Resumed before anybody has answered, the call waits again.
            interrupt({"approval_id": result.approval_id, "tool": card.name, "call_id": tool_call_id})
            result = gate.call(card.name, args, call_id=tool_call_id)
        return _as_text(result)

    class _GateTool(StructuredTool):
        def _to_args_and_kwargs(
            self, tool_input: str | dict[str, Any], tool_call_id: str | None
        ) -> tuple[tuple[Any, ...], dict[str, Any]]:
            # The gate parses the arguments; LangChain's own parsing would coerce them first.
            args = tool_input if isinstance(tool_input, dict) else {}
            return (), {"tool_call_id": tool_call_id or f"direct.{_fingerprint(args)}", "args": args}

    return _GateTool(
        name=card.name.replace(".", "__"), description=card.description, args_schema=dict(card.parameters), func=body
    )


def _fingerprint(args: dict[str, Any]) -> str:
    """A call without an id of its own is the same call whenever its arguments are the same."""
    import hashlib  # noqa: PLC0415 - only direct calls need it

    return hashlib.sha256(json.dumps(args, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _as_text(result: CallResult) -> str:
    return json.dumps(
        {
            "status": result.status,
            "scope": dict(result.scope),
            "summary": result.summary,
            "message": result.message,
            "code": result.code,
        },
        ensure_ascii=False,
        default=str,
    )
