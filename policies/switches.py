"""The kill switch: one stored, recorded setting that stops every write and send at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ..core.clock import Clock, from_iso, to_iso
from ..core.database import Database, Migration
from .ledger.types import Ledger, LedgerEntry
from .store import select

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE switch (
            name TEXT PRIMARY KEY,
            is_on INTEGER NOT NULL,
            set_by TEXT NOT NULL,
            reason TEXT NOT NULL,
            set_at TEXT NOT NULL
        ) STRICT
        """,
    ),
)

_WRITES = "stop-writes"
_RUN = f"switch:{_WRITES}"
INSTALLATION = "installation"
"""Stands for the run in records that belong to no run."""


@dataclass(frozen=True)
class SwitchState:
    """How the kill switch stands, and who set it last."""

    is_on: bool
    set_by: str
    reason: str
    set_at: datetime


class KillSwitch:
    """Stops writes and sends of every run, in every process on this database.

    Args:
        scrub: cleans the reason that a person typed.
    """

    def __init__(self, database: Database, ledger: Ledger, clock: Clock, scrub: Callable[[str], str]) -> None:
        database.migrate("switches", MIGRATIONS)
        self._database = database
        self._ledger = ledger
        self._clock = clock
        self._scrub = scrub

    def state(self) -> SwitchState | None:
        """How it stands; `None` if nobody ever touched it.

        Raises:
            LedgerError: the database cannot be read.
        """
        rows = select(self._database, "SELECT is_on, set_by, reason, set_at FROM switch WHERE name = ?", (_WRITES,))
        if not rows:
            return None
        row = rows[0]
        return SwitchState(bool(row["is_on"]), row["set_by"], row["reason"], from_iso(row["set_at"]))

    def stops_writes(self) -> bool:
        """Whether writes and sends are stopped.

        Whoever can write the database could turn the row back: what the ledger has as stopped is stopped.

        Raises:
            LedgerError: the database cannot be read; nothing may be written then anyway.
        """
        state, recorded = self.state(), self._ledger.tail(1, run_id=_RUN)
        return (state is not None and state.is_on) or any(entry.body.get("is_on") is not False for entry in recorded)

    def set(self, is_on: bool, *, by: str, reason: str) -> int:
        """Stop writes, or let them go on; both are recorded in the same step.

        Returns:
            The ledger entry.

        Raises:
            LedgerError: it could not be recorded, and nothing has changed.
        """
        clean, now = self._scrub(reason), to_iso(self._clock.now())
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO switch VALUES (?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET"
                " is_on = excluded.is_on, set_by = excluded.set_by, reason = excluded.reason, set_at = excluded.set_at",
                (_WRITES, int(is_on), by, clean, now),
            )
            entry = LedgerEntry("switch.set", _RUN, {"switch": _WRITES, "is_on": is_on, "by": by, "reason": clean})
            return self._ledger.append([entry], connection=connection)[0]
