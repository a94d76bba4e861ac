"""`gate.prompt`: redact, reserve, decide, record, ask the model, clean the answer, record. Nothing is ever restored."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..core.canonical import JsonValue, canonical_json
from ..core.clock import Deadline
from ..core.errors import CallDenied, ModelError, OpswardenError, RedactionError
from ..core.tokens import estimate_tokens
from ..redaction.types import Redactor
from ..tools.shown import shortened
from .budgets import Reservation, Use
from .desk import Desk
from .schema import PROMPT_ACTION
from .services import Services
from .streams import CleanStream
from .subjects import Entered, Subject, refused, why_withheld
from .summaries import plain_json
from .types import Allow, Deny, Endpoint, Message, ModelReply, ModelRequest, ModelTransport, ToolRequest

_READABLE_PARTS = frozenset({"text", "refusal"})
_PLAIN_KEY = re.compile(r"[A-Za-z$_-]{1,32}")
_HASH = re.compile(r"[0-9a-f]{8,64}")
_MOST_NUMBER = 1_000_000
_MOST_TOKENS = 10_000_000
_RECORDED_TOKENS = 400
_MICRO = 1_000_000


@dataclass(frozen=True)
class _Prompt:
    transport: ModelTransport
    request: ModelRequest
    subject: Subject
    tokens_in: int


class Prompts:
    """Requests to models in one run."""

    def __init__(self, services: Services, desk: Desk, transports: Mapping[str, ModelTransport] | None = None) -> None:
        self._services = services
        self._desk = desk
        self._transports = services.transports if transports is None else transports

    def prompt(
        self, request: ModelRequest, endpoint: str, call_id: str, on_clean: Callable[[ModelRequest], None]
    ) -> ModelReply:
        """Ask and wait.

        Args:
            request: what the agent asks.
            endpoint: who is asked, by name.
            call_id: of the agent.
            on_clean: told the request as it is sent, redacted.

        Raises:
            CallDenied: policy or budget says no.
            ModelError: the endpoint failed.
            RedactionError: the request or the answer could not be cleaned.
            LedgerError: the ledger is down and the endpoint is not our own.
        """
        key = self._desk.key(call_id)
        with self._desk.lock("prompt", key):
            prompt = self._prepare(request, endpoint, key)
            on_clean(prompt.request)
            earlier = self._earlier(prompt)
            if earlier is not None:
                return earlier
            reservation = self._begin(prompt)
            started = self._services.clock.monotonic()
            try:
                reply = prompt.transport.complete(prompt.request, self._deadline())
            except Exception as error:  # noqa: BLE001 - a transport is anybody's code; recorded, and told as a ModelError
                raise self._failed(prompt, reservation, error, started) from None
            return self._finish(prompt, reservation, reply, started)

    def stream(
        self, request: ModelRequest, endpoint: str, call_id: str, on_clean: Callable[[ModelRequest], None]
    ) -> Iterator[str | ModelReply]:
        """Cleaned text as it arrives, held back until nothing that comes can change it, and the whole reply last.

        Args:
            request: what the agent asks.
            endpoint: who is asked, by name.
            call_id: of the agent.
            on_clean: told the request as it is sent, redacted.

        Raises:
            CallDenied, ModelError, RedactionError, LedgerError: as `prompt`, at the first or a later step.
        """
        key = self._desk.key(call_id)
        with self._desk.lock("prompt", key):
            prompt = self._prepare(request, endpoint, key)
            on_clean(prompt.request)
            earlier = self._earlier(prompt)
            if earlier is not None:
                yield from (earlier.text, earlier) if earlier.text else (earlier,)
                return
            reservation = self._begin(prompt)
            yield from self._stream(prompt, reservation)

    def _stream(self, prompt: _Prompt, reservation: Reservation) -> Iterator[str | ModelReply]:
        started = self._services.clock.monotonic()
        told, reply = CleanStream(self._desk.redactor), None
        try:
            for item in prompt.transport.stream(prompt.request, self._deadline()):
                if isinstance(item, ModelReply):
                    reply = item
                    break
                if ready := told.more(item):
                    yield ready
            if reply is None:
                raise ModelError(f"endpoint {prompt.transport.endpoint.name!r} ended without a reply", retryable=True)
            if rest := told.rest():
                yield rest
        except GeneratorExit:
            # Nobody listens any more; what came is paid for all the same.
            self._failed(prompt, reservation, ModelError("the listener went away"), started)
            raise
        except Exception as error:  # noqa: BLE001 - as in `prompt`
            raise self._failed(prompt, reservation, error, started) from None
        yield self._finish(prompt, reservation, reply, started)

    def _prepare(self, request: ModelRequest, endpoint: str, key: str) -> _Prompt:
        transport = self._transports.get(endpoint)
        if transport is None:
            raise self._refused(
                key, Deny("unknown-endpoint", "there is no such model endpoint", "use a configured one")
            )
        target = transport.endpoint
        if not 1 <= request.max_tokens <= _MOST_TOKENS:
            # Less than none would be set aside, and a budget that is used up would have room.
            raise self._refused(key, Deny("bad-arguments", "no such length of an answer", "ask for at least one token"))
        try:
            clean = self._clean_request(request, target.name)
        except RedactionError as error:
            denied = Deny("redaction-failed", "the request could not be cleaned, so no model is asked")
            self._desk.refuse(refused("prompt", key, PROMPT_ACTION, denied.reason, why_withheld(error)), denied)
            raise
        body: dict[str, JsonValue] = {
            "messages": [dict(message) for message in clean.messages],
            "tools": [dict(tool) for tool in clean.tools],
            "response_format": clean.response_format,
        }
        tokens_in = estimate_tokens(canonical_json(body).decode())
        facts: dict[str, JsonValue] = {
            "endpoint": target.name,
            "model": target.model,
            "region": target.region,
            "messages": len(clean.messages),
            "offered_tools": [_tool_name(tool) for tool in clean.tools],
            "tokens_in_estimate": tokens_in,
            "max_tokens": clean.max_tokens,
            **({"prompts": dict(clean.prompts)} if clean.prompts else {}),
        }
        args: dict[str, JsonValue] = {
            "model": target.model,
            "messages": len(clean.messages),
            "tokens_in": tokens_in,
            "max_tokens": clean.max_tokens,
            "has_tools": bool(clean.tools),
        }
        subject = Subject(
            verb="prompt",
            call_id=key,
            action=PROMPT_ACTION,
            environment=target.name,
            call_hmac=self._desk.hmac_of(PROMPT_ACTION, target.name, body),
            resource=target,
            shown_resource=target,
            args=args,
            shown_args=args,
            facts=facts,
            wanted=Use(
                prompts=1,
                tokens_in=tokens_in,
                tokens_out=clean.max_tokens,
                microusd=_cost(target, tokens_in, clean.max_tokens),
            ),
            is_once=False,
            # To a model of somebody else, a request is a message that leaves the house.
            may_degrade=target.is_self_hosted,
            flow=self._services.residency.to_model(target),
        )
        return _Prompt(transport, clean, subject, tokens_in)

    def _clean_request(self, request: ModelRequest, endpoint: str) -> ModelRequest:
        for message in request.messages:
            _refuse_unreadable(message)
        redactor = self._desk.redactor.under("audience:model", f"audience:model/{endpoint}")
        messages = _clean([dict(message) for message in request.messages], redactor)
        tools = _clean([dict(tool) for tool in request.tools], redactor)
        form = _clean(dict(request.response_format), redactor) if request.response_format is not None else None
        if not isinstance(messages, list) or not isinstance(tools, list) or not isinstance(form, (dict, type(None))):
            raise RedactionError("redaction changed the shape of a request")
        return replace(
            request,
            messages=tuple(messages),
            tools=tuple(tools),
            tool_choice=redactor.clean_ours(request.tool_choice).text if request.tool_choice else request.tool_choice,
            response_format=form,
            stop=tuple(redactor.clean_ours(text).text for text in request.stop),
            prompts={
                redactor.clean_ours(name).text: mark if _HASH.fullmatch(mark) else redactor.clean_ours(mark).text
                for name, mark in request.prompts.items()
            },
        )

    def _earlier(self, prompt: _Prompt) -> ModelReply | None:
        row = self._desk.earlier(prompt.subject)
        if row is None or row.result is None:
            return None
        return _reply_of(row.result)

    def _begin(self, prompt: _Prompt) -> Reservation:
        stopped = self._desk.stopped(prompt.subject)
        if stopped is not None:
            raise _denial(self._desk.refuse(prompt.subject, stopped))
        reservation = self._desk.reserve(prompt.subject)
        entered = self._desk.enter(prompt.subject, reservation)
        if not isinstance(entered.decision, Allow):
            raise _denial(entered)
        return reservation

    def _deadline(self) -> Deadline:
        return Deadline(self._services.clock, self._services.prompt_timeout_s)

    def _finish(self, prompt: _Prompt, reservation: Reservation, reply: ModelReply, started: float) -> ModelReply:
        endpoint = prompt.transport.endpoint
        tokens_in = reply.tokens_in or prompt.tokens_in
        tokens_out = reply.tokens_out or estimate_tokens(reply.text)
        cost = reply.cost_microusd or _cost(endpoint, tokens_in, tokens_out)
        used = Use(prompts=1, tokens_in=tokens_in, tokens_out=tokens_out, microusd=cost)
        try:
            clean = ModelReply(
                text=self._desk.redactor.clean_ours(reply.text).text,
                tool_requests=tuple(self._clean_tool_request(item) for item in reply.tool_requests),
                finish_reason=self._desk.redactor.clean_ours(reply.finish_reason).text,
                model=reply.model or endpoint.model,
                endpoint=endpoint.name,
                tokens_in=tokens_in,
                tokens_out=tokens_out,
                cost_microusd=cost,
            )
        except RedactionError as error:
            failed = {"status": "error", "error": "redaction-failed", **why_withheld(error)}
            self._record(prompt, reservation, used, failed, started)
            raise RedactionError("the model's answer is withheld because it could not be cleaned") from error
        body: dict[str, JsonValue] = {
            "status": "ok",
            "endpoint": endpoint.name,
            "model": clean.model,
            "finish_reason": clean.finish_reason,
            "text": shortened(clean.text, _RECORDED_TOKENS),
            "tool_requests": [{"name": item.name, "arguments": item.arguments} for item in clean.tool_requests],
            "reply_hmac": self._desk.fingerprints.of(_json_of(clean)),
            "tokens_in": tokens_in,
            "tokens_out": tokens_out,
            "cost_microusd": cost,
        }
        seq = self._record(prompt, reservation, used, body, started, reply=clean)
        return replace(clean, seq=seq)

    def _clean_tool_request(self, item: ToolRequest) -> ToolRequest:
        """The arguments are JSON in a text; they are cleaned as JSON, so that no escape hides anything."""
        name, item_id = (self._desk.redactor.clean_ours(text).text for text in (item.name, item.id))
        try:
            parsed = plain_json(json.loads(item.arguments))
        except (ValueError, RecursionError):
            return ToolRequest(item_id, name, self._desk.redactor.clean_ours(item.arguments).text)
        clean = self._desk.redactor.value_ours(parsed)
        return ToolRequest(item_id, name, json.dumps(clean, ensure_ascii=False))

    def _failed(self, prompt: _Prompt, reservation: Reservation, error: Exception, started: float) -> OpswardenError:
        """Record a failure; what is told is a `ModelError` without anything the far side wrote unredacted."""
        used = Use(prompts=1, tokens_in=prompt.tokens_in)
        kind = type(error).__name__
        self._record(prompt, reservation, used, {"status": "error", "error": kind, **why_withheld(error)}, started)
        if isinstance(error, RedactionError):
            return RedactionError("the model's answer is withheld because it could not be cleaned")
        name = prompt.transport.endpoint.name
        if isinstance(error, ModelError):
            try:
                message = self._desk.redactor.text(error.message)
            except RedactionError:
                message = f"endpoint {name!r} failed"
            return ModelError(message, remedy=error.remedy, retryable=error.retryable)
        return ModelError(f"endpoint {name!r} failed ({kind})", remedy="look at the endpoint's own log")

    def _record(
        self,
        prompt: _Prompt,
        reservation: Reservation,
        used: Use,
        body: Mapping[str, JsonValue],
        started: float,
        *,
        reply: ModelReply | None = None,
    ) -> int:
        duration_ms = int((self._services.clock.monotonic() - started) * 1000)
        return self._desk.finish(
            prompt.subject,
            reservation,
            used,
            {**body, "duration_ms": duration_ms},
            lambda seq: {} if reply is None else _json_of(replace(reply, seq=seq)),
            # A failed request may be made again under the same id.
            state="done" if reply is not None else "decided",
        )

    def _refused(self, key: str, denied: Deny) -> CallDenied:
        subject = refused("prompt", key, PROMPT_ACTION, denied.reason)
        return _denial(self._desk.refuse(subject, denied))


def _clean(value: JsonValue, redactor: Redactor) -> JsonValue:
    """Clean every text and every key that is more than a plain word: schemas of others can hold anything.

    What stands under a key is cleaned as if it stood alone, for keys are those of the chat format.
    """
    if isinstance(value, str):
        return redactor.clean_ours(value).text
    if isinstance(value, Mapping):
        clean = {
            key if _PLAIN_KEY.fullmatch(key) else redactor.clean_ours(key).text: _clean(item, redactor)
            for key, item in value.items()
        }
        if len(clean) < len(value):
            raise RedactionError("two names of a request cannot be told apart once they are cleaned")
        return clean
    if isinstance(value, Sequence):
        return [_clean(item, redactor) for item in value]
    return plain_json(value)


def _denial(entered: Entered) -> CallDenied:
    decision = entered.decision
    reason = "" if isinstance(decision, Allow) else decision.reason
    return CallDenied(reason, code=decision.code, remedy=decision.remedy if isinstance(decision, Deny) else "")


def _refuse_unreadable(message: Message) -> None:
    """Only text can be cleaned; a picture, a sound or a long number could carry anything past the redaction.

    Raises:
        RedactionError: a part of the message is no text.
    """
    if any(abs(number) >= _MOST_NUMBER for number in _numbers(dict(message))):
        raise RedactionError("a message holds a long number outside of its text", remedy="send text only")
    content = message.get("content")
    if content is None or isinstance(content, str):
        return
    parts = content if isinstance(content, Sequence) else [content]
    for part in parts:
        if not (isinstance(part, Mapping) and part.get("type") in _READABLE_PARTS):
            raise RedactionError("a part of a message is no text and cannot be cleaned", remedy="send text only")


def _numbers(value: JsonValue) -> Iterator[int | float]:
    """Every number of a JSON value, however deep."""
    if isinstance(value, (int, float)):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _numbers(item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _numbers(item)


def _cost(endpoint: Endpoint, tokens_in: int, tokens_out: int) -> int:
    """Micro-USD, rounded up."""
    price = tokens_in * endpoint.input_microusd_per_mtok + tokens_out * endpoint.output_microusd_per_mtok
    return -(-price // _MICRO)


def _tool_name(tool: Mapping[str, JsonValue]) -> JsonValue:
    function = tool.get("function")
    return function.get("name") if isinstance(function, Mapping) else tool.get("name")


def _json_of(reply: ModelReply) -> dict[str, JsonValue]:
    requests: list[JsonValue] = [dict(vars(item)) for item in reply.tool_requests]
    return {**vars(reply), "tool_requests": requests}


def _reply_of(stored: Mapping[str, JsonValue]) -> ModelReply:
    fields: dict[str, Any] = dict(stored)
    fields["tool_requests"] = tuple(ToolRequest(**item) for item in fields["tool_requests"])
    return ModelReply(**fields)
