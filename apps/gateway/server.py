"""`/v1/chat/completions` and `/v1/models`: protocol in, `gate.prompt` behind; nothing is decided here."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ...core.clock import Clock
from ...core.errors import CallDenied, OpswardenError
from ...core.ids import IdSource
from ...core.tokens import estimate_tokens
from ...policies.types import Endpoint, ModelReply, ToolRequest
from ..http.guard import CALLER, App
from .answers import Failure, Wording, event, failure_of
from .contracts import Contract
from .conversations import Conversation, Conversations
from .requests import Asked, BadRequest, read_request
from .restoring import RestoringStream

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

T = TypeVar("T")

CONVERSATION_HEADER = "x-opswarden-conversation"
IGNORED_HEADER = "x-opswarden-ignored"
_LONGEST_NAME = 128
_SWEEP_S = 20.0
_LEAST_ANSWER_TOKENS = 256
_END = b""


class Gateway:
    """Serves callers whose contracts it has.

    Args:
        conversations: the runs.
        endpoints: the models by name.
        at_once: requests at once, over all callers.
        of_one: the same of one caller.
    """

    def __init__(
        self,
        conversations: Conversations,
        endpoints: Mapping[str, Endpoint],
        clock: Clock,
        ids: IdSource,
        *,
        at_once: int,
        of_one: int,
    ) -> None:
        self._conversations = conversations
        self._endpoints = dict(endpoints)
        self._clock = clock
        self._ids = ids
        self._at_once = at_once
        self._of_one = of_one
        self._lock = threading.Lock()
        self._busy: dict[str, int] = {}
        self._limiter: Any = None

    def app(self) -> App:
        """The ASGI application; a guard has to stand in front of it."""
        from starlette.applications import Starlette  # noqa: PLC0415 - an extra
        from starlette.routing import Route  # noqa: PLC0415 - the same

        @asynccontextmanager
        async def lifespan(_app: Any) -> AsyncIterator[None]:
            import anyio  # noqa: PLC0415 - the same

            self._limiter = anyio.CapacityLimiter(self._at_once)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._sweep)
                yield
                tasks.cancel_scope.cancel()

        routes = [
            Route("/v1/chat/completions", self._complete, methods=["POST"]),
            Route("/v1/models", self._models, methods=["GET"]),
        ]
        return Starlette(routes=routes, lifespan=lifespan, exception_handlers={404: _not_found, 405: _not_found})

    async def _models(self, request: Request) -> Response:
        contract: Contract = request.scope[CALLER]
        listed = [{"id": name, "object": "model", "created": 0, "owned_by": "opswarden"} for name in contract.models]
        return _json({"object": "list", "data": listed})

    async def _complete(self, request: Request) -> Response:
        contract: Contract = request.scope[CALLER]
        try:
            asked = read_request(await request.body())
            _check(asked, contract)
            asked = _fitted(asked, self._endpoints[asked.model])
            name = _conversation_name(request.headers.get(CONVERSATION_HEADER, ""))
        except BadRequest as error:
            return _refusal(Failure(400, error.message, "invalid_request_error", "bad-request", error.param))
        except CallDenied as error:
            return _refusal(failure_of(error))
        wording = Wording(f"chatcmpl-{self._ids.new('req')}", int(self._clock.now().timestamp()), asked.model)
        headers = {IGNORED_HEADER: ",".join(asked.ignored)} if asked.ignored else {}
        if asked.is_stream:
            return await self._streamed(contract, name, asked, wording, headers)
        try:
            whole = await self._apart(partial(self._whole, contract, name, asked, wording))
        except Exception as error:  # noqa: BLE001 - the edge: a trace could show what redaction took out
            return _refusal(_told(error))
        return _json(whole, headers)

    def _whole(self, contract: Contract, name: str, asked: Asked, wording: Wording) -> Mapping[str, Any]:
        with self._request(contract, name) as (conversation, call_id):
            reply = conversation.gate.prompt(asked.request, endpoint=asked.model, call_id=call_id)
            calls = _calls(conversation, asked, contract, reply)
            return wording.whole(conversation.restoring.text(reply.text), calls, reply)

    async def _streamed(
        self, contract: Contract, name: str, asked: Asked, wording: Wording, headers: Mapping[str, str]
    ) -> Response:
        """The first event is waited for, so that what is refused is refused with a status."""
        from starlette.responses import StreamingResponse  # noqa: PLC0415 - an extra

        pieces = self._pieces(contract, name, asked, wording)
        try:
            first: bytes = await self._apart(partial(next, pieces, _END))
        except Exception as error:  # noqa: BLE001 - as above
            return _refusal(_told(error))

        async def body() -> AsyncIterator[bytes]:
            import anyio  # noqa: PLC0415 - as above

            try:
                yield first
                while True:
                    piece: bytes = await self._apart(partial(next, pieces, _END))
                    if piece == _END:
                        return
                    yield piece
            except Exception as error:  # noqa: BLE001 - as above; the status is sent already
                yield event({"error": _told(error).as_json})
            finally:
                with anyio.CancelScope(shield=True):
                    await anyio.to_thread.run_sync(pieces.close)

        told = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no", **headers}
        return StreamingResponse(body(), media_type="text/event-stream", headers=told)

    def _pieces(self, contract: Contract, name: str, asked: Asked, wording: Wording) -> Any:
        with self._request(contract, name) as (conversation, call_id):
            stream = RestoringStream(conversation.restoring.text)
            has_begun = False
            for item in conversation.gate.prompt_stream(asked.request, endpoint=asked.model, call_id=call_id):
                if not has_begun:
                    has_begun = True
                    yield wording.piece({"role": "assistant", "content": ""})
                if isinstance(item, ModelReply):
                    calls = _calls(conversation, asked, contract, item)
                    if rest := stream.rest():
                        yield wording.piece({"content": rest})
                    yield wording.last(calls, item, wants_usage=asked.wants_usage)
                elif ready := stream.more(item):
                    yield wording.piece({"content": ready})

    @contextmanager
    def _request(self, contract: Contract, name: str) -> Iterator[tuple[Conversation, str]]:
        with self._lock:
            if self._busy.get(contract.name, 0) >= self._of_one:
                raise CallDenied(
                    "as many requests of this agent are under way as may be", code="budget.at-once", remedy="wait"
                )
            self._busy[contract.name] = self._busy.get(contract.name, 0) + 1
        try:
            with (
                self._conversations.of(contract, name, self._ids.new("run")) as conversation,
                conversation.request() as call_id,
            ):
                yield conversation, call_id
        finally:
            with self._lock:
                self._busy[contract.name] -= 1

    async def _apart(self, work: Callable[[], T]) -> T:
        """On a thread; the gate is synchronous."""
        import anyio  # noqa: PLC0415 - as above

        return await anyio.to_thread.run_sync(work, limiter=self._limiter)

    async def _sweep(self) -> None:
        import anyio  # noqa: PLC0415 - as above

        while True:
            await anyio.sleep(_SWEEP_S)
            await anyio.to_thread.run_sync(self._conversations.sweep)


def _check(asked: Asked, contract: Contract) -> None:
    """What the contract does not list is not sent anywhere.

    Raises:
        CallDenied: `unknown-endpoint` or `contract.tools`.
    """
    if asked.model not in contract.models:
        raise CallDenied("the contract lists no such model", code="unknown-endpoint", remedy="`/v1/models` lists them")
    if not asked.offered <= set(contract.tools):
        raise CallDenied(
            "the request offers a tool that the contract does not list",
            code="contract.tools",
            remedy="leave it out, or have it listed",
        )


def _fitted(asked: Asked, endpoint: Endpoint) -> Asked:
    """The request as the model can take it; nothing that was asked for is dropped.

    Raises:
        BadRequest: the model has no such ability.
    """
    request = asked.request
    if request.tools and "tools" not in endpoint.abilities:
        raise BadRequest("this model takes no tools", "tools")
    if request.response_format is not None and "json" not in endpoint.abilities:
        raise BadRequest("this model takes no form of answer", "response_format")
    sent = sum(estimate_tokens(str(part)) for part in (*request.messages, *request.tools))
    room = max(_LEAST_ANSWER_TOKENS, endpoint.context_tokens - sent)
    return replace(asked, request=replace(request, max_tokens=min(request.max_tokens, room)))


def _calls(conversation: Conversation, asked: Asked, contract: Contract, reply: ModelReply) -> list[dict[str, Any]]:
    """The tool calls that go back, with values put back into their arguments.

    Raises:
        CallDenied: `contract.tools`: the model asks for one that it was not offered.
    """
    if any(call.name not in asked.offered & set(contract.tools) for call in reply.tool_requests):
        raise CallDenied("the model asks for a tool that it was not offered", code="contract.tools")
    return [_call(conversation, place, call) for place, call in enumerate(reply.tool_requests)]


def _call(conversation: Conversation, place: int, call: ToolRequest) -> dict[str, Any]:
    arguments = conversation.restoring.json_text(call.arguments)
    return {
        "id": call.id or f"call_{place}",
        "type": "function",
        "function": {"name": call.name, "arguments": arguments},
    }


def _conversation_name(header: str) -> str:
    if len(header) > _LONGEST_NAME or not header.isascii() or not (header == "" or header.isprintable()):
        raise BadRequest(f"a conversation's name has at most {_LONGEST_NAME} printable characters")
    return header


def _told(error: Exception) -> Failure:
    if not isinstance(error, OpswardenError):
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        place = f"{frame.tb_frame.f_code.co_name}:{frame.tb_lineno}" if frame is not None else "?"
        sys.stderr.write(f"error: internal error: {type(error).__name__} at {place}\n")
    return failure_of(error)


def refusal_body(status: int, line: str) -> bytes:
    """How the guard refuses, in the words of the API."""
    kind = "invalid_request_error" if status != 401 else "authentication_error"
    return Failure(status, line, kind, "invalid_api_key" if status == 401 else None).body


def _refusal(failure: Failure) -> Response:
    from starlette.responses import Response  # noqa: PLC0415 - an extra

    headers = {"Retry-After": "5"} if failure.status in (429, 503) else {}
    return Response(failure.body, failure.status, headers, media_type="application/json")


async def _not_found(_request: Request, _error: Exception) -> Response:
    return _refusal(Failure(404, "there is nothing here but chat completions and models", "invalid_request_error"))


def _json(document: Mapping[str, Any] | Sequence[Any], headers: Mapping[str, str] | None = None) -> Response:
    from starlette.responses import Response  # noqa: PLC0415 - an extra

    content = json.dumps(document, ensure_ascii=False).encode()
    return Response(content, headers=dict(headers or {}), media_type="application/json")
