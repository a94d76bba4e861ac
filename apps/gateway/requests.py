"""A chat completions request of OpenAI's API, read strictly: what is not understood is refused, not guessed.

Source: OpenAI API reference, `POST /v1/chat/completions`, as the official client sends it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...policies.types import ModelRequest

_MOST_TOKENS = 200_000
IGNORED = frozenset(
    "user metadata store seed top_p presence_penalty frequency_penalty parallel_tool_calls service_tier "
    "reasoning_effort prompt_cache_key safety_identifier verbosity".split()
)
"""Parameters that change how a model answers, not what may be asked; a header names them, and they stay here."""


class BadRequest(Exception):
    """The request cannot be taken; `message` repeats no value of it."""

    def __init__(self, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.param = param


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Part(_Closed):
    type: Literal["text", "refusal"]
    text: str | None = None
    refusal: str | None = None


class _Function(_Closed):
    name: str = Field(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
    arguments: str = ""


class _Call(_Closed):
    id: str = Field(max_length=200)
    type: Literal["function"] = "function"
    function: _Function


class _Message(_Closed):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[_Part] | None = None
    name: str | None = Field(default=None, max_length=64)
    refusal: str | None = None
    tool_calls: list[_Call] | None = Field(default=None, max_length=128)
    tool_call_id: str | None = Field(default=None, max_length=200)
    annotations: list[Any] | None = Field(default=None, max_length=0)
    audio: None = None
    function_call: None = None


class _Declared(_Closed):
    name: str = Field(max_length=64, pattern=r"^[A-Za-z0-9_-]+$")
    description: str = Field(default="", max_length=20_000)
    parameters: dict[str, Any] = Field(default_factory=dict)
    strict: bool | None = None


class _Tool(_Closed):
    type: Literal["function"]
    function: _Declared


class _Named(_Closed):
    name: str = Field(max_length=64)


class _Choice(_Closed):
    type: Literal["function"]
    function: _Named


class _StreamOptions(_Closed):
    include_usage: bool = False
    include_obfuscation: bool | None = None


class _Body(_Closed):
    model: str = Field(min_length=1, max_length=200)
    messages: list[_Message] = Field(min_length=1, max_length=2_000)
    tools: list[_Tool] | None = Field(default=None, max_length=500)
    tool_choice: Literal["none", "auto", "required"] | _Choice | None = None
    response_format: dict[str, Any] | None = None
    max_tokens: int | None = Field(default=None, ge=1)
    max_completion_tokens: int | None = Field(default=None, ge=1)
    temperature: float | None = Field(default=None, ge=0, le=2)
    stop: str | list[str] | None = None
    stream: bool | None = False
    stream_options: _StreamOptions | None = None
    n: Literal[1] | None = 1


@dataclass(frozen=True)
class Asked:
    """What a caller asks.

    Args:
        model: by the name of an endpoint.
        offered: names of the tools that the model may ask for.
        ignored: parameters that are not passed on.
    """

    model: str
    request: ModelRequest
    offered: frozenset[str]
    is_stream: bool
    wants_usage: bool
    ignored: tuple[str, ...]


def read_request(content: bytes, most_tokens: int = 4_096) -> Asked:
    """Read a request.

    Args:
        content: the body.
        most_tokens: of the answer, where the request does not say.

    Raises:
        BadRequest: it is not understood.
    """
    try:
        values = json.loads(content, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise BadRequest("the body is no JSON") from None
    if not isinstance(values, Mapping):
        raise BadRequest("the body is no JSON object")
    ignored = tuple(sorted(IGNORED & values.keys()))
    try:
        body = _Body.model_validate({key: value for key, value in values.items() if key not in IGNORED})
    except ValidationError as error:
        raise _explained(error) from None
    limit = body.max_completion_tokens or body.max_tokens or most_tokens
    stop = (body.stop,) if isinstance(body.stop, str) else tuple(body.stop or ())
    if len(stop) > 4:
        raise BadRequest("at most four texts can stop an answer", "stop")
    choice = body.tool_choice.function.name if isinstance(body.tool_choice, _Choice) else body.tool_choice
    request = ModelRequest(
        messages=tuple(_message(message) for message in body.messages),
        tools=tuple(_tool(tool) for tool in body.tools or ()),
        tool_choice=choice if body.tools else None,
        response_format=body.response_format,
        max_tokens=min(limit, _MOST_TOKENS),
        temperature=body.temperature,
        stop=stop,
    )
    return Asked(
        model=body.model,
        request=request,
        offered=frozenset(tool.function.name for tool in body.tools or ()),
        is_stream=bool(body.stream),
        wants_usage=body.stream_options is not None and body.stream_options.include_usage,
        ignored=ignored,
    )


def _message(message: _Message) -> dict[str, Any]:
    found = message.model_dump(exclude_none=True, exclude={"annotations"})
    if message.role == "developer":
        found["role"] = "system"
    if message.role == "tool":
        found.pop("name", None)  # some clients send it, and the API knows none there
    found.setdefault("content", None if message.tool_calls else "")
    return found


def _tool(tool: _Tool) -> dict[str, Any]:
    return tool.model_dump(exclude_none=True)


def _explained(error: ValidationError) -> BadRequest:
    """Which field breaks which rule; names that the caller made up are not repeated."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    known = _names(_Body)
    steps: Sequence[Any] = [step for step in first["loc"] if isinstance(step, int) or step in known]
    place = ".".join(map(str, steps))
    if first["type"] == "extra_forbidden":
        return BadRequest(f"a parameter is not supported{f' in {place}' if place else ''}", place or None)
    return BadRequest(f"{place or 'the body'} cannot be taken ({first['type']})", place or None)


def _names(model: type[BaseModel]) -> frozenset[str]:
    inner = (_Message, _Part, _Call, _Function, _Tool, _Declared, _Choice, _StreamOptions)
    return frozenset(model.model_fields).union(*(each.model_fields for each in inner))


def _no_number(_text: str) -> float:
    raise ValueError("no JSON number")
