"""The gate as a process without anything else has it: the same verbs, answered over a socket."""

from __future__ import annotations

import itertools
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ...core.canonical import JsonValue
from ...core.errors import BackendError
from ...tools.spec import ToolCard
from ..types import Audience, CallResult, Endpoint, ModelReply, ModelRequest, Notice, Run, Spent, TellResult
from . import messages
from .frames import VERSION, BadFrame, Frames

_GONE = "the process that holds the gate has ended"


class RemoteGate:
    """A `Gate` over a connection; opened by `enter`.

    Args:
        frames: on which the other end has let us in.
        facts: what it said of the run.
    """

    def __init__(self, frames: Frames, facts: Mapping[str, Any]) -> None:
        self._frames = frames
        self.facts = facts
        self._run = messages.run_of(facts["run"])
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._waiting: dict[int, queue.SimpleQueue[Mapping[str, Any]]] = {}
        self._has_ended = False
        threading.Thread(target=self._listen, name="remote-gate", daemon=True).start()

    @classmethod
    def enter(cls, frames: Frames, handle: str) -> RemoteGate:
        """Show the handle that was given to this process, once.

        Raises:
            BackendError: the other end does not let us in.
        """
        frames.send({"version": VERSION, "handle": handle})
        facts = frames.receive(30.0)
        if facts is None:
            raise BackendError("the process that holds the gate does not let this one in", remedy="start the run again")
        return cls(frames, facts)

    @property
    def run(self) -> Run:
        """The run that the connection belongs to."""
        return self._run

    def cards(self) -> Sequence[ToolCard]:
        """The tools that policy could allow this role; see `types.Gate`."""
        return messages.cards_of(self.ask("cards"))

    def endpoints(self) -> Sequence[Endpoint]:
        """The model endpoints in the operator's order."""
        return messages.endpoints_of(self.ask("endpoints"))

    def call(self, tool: str, args: Mapping[str, JsonValue], *, call_id: str) -> CallResult:
        """Run a tool, or learn why not; see `types.Gate`."""
        return messages.call_result(self.ask("call", {"tool": tool, "args": dict(args), "call_id": call_id}))

    def prompt(self, request: ModelRequest, *, endpoint: str, call_id: str) -> ModelReply:
        """Ask a model; see `types.Gate`."""
        return messages.reply_of(self.ask("prompt", messages.prompt_body(request, endpoint, call_id)))

    def prompt_stream(self, request: ModelRequest, *, endpoint: str, call_id: str) -> Iterator[str | ModelReply]:
        """Like `prompt`, with redacted text as it arrives and the whole reply last."""
        number, answers = self._send("prompt_stream", messages.prompt_body(request, endpoint, call_id))
        is_over = False
        try:
            while True:
                self._tell_stream("more", number)
                answer = answers.get()
                is_over = answer["is"] != "item"
                if answer["is"] == "result":
                    return
                item = _opened(answer)
                yield item if isinstance(item, str) else messages.reply_of(item)
        finally:
            if not is_over:
                self._tell_stream("stop", number)
                while answers.get()["is"] == "item":
                    pass  # until the other end has closed it, and recorded that
            self._forget(number)

    def tell(self, audience: Audience, notice: Notice, *, call_id: str) -> TellResult:
        """Tell people something, once; see `types.Gate`."""
        return messages.tell_result(self.ask("tell", messages.tell_body(audience, notice, call_id)))

    def spent(self) -> Spent:
        """What the run has used."""
        return messages.spent_of(self.ask("spent"))

    def degraded(self) -> str:
        """Why records go to the fallback journal; empty while the ledger works."""
        return str(self.ask("degraded"))

    def warnings(self) -> Sequence[str]:
        """What whoever reads a report of this run now has to know."""
        return tuple(self.ask("warnings"))

    def ask(self, verb: str, body: Mapping[str, Any] | None = None) -> Any:
        """Say something and wait for the answer.

        Raises:
            OpswardenError: what the other end raised.
            BackendError: it has gone.
        """
        number, answers = self._send(verb, body or {})
        try:
            return _opened(answers.get())
        finally:
            self._forget(number)

    def close(self) -> None:
        """Let go of the connection."""
        self._frames.close()

    def _send(self, verb: str, body: Mapping[str, Any]) -> tuple[int, queue.SimpleQueue[Mapping[str, Any]]]:
        answers: queue.SimpleQueue[Mapping[str, Any]] = queue.SimpleQueue()
        number = next(self._numbers)
        with self._lock:
            if self._has_ended:
                raise BackendError(_GONE)
            self._waiting[number] = answers
        try:
            self._frames.send({"id": number, "verb": verb, "body": body})
        except (OSError, BadFrame) as error:
            self._forget(number)
            if isinstance(error, BadFrame):
                raise
            raise BackendError(_GONE) from error
        except BaseException:
            self._forget(number)
            raise
        return number, answers

    def _tell_stream(self, verb: str, number: int) -> None:
        with suppress(OSError):  # who has gone streams no more, and the listener says so
            self._frames.send({"id": next(self._numbers), "verb": verb, "body": {"of": number}})

    def _forget(self, number: int) -> None:
        with self._lock:
            self._waiting.pop(number, None)

    def _listen(self) -> None:
        try:
            while (answer := self._frames.receive()) is not None:
                with self._lock:
                    waiting = self._waiting.get(answer.get("id", 0))
                if waiting is not None:
                    waiting.put(answer)
        except BadFrame:
            pass
        finally:
            with self._lock:
                self._has_ended = True
                left = list(self._waiting.values())
            for waiting in left:
                waiting.put({"is": "error", "body": {"kind": "BackendError", "message": _GONE}})


def _opened(answer: Mapping[str, Any]) -> Any:
    if answer["is"] == "error":
        raise messages.error_of(answer["body"])
    return answer["body"]
