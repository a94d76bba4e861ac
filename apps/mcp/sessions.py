"""MCP sessions: each is a run in the ledger, opened by the first request, ended when it closes or is left alone."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from ...core.canonical import JsonValue, canonical_json
from ...core.clock import Clock
from ...core.errors import CallDenied, LedgerError, OpswardenError, RedactionError
from ...policies.types import Audience, CallResult, Notice
from ...tools.spec import ToolCard
from ..people.callers import Caller
from .answers import Answer, body_of, refused, waiting
from .sources import AUDIENCE, Opened, Source

_MOST_WAITING = 200
_STOP_S = 5.0


class Session:
    """One client's run; calls may come side by side."""

    def __init__(self, caller: Caller, opened: Opened, clock: Clock) -> None:
        self.caller = caller
        self._opened = opened
        self._gate = opened.gate
        self._clock = clock
        self._cards = {shown_name(card.name): card for card in self._gate.cards()}
        self._lock = threading.Condition()
        self._calls = 0
        self._busy = 0
        self._is_closed = False
        self._waiting: dict[str, str] = {}
        self.used_at = clock.monotonic()

    @property
    def run_id(self) -> str:
        """The run."""
        return self._gate.run.id

    @property
    def cards(self) -> Mapping[str, ToolCard]:
        """What this caller could ever be allowed to call, by the name that clients use."""
        return self._cards

    @property
    def is_waiting(self) -> bool:
        """Whether a call waits for a person."""
        with self._lock:
            return bool(self._waiting)

    def call(self, name: str, args: Mapping[str, JsonValue]) -> Answer:
        """Make a call and hand its answer back; nothing is raised for what the call comes to.

        The same call made again is the same question to people as long as that stands, and the call that was approved
        is not made twice by it.
        """
        card = self._cards.get(name)
        tool = card.name if card is not None else name.replace("__", ".")
        mark = hashlib.sha256(canonical_json({"tool": tool, "args": dict(args)})).hexdigest()
        with self._lock:
            if self._is_closed:
                return refused("session-closed", "the session has been closed; open another one")
            self._busy += 1
            self._calls += 1
            self.used_at = self._clock.monotonic()
            call_id = self._waiting.get(mark) or f"mcp.{self._calls}"
        try:
            result = self._gate.call(tool, args, call_id=call_id)
            self._remember(mark, result)
            if result.approval_id is not None:
                return waiting(result)
            if result.status == "denied" or result.code == "bad-arguments":
                return Answer(body_of(result))  # words of the gate, already clean
            return self._told(result)
        except LedgerError:
            return refused("ledger-down", "nothing could be recorded, so nothing is told; try later", status="error")
        except RedactionError:
            return refused("redaction-failed", "the result is withheld because it could not be cleaned", status="error")
        finally:
            with self._lock:
                self._busy -= 1
                self.used_at = self._clock.monotonic()
                self._lock.notify_all()

    def close(self, outcome: str) -> None:
        """End the run, once calls under way have ended or have had their time."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            self._lock.wait_for(lambda: self._busy == 0, timeout=_STOP_S)
        with self._opened.store, suppress(LedgerError):
            self._gate.end(outcome)

    def _remember(self, mark: str, result: CallResult) -> None:
        """Which calls stand before a person; a call that somebody denied stays denied for this session."""
        with self._lock:
            if result.approval_id is None and result.code != "approval-denied":
                self._waiting.pop(mark, None)
            elif len(self._waiting) < _MOST_WAITING:
                self._waiting[mark] = result.call_id

    def _told(self, result: CallResult) -> Answer:
        """The client is an audience like any other: what may not go there does not."""
        audience = Audience(AUDIENCE, self.caller.name, self.caller.team)
        notice = Notice("mcp.answer", body_of(result))
        told = self._gate.tell(audience, notice, call_id=f"{result.call_id}.answer")
        if told.status == "sent":
            return Answer(dict(told.body))
        if told.approval_id is not None:
            return waiting(replace(result, approval_id=told.approval_id, message=told.message, summary=None, scope={}))
        return refused(told.code, f"the call ran, and its result may not be told: {told.message}")


class Sessions:
    """The sessions of one server; safe to use from several threads.

    Args:
        source: opens their gates.
        most: at once, over all callers.
        most_of_one: at once of one caller.
        idle_s: how long one without a call stays open.
        waiting_s: the same where a call waits for a person.
    """

    def __init__(
        self, source: Source, clock: Clock, *, most: int, most_of_one: int, idle_s: float, waiting_s: float
    ) -> None:
        self._source = source
        self._clock = clock
        self._most = most
        self._most_of_one = most_of_one
        self._idle_s = idle_s
        self._waiting_s = max(waiting_s, idle_s)
        self._lock = threading.Lock()
        self._opening: dict[tuple[str, str], threading.Lock] = {}
        self._open: dict[tuple[str, str], Session] = {}

    def of(self, caller: Caller, key: str) -> Session:
        """The session of a caller under a key; opened if it is new.

        Raises:
            CallDenied: the caller is not served here, or has as many as may be.
            OpswardenError: it cannot be opened.
        """
        if caller.environment not in (None, self._source.environment):
            raise CallDenied("this caller is not served in this environment", code="caller-environment")
        self.sweep()
        place = (caller.name, key)
        with self._lock:
            if (known := self._open.get(place)) is not None:
                return known
            self._make_room(caller)
            opening = self._opening.setdefault(place, threading.Lock())
        try:
            with opening:
                with self._lock:
                    if (known := self._open.get(place)) is not None:
                        return known
                made = Session(caller, self._source.open(caller), self._clock)
                with self._lock:
                    self._open[place] = made
                return made
        finally:
            with self._lock:
                self._opening.pop(place, None)

    def end(self, caller: str, key: str) -> None:
        """Close a session that its client has ended."""
        with self._lock:
            session = self._open.pop((caller, key), None)
        if session is not None:
            session.close("closed")

    def sweep(self) -> None:
        """Close what nobody has used for too long."""
        now = self._clock.monotonic()
        with self._lock:
            late = [
                place
                for place, session in self._open.items()
                if now - session.used_at > (self._waiting_s if session.is_waiting else self._idle_s)
            ]
            closing = [self._open.pop(place) for place in late]
        _close(closing, "left")

    def close(self) -> None:
        """Close all of them, and what they read."""
        with self._lock:
            closing = list(self._open.values())
            self._open.clear()
        _close(closing, "closed")
        self._source.close()

    def _make_room(self, caller: Caller) -> None:
        places = {*self._open, *self._opening}
        own = sum(name == caller.name for name, _ in places)
        if len(places) >= self._most or own >= self._most_of_one:
            raise CallDenied(
                "as many sessions are open as may be", code="too-many-sessions", remedy="close one, or try later"
            )


def shown_name(tool: str) -> str:
    """A tool's name as clients of every make take it: a dot becomes two underscores."""
    return tool.replace(".", "__")


def _close(sessions: Sequence[Session], outcome: str) -> None:
    for session in sessions:
        with suppress(OpswardenError):
            session.close(outcome)
