"""Conversations: each is a run with a vault of its own, which is gone when it ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ...core.clock import Clock
from ...core.errors import CallDenied, LedgerError
from ...policies.gate import LocalGateFactory, RunGate
from ...policies.types import Principal, Run
from ...redaction.types import Redactor
from .contracts import Contract
from .restoring import Restoring
from .vaults import Vaults


class Conversation:
    """One run of a caller."""

    def __init__(self, gate: RunGate, redactor: Redactor, clock: Clock) -> None:
        self.gate = gate
        self.restoring = Restoring(redactor)
        self._clock = clock
        self._lock = threading.Lock()
        self._requests = 0
        self._busy = 0
        self.used_at = clock.monotonic()

    @property
    def is_busy(self) -> bool:
        """Whether a request is under way."""
        return self._busy > 0

    @contextmanager
    def request(self) -> Iterator[str]:
        """The id of a new request, for as long as it is under way."""
        with self._lock:
            self._requests += 1
            self._busy += 1
            call_id = f"request.{self._requests}"
        try:
            yield call_id
        finally:
            with self._lock:
                self._busy -= 1
                self.used_at = self._clock.monotonic()


class Conversations:
    """The conversations of one gateway; safe to use from several threads.

    Args:
        factory: opens gates; its redactors use `vaults`.
        vaults: one for each run.
        most: named ones at once.
        of_one: the same of one caller.
        idle_s: how long a named one without a request is kept.
    """

    def __init__(
        self, factory: LocalGateFactory, vaults: Vaults, clock: Clock, *, most: int, of_one: int, idle_s: float
    ) -> None:
        self._factory = factory
        self._vaults = vaults
        self._clock = clock
        self._most = most
        self._of_one = of_one
        self._idle_s = idle_s
        self._lock = threading.Lock()
        self._named: dict[tuple[str, str], Conversation] = {}

    @contextmanager
    def of(self, contract: Contract, name: str, run_id: str) -> Iterator[Conversation]:
        """The conversation that a caller names, or one for a single request.

        Args:
            contract: whose it is; no other caller's has the same.
            name: the caller's; empty for one that ends with the request.
            run_id: for a new one.

        Raises:
            CallDenied: `too-many-conversations`.
            OpswardenError: it cannot be opened.
        """
        if not name:
            conversation = self._open(contract, run_id)
            try:
                yield conversation
            finally:
                self._end(conversation)
            return
        self.sweep()
        with self._lock:
            known = self._named.get((contract.name, name))
            if known is None:
                own = sum(caller == contract.name for caller, _ in self._named)
                if len(self._named) >= self._most or own >= self._of_one:
                    raise CallDenied("as many conversations are open as may be", code="too-many-conversations")
                known = self._named[contract.name, name] = self._open(contract, run_id)
            known.used_at = self._clock.monotonic()  # nobody else's look ends it before this request begins
        yield known

    def sweep(self) -> None:
        """End what nobody has used for too long."""
        now = self._clock.monotonic()
        with self._lock:
            late = [
                place for place, each in self._named.items() if not each.is_busy and now - each.used_at > self._idle_s
            ]
            ending = [self._named.pop(place) for place in late]
        for each in ending:
            self._end(each)

    def close(self) -> None:
        """End all of them."""
        with self._lock:
            ending = list(self._named.values())
            self._named.clear()
        for each in ending:
            self._end(each)

    def _open(self, contract: Contract, run_id: str) -> Conversation:
        run = Run(
            id=run_id,
            principal=Principal(contract.role, f"system:gateway.{contract.name}", contract.team),
            trigger="gateway",
            environment=contract.environment,
            audience_team=contract.team,
            brings=contract.labels,
        )
        gate = self._factory.open_run(run)
        return Conversation(gate, self._vaults.redactor(run), self._clock)

    def _end(self, conversation: Conversation) -> None:
        with suppress(LedgerError):
            conversation.gate.end("closed")
        self._vaults.forget(conversation.gate.run.id)
