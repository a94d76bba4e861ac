"""From an endpoint's answer to a `ModelReply`: only shapes that are known, only values that can be believed."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...core.canonical import JsonValue
from ...core.tokens import estimate_tokens
from ...policies.types import Endpoint, ModelReply, ModelRequest, ToolRequest
from .failures import unusable

FINISH_REASONS = frozenset({"stop", "length", "tool_calls", "content_filter"})
_MAX_CHARS = 1_000_000  # far beyond any answer that was asked for; an endpoint that says more is not believed
_MAX_TOKENS = 100_000_000
_MAX_NAME_CHARS = 200


@dataclass
class _Call:
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


@dataclass
class Answer:
    """An answer as it grows: whole at once, or piece by piece.

    Args:
        endpoint: its name, for errors.
    """

    endpoint: str
    pieces: list[str] = field(default_factory=list)
    calls: dict[int, _Call] = field(default_factory=dict)
    finish_reason: str = ""
    model: str = ""
    tokens_in: int | None = None
    tokens_out: int | None = None
    chars: int = 0

    @property
    def text(self) -> str:
        """The text so far."""
        return "".join(self.pieces)

    def add_whole(self, response: Any) -> None:
        """Take a complete answer in.

        Raises:
            ModelError: it has no shape we know.
        """
        choice = self._choice(response)
        if choice is None:
            raise unusable(self.endpoint, "it holds no choice")
        self._add_text(getattr(choice.message, "content", None))
        for place, call in enumerate(_sequence(getattr(choice.message, "tool_calls", None))):
            self._add_call(place, call)
        self._add_rest(response, choice)

    def add_chunk(self, chunk: Any) -> str:
        """Take one piece of a streamed answer in, and return the text that it brings.

        Raises:
            ModelError: it has no shape we know.
        """
        choice = self._choice(chunk)
        if choice is None:
            self._add_usage(getattr(chunk, "usage", None))
            return ""
        text = self._add_text(getattr(choice.delta, "content", None))
        for place, call in enumerate(_sequence(getattr(choice.delta, "tool_calls", None))):
            index = getattr(call, "index", None)
            self._add_call(index if isinstance(index, int) else place, call)
        self._add_rest(chunk, choice)
        return text

    def reply(self, endpoint: Endpoint, request: ModelRequest, cost_microusd: int) -> ModelReply:
        """The whole answer."""
        tokens_in, tokens_out = self.tokens(request)
        return ModelReply(
            text=self.text,
            tool_requests=tuple(
                ToolRequest(call.id, call.name, "".join(call.arguments)) for _, call in sorted(self.calls.items())
            ),
            finish_reason=self.finish_reason if self.finish_reason in FINISH_REASONS else "unknown",
            model=_name(self.model) or endpoint.model,
            endpoint=endpoint.name,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost_microusd=cost_microusd,
        )

    def tokens(self, request: ModelRequest) -> tuple[int, int]:
        """Tokens in and out as reported; an upper-side estimate where nothing believable was."""
        spoken = self.text + "".join(call.name + "".join(call.arguments) for call in self.calls.values())
        asked = as_text([*request.messages, *request.tools])
        return (
            self.tokens_in or estimate_tokens(asked),
            estimate_tokens(spoken) if self.tokens_out is None or (spoken and not self.tokens_out) else self.tokens_out,
        )

    def forget_usage(self) -> None:
        """Drop token counts that the library made up."""
        self.tokens_in = self.tokens_out = None

    def _choice(self, response: Any) -> Any:
        choices = getattr(response, "choices", None)
        if not isinstance(choices, Sequence):
            raise unusable(self.endpoint, "it holds no choices")
        return choices[0] if choices else None

    def _add_text(self, content: Any) -> str:
        if content is None:
            return ""
        if not isinstance(content, str):
            raise unusable(self.endpoint, "its content is no text")
        self._grow(len(content))
        if content:
            self.pieces.append(content)
        return content

    def _add_call(self, index: int, call: Any) -> None:
        function = getattr(call, "function", None)
        if function is None:
            raise unusable(self.endpoint, "it asks for something that is no function")
        known = self.calls.setdefault(index, _Call())
        known.id = known.id or _text_or_empty(getattr(call, "id", None))
        known.name = known.name or _text_or_empty(getattr(function, "name", None))
        arguments = getattr(function, "arguments", None)
        if isinstance(arguments, Mapping):  # some self-hosted servers send an object where the protocol has a text
            arguments = as_text(arguments)
        if arguments is not None and not isinstance(arguments, str):
            raise unusable(self.endpoint, "the arguments of a call are no text")
        self._grow(len(known.name) + len(arguments or ""))
        if arguments:
            known.arguments.append(arguments)

    def _add_rest(self, response: Any, choice: Any) -> None:
        self.finish_reason = _text_or_empty(getattr(choice, "finish_reason", None)) or self.finish_reason
        self.model = _text_or_empty(getattr(response, "model", None)) or self.model
        self._add_usage(getattr(response, "usage", None))

    def _add_usage(self, usage: Any) -> None:
        if usage is None:
            return
        self.tokens_in = _count(getattr(usage, "prompt_tokens", None))
        self.tokens_out = _count(getattr(usage, "completion_tokens", None))

    def _grow(self, chars: int) -> None:
        self.chars += chars
        if self.chars > _MAX_CHARS or len(self.calls) > 1000:
            raise unusable(self.endpoint, "it is longer than any answer that was asked for")


def priced(endpoint: Endpoint, tokens_in: int, tokens_out: int) -> int:
    """The cost in millionths of a dollar by the declared prices, rounded up so that budgets never say too little."""
    total = tokens_in * endpoint.input_microusd_per_mtok + tokens_out * endpoint.output_microusd_per_mtok
    return -(-total // 1_000_000)


def in_microusd(usd: float) -> int:
    """Dollars of LiteLLM's price list as integer millionths, rounded up; nothing where it is no amount."""
    return math.ceil(round(usd * 1e6, 3)) if math.isfinite(usd) and usd > 0 else 0


def _sequence(found: Any) -> Sequence[Any]:
    return found if isinstance(found, Sequence) and not isinstance(found, str) else ()


def _text_or_empty(found: Any) -> str:
    return found if isinstance(found, str) else ""


def _name(text: str) -> str:
    return text if len(text) <= _MAX_NAME_CHARS and text.isascii() and text.isprintable() else ""


def _count(found: Any) -> int | None:
    is_count = isinstance(found, int) and not isinstance(found, bool) and 0 <= found <= _MAX_TOKENS
    return found if is_count else None


def as_text(value: JsonValue | Sequence[Mapping[str, JsonValue]]) -> str:
    return json.dumps(value, ensure_ascii=False, default=dict)
