"""Between LangChain's messages and the gate's: text only, in OpenAI's chat format."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from langchain_core.messages import AIMessage, BaseMessage, InvalidToolCall, ToolCall
from langchain_core.messages.ai import UsageMetadata
from langchain_core.messages.utils import convert_to_openai_messages

from ...core.canonical import JsonValue
from ...core.errors import InputError
from ...policies.types import Message, ModelReply, ToolRequest

_CALL_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")
_DEEPEST = 32
"""Levels of arguments; a checkpoint cannot hold them nested without end, and a run that cannot be kept ends."""
TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def to_gate(messages: Sequence[BaseMessage]) -> tuple[Message, ...]:
    """The messages as the gate takes them.

    Raises:
        InputError: a part is no text; what cannot be redacted is not sent.
    """
    converted = convert_to_openai_messages(list(messages), text_format="string")
    for message in converted:
        content = message.get("content")
        if content is not None and not isinstance(content, str):
            raise InputError(
                f"a message of role {message.get('role')!r} holds a part that is no text",
                remedy="send text; images and files cannot be redacted",
            )
        if message.get("role") == "tool":
            message.pop("name", None)  # LangGraph's own ToolNode sets it, and the API knows none there
    return tuple(cast("Message", message) for message in converted)


def without_tools(messages: Sequence[Message]) -> tuple[Message, ...]:
    """A conversation retold for a model that knows no tools: requests and results become plain text."""
    told: list[Message] = []
    names: dict[str, str] = {}
    for message in messages:
        calls = message.get("tool_calls")
        if isinstance(calls, Sequence) and not isinstance(calls, str):
            lines = [str(message.get("content") or "")]
            for call in calls:
                name, arguments = _function(call)
                names[str(_member(call, "id"))] = name
                lines.append(f"[asked for {name} {arguments}]")
            told.append({"role": "assistant", "content": "\n".join(filter(None, lines))})
        elif message.get("role") == "tool":
            name = names.get(str(message.get("tool_call_id")), "a tool")
            told.append({"role": "user", "content": f"[result of {name}]\n{message.get('content') or ''}"})
        else:
            told.append(message)
    return tuple(told)


def from_gate(reply: ModelReply, call_id: str, facts: Mapping[str, Any]) -> AIMessage:
    """The answer as LangChain knows it.

    Arguments that are no JSON object, or one nested too deep, become an `invalid_tool_call` with their text. Ids that
    are missing, repeated or odd are replaced by `<call_id>.<place>`, so that results can be matched to requests.
    """
    calls: list[ToolCall] = []
    invalid: list[InvalidToolCall] = []
    for request in with_ids(reply.tool_requests, call_id):
        args = _arguments(request.arguments)
        if args is None:
            problem = "the arguments are no JSON object of a usable depth"
            invalid.append(
                InvalidToolCall(
                    type="invalid_tool_call", id=request.id, name=request.name, args=request.arguments, error=problem
                )
            )
        else:
            calls.append(ToolCall(type="tool_call", id=request.id, name=request.name, args=args))
    return AIMessage(
        content=reply.text,
        tool_calls=calls,
        invalid_tool_calls=invalid,
        usage_metadata=usage_of(reply),
        response_metadata=dict(facts),
    )


def streamable(arguments: str) -> str:
    """Arguments for a chunk of LangChain's, which completes what was cut off: `{"replicas": 1` would become a call.

    Text that is no JSON object gets a closing bracket in front, which no completion survives; it then ends up under
    `invalid_tool_calls`, bracket included.
    """
    if not arguments.strip():
        return "{}"
    return arguments if _arguments(arguments) is not None else f"]{arguments}"


def usage_of(reply: ModelReply) -> UsageMetadata:
    """The tokens of an answer."""
    return UsageMetadata(
        input_tokens=reply.tokens_in, output_tokens=reply.tokens_out, total_tokens=reply.tokens_in + reply.tokens_out
    )


def with_ids(requests: Sequence[ToolRequest], call_id: str) -> list[ToolRequest]:
    """The requests with ids that are plain and unique within the answer."""
    seen: set[str] = set()
    found: list[ToolRequest] = []
    for place, request in enumerate(requests, start=1):
        kept = request.id if _CALL_ID.fullmatch(request.id) and request.id not in seen else f"{call_id}.{place}"
        seen.add(kept)
        found.append(ToolRequest(kept, request.name, request.arguments))
    return found


def _arguments(text: str) -> dict[str, Any] | None:
    if not text.strip():
        return {}  # how some models call a function without parameters
    try:
        found = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) and not _is_deeper(found, _DEEPEST) else None


def _is_deeper(value: Any, levels: int) -> bool:
    """Whether objects and lists are nested in more than so many levels."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_is_deeper(item, levels - 1) for item in inner)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _function(call: JsonValue) -> tuple[str, str]:
    function = _member(call, "function")
    return str(_member(function, "name")), str(_member(function, "arguments"))


def _member(value: JsonValue, name: str) -> JsonValue:
    return value.get(name) if isinstance(value, Mapping) else None
