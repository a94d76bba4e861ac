"""The other end of `RemoteGate`: one connection, one gate that was opened for it, and nothing else to be had."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from typing import Any, TypeVar

from pydantic import ValidationError

from ...core.errors import OpswardenError
from ..types import Gate, ModelReply, Notice, TellResult
from . import messages
from .frames import BadFrame, Frames

Beside = Callable[[Mapping[str, Any]], Any]
"""Answers a verb that is not the gate's; raises `BadFrame` for a body that is none."""

M = TypeVar("M", bound=messages.Said)

_MOST_REQUESTS = 200_000


class Serving:
    """Answers what comes over a connection, out of one gate.

    Args:
        gate: opened for the run that the connection belongs to; by whoever knows whose run it is, never by a request.
        frames: the connection, let in.
        beside: verbs besides the gate's, by name.
        on_told: hears of every notice and what became of it.
        at_once: requests that are worked on at the same time; more wait unread.
    """

    def __init__(
        self,
        gate: Gate,
        frames: Frames,
        *,
        beside: Mapping[str, Beside] | None = None,
        on_told: Callable[[Notice, TellResult], None] = lambda notice, result: None,
        at_once: int = 32,
    ) -> None:
        self._gate = gate
        self._frames = frames
        self._on_told = on_told
        self._free = threading.BoundedSemaphore(at_once)
        self._at_once = at_once
        self._listening: dict[int, queue.SimpleQueue[bool]] = {}
        self._bad: BadFrame | None = None
        self._verbs: dict[str, Beside] = {
            **(beside or {}),
            "call": self._call,
            "prompt": self._prompt,
            "tell": self._tell,
            "cards": lambda body: messages.cards_body(_nothing(body, gate.cards)),
            "endpoints": lambda body: messages.endpoints_body(_nothing(body, gate.endpoints)),
            "spent": lambda body: dict(vars(_nothing(body, gate.spent))),
            "degraded": lambda body: _nothing(body, gate.degraded),
            "warnings": lambda body: list(_nothing(body, gate.warnings)),
            "more": lambda body: self._wants(body, is_more=True),
            "stop": lambda body: self._wants(body, is_more=False),
        }

    def run(self) -> None:
        """Answer until the other end closes; calls that have begun are ended and recorded whatever it does.

        Raises:
            BadFrame: it does not keep to the protocol; nothing more of it is read.
        """
        try:
            self._take()
        finally:
            self._frames.close()
        if self._bad is not None:
            raise self._bad

    def _take(self) -> None:
        with ThreadPoolExecutor(self._at_once, thread_name_prefix="apart") as pool, self._without_listeners():
            count = 0
            while self._bad is None and (body := self._frames.receive()) is not None:
                count += 1
                request = parsed(messages.Request, body, "request")
                if request.verb not in self._verbs and request.verb != "prompt_stream":
                    raise BadFrame("request-verb")
                if count > _MOST_REQUESTS:
                    raise BadFrame("request-count")
                # Neither waits for anything, and a stream that holds a thread waits for them.
                if request.verb in ("more", "stop"):
                    self._answer(request)
                    continue
                if request.verb == "prompt_stream":
                    self._listen(request.id)
                self._free.acquire()
                pool.submit(self._answer_freeing, request)

    def _listen(self, number: int) -> None:
        """Make room for a stream; it keeps a thread for as long as whoever asked for it takes their time.

        Raises:
            BadFrame: its number is in use, so that one of the two could never be told to stop; or with it every
                thread would wait for words that nobody is left to read.
        """
        if number in self._listening:
            raise BadFrame("request-id")
        if len(self._listening) >= max(self._at_once - 1, 1):
            raise BadFrame("request-streams")
        self._listening[number] = queue.SimpleQueue()

    @contextmanager
    def _without_listeners(self) -> Iterator[None]:
        try:
            yield
        finally:
            for stream in list(self._listening.values()):
                stream.put(False)

    def _answer_freeing(self, request: messages.Request) -> None:
        try:
            self._answer(request)
        finally:
            self._free.release()

    def _answer(self, request: messages.Request) -> None:
        try:
            if request.verb == "prompt_stream":
                for item in self._stream(request):
                    told = messages.reply_body(item) if isinstance(item, ModelReply) else item
                    self._frames.send({"id": request.id, "is": "item", "body": told})
                answer: Any = None
            else:
                answer = self._verbs[request.verb](request.body)
            self._frames.send({"id": request.id, "is": "result", "body": answer})
        except BadFrame as error:
            self._bad = error
            self._frames.close()
        except OpswardenError as error:
            self._error(request.id, messages.error_body(error))
        except OSError:
            pass  # nobody listens any more; what was done is recorded
        except Exception as error:  # noqa: BLE001 - a defect of ours: its text may hold what was not redacted
            told = f"internal error in the process that holds the gate: {type(error).__name__}"
            self._error(request.id, {"kind": "OpswardenError", "message": told})
        finally:
            self._listening.pop(request.id, None)

    def _error(self, number: int, body: Mapping[str, Any]) -> None:
        with suppress(OSError):  # as above
            self._frames.send({"id": number, "is": "error", "body": body})

    def _call(self, body: Mapping[str, Any]) -> Any:
        said = parsed(messages.Call, body, "request-call")
        return messages.result_body(self._gate.call(said.tool, said.args, call_id=said.call_id))

    def _prompt(self, body: Mapping[str, Any]) -> Any:
        said = parsed(messages.Prompt, body, "request-prompt")
        return messages.reply_body(self._gate.prompt(said.as_request(), endpoint=said.endpoint, call_id=said.call_id))

    def _stream(self, request: messages.Request) -> Iterator[str | ModelReply]:
        """One item at a time, each when it is asked for: whoever stops asking stops the model, as it would here."""
        said = parsed(messages.Prompt, request.body, "request-prompt")
        items = self._gate.prompt_stream(said.as_request(), endpoint=said.endpoint, call_id=said.call_id)
        wants = self._listening[request.id]
        with closing(items) as stream:  # type: ignore[type-var]  # the gate's is a generator
            while wants.get() and (item := next(stream, None)) is not None:
                yield item

    def _tell(self, body: Mapping[str, Any]) -> Any:
        audience, notice = parsed(messages.Tell, body, "request-tell").as_notice()
        result = self._gate.tell(audience, notice, call_id=body["call_id"])
        self._on_told(notice, result)
        return messages.result_body(result)

    def _wants(self, body: Mapping[str, Any], *, is_more: bool) -> None:
        stream = self._listening.get(parsed(messages.Stream, body, "request-stream").of)
        if stream is not None:
            stream.put(is_more)


def _nothing(body: Mapping[str, Any], verb: Callable[[], Any]) -> Any:
    parsed(messages.Nothing, body, "request-body")
    return verb()


def parsed(model: type[M], body: Mapping[str, Any], code: str) -> M:
    """A body as its model.

    Raises:
        BadFrame: it is none.
    """
    try:
        return model.model_validate(body)
    except (ValidationError, RecursionError) as error:
        raise BadFrame(code) from error
