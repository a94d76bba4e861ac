"""What goes back, in the form of OpenAI's chat completions: whole, in pieces, or as an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...core.errors import CallDenied, LedgerError, ModelError, OpswardenError, RedactionError
from ...policies.types import ModelReply

DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True)
class Failure:
    """An error as clients of the API know it."""

    status: int
    message: str
    kind: str
    code: str | None = None
    param: str | None = None

    @property
    def body(self) -> bytes:
        """As JSON."""
        return json.dumps({"error": self.as_json}).encode()

    @property
    def as_json(self) -> dict[str, Any]:
        """The error object."""
        return {"message": self.message, "type": self.kind, "param": self.param, "code": self.code}


def failure_of(error: Exception) -> Failure:
    """What an error of ours is to a caller; of an unexpected one nothing is told."""
    if isinstance(error, CallDenied):
        told = "; ".join(filter(None, (error.message, error.remedy)))
        status = 429 if error.code.startswith("budget.") else 404 if error.code == "unknown-endpoint" else 403
        return Failure(status, told, "rate_limit_exceeded" if status == 429 else "permission_error", error.code)
    if isinstance(error, ModelError):
        return Failure(503 if error.retryable else 502, error.message, "upstream_error", "upstream")
    if isinstance(error, RedactionError):
        return Failure(422, error.message, "invalid_request_error", "redaction-failed")
    if isinstance(error, LedgerError):
        return Failure(503, "nothing can be recorded now, so no model is asked", "server_error", "ledger-down")
    if isinstance(error, OpswardenError):
        return Failure(500, "the gateway is not set up as it should be", "server_error", "configuration")
    return Failure(500, "a defect of the gateway; its operator sees more", "server_error", "internal-error")


@dataclass(frozen=True)
class Wording:
    """Makes the objects of one answer.

    Args:
        id: of the completion.
        created: seconds since 1970.
        model: as the caller named it.
    """

    id: str
    created: int
    model: str

    def whole(self, text: str, calls: list[dict[str, Any]], reply: ModelReply) -> dict[str, Any]:
        """A completion."""
        message: dict[str, Any] = {"role": "assistant", "content": text or (None if calls else ""), "refusal": None}
        if calls:
            message["tool_calls"] = calls
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": _reason(reply, calls)}
        return {**self._head("chat.completion"), "choices": [choice], "usage": usage_of(reply)}

    def piece(self, delta: Mapping[str, Any], finish_reason: str | None = None) -> bytes:
        """One event of a stream."""
        choice = {"index": 0, "delta": dict(delta), "logprobs": None, "finish_reason": finish_reason}
        return event({**self._head("chat.completion.chunk"), "choices": [choice]})

    def last(self, calls: list[dict[str, Any]], reply: ModelReply, *, wants_usage: bool) -> bytes:
        """The end of a stream: tool calls whole, the reason, the tokens."""
        parts = [self.piece({"tool_calls": [{"index": at, **call} for at, call in enumerate(calls)]})] if calls else []
        parts.append(self.piece({}, _reason(reply, calls)))
        if wants_usage:
            parts.append(event({**self._head("chat.completion.chunk"), "choices": [], "usage": usage_of(reply)}))
        return b"".join((*parts, DONE))

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


def event(document: Mapping[str, Any]) -> bytes:
    """A server-sent event."""
    return b"data: " + json.dumps(document, ensure_ascii=False).encode() + b"\n\n"


def usage_of(reply: ModelReply) -> dict[str, int]:
    """The tokens of an answer."""
    return {
        "prompt_tokens": reply.tokens_in,
        "completion_tokens": reply.tokens_out,
        "total_tokens": reply.tokens_in + reply.tokens_out,
    }


def _reason(reply: ModelReply, calls: list[dict[str, Any]]) -> str:
    if calls:
        return "tool_calls"
    return reply.finish_reason if reply.finish_reason in ("length", "content_filter") else "stop"
