"""What the double of OpenAI's API accepts: rules that the real one answers with 400, where chat requests meet them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_KNOWN = {
    "model",
    "messages",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "response_format",
    "max_tokens",
    "max_completion_tokens",
    "temperature",
    "top_p",
    "stop",
    "stream",
    "stream_options",
    "seed",
    "n",
    "user",
}
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_ALLOWED_KEYS = {
    "system": {"role", "content", "name"},
    "developer": {"role", "content", "name"},
    "user": {"role", "content", "name"},
    "assistant": {"role", "content", "name", "tool_calls", "refusal"},
    "tool": {"role", "content", "tool_call_id"},
}


class Refusal(Exception):
    """The request is refused with this status."""

    def __init__(self, message: str, *, status: int = 400, code: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


def count_tokens(content: object) -> int:
    """A count that grows with the text; no tokenizer's."""
    return len(json.dumps(content)) // 4 + 1


def check_request(body: object, *, context_tokens: int | None) -> None:
    """Refuse what the real API refuses."""
    if not isinstance(body, Mapping):
        raise Refusal("the body must be a JSON object")
    for name in body:
        if name not in _KNOWN:
            raise Refusal(f"Unrecognized request argument supplied: {name}")
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise Refusal("you must provide a model parameter")
    if body.get("stream_options") is not None and not body.get("stream"):
        raise Refusal("The 'stream_options' parameter is only allowed when 'stream' is enabled.")
    for name in ("max_tokens", "max_completion_tokens"):
        limit = body.get(name)
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int) or limit < 1):
            raise Refusal(f"Invalid '{name}': integer below minimum value")
    _check_messages(body.get("messages"))
    _check_tools(body)
    _check_format(body.get("response_format"))
    wanted = count_tokens(body["messages"]) + int(body.get("max_tokens") or body.get("max_completion_tokens") or 0)
    if context_tokens is not None and wanted > context_tokens:
        raise Refusal(
            f"This model's maximum context length is {context_tokens} tokens. However, you requested {wanted} tokens.",
            code="context_length_exceeded",
        )


def _is_name(found: object) -> bool:
    return isinstance(found, str) and _NAME.fullmatch(found) is not None


def _check_messages(messages: object) -> None:
    if not isinstance(messages, list) or not messages:
        raise Refusal("Invalid 'messages': empty array")
    waiting: set[str] = set()
    for place, message in enumerate(messages):
        if not isinstance(message, Mapping):
            raise Refusal(f"Invalid type for 'messages[{place}]'")
        role = message.get("role")
        if role not in _ALLOWED_KEYS:
            raise Refusal(f"Invalid value for 'messages[{place}].role'")
        for name in message:
            if name not in _ALLOWED_KEYS[role]:
                raise Refusal(f"Unknown parameter: 'messages[{place}].{name}'")
        if waiting and role != "tool":
            raise Refusal(
                "An assistant message with 'tool_calls' must be followed by tool messages responding to each"
                " 'tool_call_id'."
            )
        if role == "tool":
            _check_tool_message(place, message, waiting)
        elif role == "assistant":
            waiting = _check_assistant(place, message)
        else:
            _check_content(place, message.get("content"))
    if waiting:
        raise Refusal("tool_call_ids did not have response messages")


def _check_tool_message(place: int, message: Mapping[str, Any], waiting: set[str]) -> None:
    answered = message.get("tool_call_id")
    if answered not in waiting:
        raise Refusal(
            "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'",
        )
    waiting.discard(answered)
    _check_content(place, message.get("content"))


def _check_assistant(place: int, message: Mapping[str, Any]) -> set[str]:
    calls = message.get("tool_calls")
    if calls is None:
        _check_content(place, message.get("content"))
        return set()
    if not isinstance(calls, list) or not calls:
        raise Refusal(f"Invalid 'messages[{place}].tool_calls': empty array")
    for call in calls:
        function = call.get("function") or {}
        is_whole = call.get("type") == "function" and isinstance(call.get("id"), str)
        if not is_whole or not _is_name(function.get("name")):
            raise Refusal(f"Invalid 'messages[{place}].tool_calls'")
        if not isinstance(function.get("arguments"), str):
            raise Refusal(f"Invalid type for 'messages[{place}].tool_calls.function.arguments'")
    return {call["id"] for call in calls}


def _check_content(place: int, content: object) -> None:
    if isinstance(content, str):
        return
    is_parts = isinstance(content, list) and content
    if not is_parts or not all(isinstance(part, Mapping) and part.get("type") == "text" for part in content):  # type: ignore[union-attr,attr-defined]  # a list by the line above
        raise Refusal(f"Invalid value for 'messages[{place}].content': expected a string")


def _check_tools(body: Mapping[str, Any]) -> None:
    tools = body.get("tools")
    if tools is None:
        if body.get("tool_choice") is not None:
            raise Refusal("'tool_choice' is only allowed when 'tools' are specified")
        return
    if not isinstance(tools, list) or not tools:
        raise Refusal("Invalid 'tools': empty array")
    names = set()
    for place, tool in enumerate(tools):
        function = tool.get("function") if isinstance(tool, Mapping) and tool.get("type") == "function" else None
        if not isinstance(function, Mapping) or not _is_name(function.get("name")):
            raise Refusal(f"Invalid 'tools[{place}].function.name': string does not match pattern")
        if not isinstance(function.get("parameters", {}), Mapping):
            raise Refusal(f"Invalid schema for function {function['name']!r}")
        names.add(function["name"])
    choice = body.get("tool_choice")
    if isinstance(choice, Mapping):
        if (choice.get("function") or {}).get("name") not in names:
            raise Refusal("Tool choice function not found in 'tools' parameter")
    elif choice not in (None, "auto", "none", "required"):
        raise Refusal("Invalid value for 'tool_choice'")


def _check_format(wanted: object) -> None:
    if wanted is None:
        return
    if not isinstance(wanted, Mapping) or wanted.get("type") not in ("text", "json_object", "json_schema"):
        raise Refusal("Invalid value for 'response_format.type'")
    if wanted["type"] == "json_schema":
        schema = wanted.get("json_schema")
        if not isinstance(schema, Mapping) or not _is_name(schema.get("name")):
            raise Refusal("Missing required parameter: 'response_format.json_schema.name'")
        if not isinstance(schema.get("schema"), Mapping):
            raise Refusal("Missing required parameter: 'response_format.json_schema.schema'")
