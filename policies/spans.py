"""The spans of one run: `invoke_agent` around everything that its gate does, with tools and models below it.

Names are those of `core.semconv`. Text of requests and answers stands in them only where the operator wants it, and
then as the run's redactor left it; the exporter cleans every span once more.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..core import semconv
from ..core.canonical import JsonValue
from ..core.errors import OpswardenError
from .types import CallResult, Endpoint, ModelReply, ModelRequest, Run, TellResult

if TYPE_CHECKING:
    from opentelemetry.trace import Span, Tracer

Value = str | int | bool | float | tuple[str, ...]

_AGENT: Mapping[str, Value] = {semconv.OPERATION_NAME: semconv.OPERATION_INVOKE_AGENT}
_MOST_CONTENT = 20_000
"""Characters of one attribute; the oldest messages go first, and what is still too long stays out."""


class RunSpans:
    """Makes the spans of one run; without a tracer it does nothing.

    Args:
        tracer: of OpenTelemetry.
        run: whose.
        has_content: whether arguments, results, prompts and answers stand in the spans, redacted.
    """

    def __init__(self, tracer: Tracer | None, run: Run, *, has_content: bool = False) -> None:
        self._tracer = tracer
        self._run = run
        self._has_content = has_content
        self._root: Span | None = None
        if tracer is not None:
            self._root = self._start(tracer, f"{semconv.OPERATION_INVOKE_AGENT} {run.principal.role}", _AGENT)
            # A run that waits for people or is handed back has no end of its own: its leg ends with its gate.
            self._close = weakref.finalize(self, self._root.end)

    def end(self, outcome: str) -> None:
        """The run is over."""
        if self._root is not None:
            self._root.set_attribute(semconv.OUTCOME, outcome)
            if outcome == "failed":
                _fail(self._root, outcome)
            self._close()

    @contextmanager
    def call(self, tool: str, call_id: str) -> Iterator[Noted]:
        """Of one call of a tool.

        Args:
            tool: its name, or `unknown`.
            call_id: of the agent.
        """
        facts: dict[str, Value] = {
            semconv.OPERATION_NAME: semconv.OPERATION_EXECUTE_TOOL,
            semconv.TOOL_NAME: tool,
            semconv.TOOL_TYPE: "function",
            semconv.TOOL_CALL_ID: call_id,
        }
        with self._noted(f"{semconv.OPERATION_EXECUTE_TOOL} {tool}", facts) as noted:
            yield noted

    @contextmanager
    def prompt(self, endpoint: Endpoint | None, request: ModelRequest, *, is_stream: bool = False) -> Iterator[Noted]:
        """Of one request to a model; never the current one, since a stream's consumer works while it is open.

        Args:
            endpoint: who is asked; `None` if there is no such endpoint.
            request: only its limits are read.
            is_stream: whether the answer comes in pieces.
        """
        model = endpoint.model if endpoint else "unknown"
        facts: dict[str, Value] = {
            semconv.OPERATION_NAME: semconv.OPERATION_CHAT,
            semconv.PROVIDER_NAME: semconv.provider_of(endpoint.provider if endpoint else "", model),
            semconv.REQUEST_MODEL: semconv.model_of(model),
            semconv.REQUEST_MAX_TOKENS: request.max_tokens,
        }
        if request.temperature is not None:
            facts[semconv.REQUEST_TEMPERATURE] = request.temperature
        if is_stream:
            facts[semconv.REQUEST_STREAM] = True
        with self._noted(f"{semconv.OPERATION_CHAT} {semconv.model_of(model)}", facts, is_client=True) as noted:
            yield noted

    @contextmanager
    def tell(self) -> Iterator[Noted]:
        """Of one message to people; the conventions have no word for it."""
        with self._noted("tell", {semconv.OPERATION_NAME: "tell"}) as noted:
            yield noted

    @contextmanager
    def _noted(self, name: str, facts: Mapping[str, Value], *, is_client: bool = False) -> Iterator[Noted]:
        if self._tracer is None:
            yield Noted(None, has_content=False)
            return
        span = self._start(self._tracer, name, facts, is_client=is_client)
        try:
            yield Noted(span, has_content=self._has_content)
        except Exception as error:
            # The class alone: messages of errors can hold what somebody wrote.
            _fail(span, type(error).__name__)
            if isinstance(error, OpswardenError) and (code := getattr(error, "code", "")):
                span.set_attribute(semconv.DECISION_CODE, str(code))
            raise
        finally:
            span.end()

    def _start(self, tracer: Tracer, name: str, facts: Mapping[str, Value], *, is_client: bool = False) -> Span:
        from opentelemetry.trace import SpanKind, set_span_in_context  # noqa: PLC0415 - only where spans are wanted

        principal = self._run.principal
        attributes: dict[str, Any] = {
            semconv.CONVERSATION_ID: self._run.id,
            semconv.AGENT_NAME: principal.role,
            semconv.TEAM: principal.team,
            **facts,
        }
        context = None if self._root is None else set_span_in_context(self._root)
        kind = SpanKind.CLIENT if is_client else SpanKind.INTERNAL
        return tracer.start_span(name, context=context, kind=kind, attributes=attributes)


class Noted:
    """What is noted about one span; nothing, where there is none."""

    def __init__(self, span: Span | None, *, has_content: bool) -> None:
        self._span = span
        self._has_content = has_content and span is not None

    def called(self, result: CallResult) -> None:
        """What became of a call."""
        self._decided(result.code, result.status, result.seq)
        if self._span is not None and result.status == "error":
            _fail(self._span, result.code)
        self._content(semconv.TOOL_CALL_RESULT, result.summary)

    def told(self, result: TellResult) -> None:
        """What became of a message."""
        self._decided(result.code, result.status, result.seq)
        if self._span is not None and result.status in ("failed", "unknown"):
            _fail(self._span, result.code)

    def args(self, shown: JsonValue) -> None:
        """Arguments of a call, redacted."""
        self._content(semconv.TOOL_CALL_ARGUMENTS, shown)

    def asked(self, clean: ModelRequest) -> None:
        """What a model is asked, redacted."""
        self._content(semconv.INPUT_MESSAGES, [_input(message) for message in clean.messages])

    def answered(self, reply: ModelReply) -> None:
        """What a model said."""
        if self._span is None:
            return
        self._span.set_attribute(semconv.RESPONSE_MODEL, reply.model)
        self._span.set_attribute(semconv.RESPONSE_FINISH_REASONS, (reply.finish_reason,))
        self._span.set_attribute(semconv.USAGE_INPUT_TOKENS, reply.tokens_in)
        self._span.set_attribute(semconv.USAGE_OUTPUT_TOKENS, reply.tokens_out)
        self._span.set_attribute(semconv.LEDGER_SEQ, reply.seq)
        self._content(semconv.OUTPUT_MESSAGES, [_output(reply)])

    def _decided(self, code: str, status: str, seq: int) -> None:
        if self._span is not None:
            self._span.set_attribute(semconv.DECISION_CODE, code)
            self._span.set_attribute(semconv.RESULT_STATUS, status)
            self._span.set_attribute(semconv.LEDGER_SEQ, seq)

    def _content(self, name: str, value: Any) -> None:
        if self._span is None or not self._has_content or value is None:
            return
        text = json.dumps(value, ensure_ascii=False)
        while len(text) > _MOST_CONTENT and isinstance(value, list) and value:
            value = value[1:]
            text = json.dumps(value, ensure_ascii=False)
        if len(text) <= _MOST_CONTENT:
            self._span.set_attribute(name, text)


def _fail(span: Span, kind: str) -> None:
    from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415 - as above

    span.set_attribute(semconv.ERROR_TYPE, kind)
    span.set_status(Status(StatusCode.ERROR))


def _input(message: Mapping[str, JsonValue]) -> dict[str, Any]:
    """A message of OpenAI's chat format as the conventions write it."""
    parts: list[dict[str, Any]] = []
    role, content = str(message.get("role", "")), message.get("content")
    if role == "tool":
        return {
            "role": role,
            "parts": [{"type": "tool_call_response", "id": message.get("tool_call_id"), "response": content}],
        }
    for part in content if isinstance(content, list) else [{"type": "text", "text": content}] if content else []:
        if isinstance(part, Mapping):
            parts.append({"type": "text", "content": part.get("text", "")})
    calls = message.get("tool_calls")
    for each in calls if isinstance(calls, list) else []:
        if isinstance(each, Mapping) and isinstance(asked := each.get("function"), Mapping):
            parts.append(_call(str(each.get("id", "")), str(asked.get("name", "")), str(asked.get("arguments", ""))))
    return {"role": role, "parts": parts}


def _output(reply: ModelReply) -> dict[str, Any]:
    parts: list[dict[str, Any]] = [{"type": "text", "content": reply.text}] if reply.text else []
    parts += [_call(each.id, each.name, each.arguments) for each in reply.tool_requests]
    return {"role": "assistant", "parts": parts, "finish_reason": reply.finish_reason}


def _call(call_id: str, name: str, arguments: str) -> dict[str, Any]:
    return {"type": "tool_call", "id": call_id, "name": name, "arguments": arguments}
