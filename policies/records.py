"""Writing records: into the ledger inside a transaction, or into the local journal while the ledger is down."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from ..core.clock import Clock, to_iso
from ..core.database import Connection
from ..core.errors import LedgerError
from .group_commit import GroupCommit
from .ledger.types import Ledger, LedgerEntry

T = TypeVar("T")


class Fallback(Protocol):
    """A signed local journal for reads while the ledger is down."""

    def append(self, entries: Sequence[LedgerEntry]) -> None:
        """Record entries durably.

        Raises:
            LedgerError: it cannot be written either.
        """
        ...

    def merge_into(self, ledger: Ledger) -> int:
        """Move what was recorded into the ledger; how many entries.

        Raises:
            LedgerError: the journal was changed, or the ledger cannot be written.
        """
        ...


@dataclass(frozen=True)
class Books:
    """What a step may write to.

    Args:
        connection: the open transaction; `None` while the database is down.
        append: records entries; their places, or -1 each in the local journal.
    """

    connection: Connection | None
    append: Callable[[Sequence[LedgerEntry]], tuple[int, ...]]


class Recorder:
    """The one way a run's records are written; remembers why some of them went to the local journal.

    Args:
        commits: of the database that the ledger lies in.
    """

    def __init__(self, commits: GroupCommit, ledger: Ledger, fallback: Fallback, clock: Clock) -> None:
        self._commits = commits
        self._ledger = ledger
        self._fallback = fallback
        self._clock = clock
        self._lock = threading.Lock()
        self._degraded = ""

    @property
    def degraded(self) -> str:
        """Why some records of this run are in the local journal; empty if none are."""
        return self._degraded

    def degrade(self, error: LedgerError) -> None:
        """Remember the first reason; it stays, because the report has to say so even if the ledger comes back."""
        with self._lock:
            if not self._degraded:
                self._degraded = f"since {to_iso(self._clock.now())}: {error.message}"

    def write(self, step: Callable[[Books], T], *, may_degrade: bool) -> T:
        """Do a step in one transaction with its ledger entries; all of it stands or none.

        Steps of other threads may share the transaction; each stands or falls by itself, unless the database fails.

        Args:
            step: is called again if the ledger is down and the call may go on without it, then without a connection
                if the database is down as well; it must not keep anything from an attempt that failed.
            may_degrade: for reads, and for outcomes of what has happened already.

        Raises:
            LedgerError: nothing was recorded.
        """
        try:
            return self._commits.run(
                lambda connection: step(
                    Books(connection, lambda entries: self._ledger.append(entries, connection=connection))
                )
            )
        except LedgerError as error:
            if not may_degrade:
                raise
            self.degrade(error)
        local: list[LedgerEntry] = []

        def note(entries: Sequence[LedgerEntry]) -> tuple[int, ...]:
            local.extend(entries)
            return (-1,) * len(entries)

        def without_ledger(connection: Connection) -> T:
            local.clear()
            return step(Books(connection, note))

        try:
            # The database may be there all the same, and with it the journal of calls.
            result = self._commits.run(without_ledger)
        except LedgerError:
            local.clear()
            result = step(Books(None, note))
        self._fallback.append(local)
        return result
