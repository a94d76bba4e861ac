"""Holds: nothing of a run, or nothing at all, expires or is erased until a day; set and released on record."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ..core.canonical import JsonValue
from ..core.clock import Clock, from_iso, to_iso
from ..core.database import Database, Migration
from ..core.errors import CallDenied, InputError
from ..core.holds import Held
from .ledger.types import Ledger, LedgerEntry
from .store import select
from .switches import INSTALLATION

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE data_hold (
            run_id TEXT PRIMARY KEY,
            until TEXT NOT NULL,
            reason TEXT NOT NULL,
            set_by TEXT NOT NULL,
            set_at TEXT NOT NULL
        ) STRICT
        """,
    ),
)

EVERYTHING = "*"
"""Stands for the run where all data is held."""

_REASON_LIMIT = 500
_LONGEST = timedelta(days=36_500)


@dataclass(frozen=True)
class Hold:
    """A hold as it was set.

    Args:
        run_id: `EVERYTHING` for all data.
    """

    run_id: str
    until: datetime
    reason: str
    set_by: str
    set_at: datetime


class Holds:
    """The holds of an installation.

    Args:
        scrub: cleans the reason that a person typed.
        roles: one of them is needed to set a hold or to release it.
    """

    def __init__(
        self, database: Database, ledger: Ledger, clock: Clock, scrub: Callable[[str], str], *, roles: frozenset[str]
    ) -> None:
        database.migrate("data_holds", MIGRATIONS)
        self._database = database
        self._ledger = ledger
        self._clock = clock
        self._scrub = scrub
        self._roles = roles

    def standing(self) -> tuple[Hold, ...]:
        """The holds that are not over, by run.

        Raises:
            LedgerError: the database cannot be read; then nothing may expire.
        """
        sql = "SELECT * FROM data_hold WHERE until > ? ORDER BY run_id"
        return tuple(
            Hold(row["run_id"], from_iso(row["until"]), row["reason"], row["set_by"], from_iso(row["set_at"]))
            for row in select(self._database, sql, (to_iso(self._clock.now()),))
        )

    def held(self) -> Held:
        """What they cover; as `standing`."""
        runs = frozenset(hold.run_id for hold in self.standing())
        return Held(runs - {EVERYTHING}, EVERYTHING in runs)

    def place(self, run_id: str, until: datetime, *, person: str, roles: frozenset[str], reason: str) -> int:
        """Hold the data of a run; an earlier hold on it is replaced.

        Args:
            run_id: or `EVERYTHING`.
            until: it ends then.
            person: `person:<name>`.
            roles: that the person holds.
            reason: recorded, cleaned.

        Returns:
            The ledger entry.

        Raises:
            InputError: no reason, no such run, or a moment that has passed or is a hundred years away.
            CallDenied: `erase-role`; recorded as well.
            LedgerError: it could not be recorded, and nothing is held.
        """
        now = self._clock.now()
        if not now < until < now + _LONGEST:
            raise InputError("a hold ends in the future", remedy="name a day still to come: --until 2027-06-30")
        facts = self._facts(run_id, person, roles, reason)
        facts["until"] = to_iso(until)
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO data_hold VALUES (?, ?, ?, ?, ?) ON CONFLICT (run_id) DO UPDATE SET"
                " until = excluded.until, reason = excluded.reason, set_by = excluded.set_by, set_at = excluded.set_at",
                (run_id, to_iso(until), facts["reason"], person, to_iso(now)),
            )
            entry = LedgerEntry("data.held", INSTALLATION, {**facts, "outcome": "held"})
            return self._ledger.append([entry], connection=connection)[0]

    def release(self, run_id: str, *, person: str, roles: frozenset[str], reason: str) -> int:
        """Let data expire again; as `place`.

        Raises:
            InputError: no reason, or nothing is held.
        """
        if run_id not in {hold.run_id for hold in self.standing()}:
            raise InputError("there is no such hold", remedy="`opswarden data inventory` shows the holds there are")
        facts = self._facts(run_id, person, roles, reason)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM data_hold WHERE run_id = ?", (run_id,))
            entry = LedgerEntry("data.held", INSTALLATION, {**facts, "outcome": "released"})
            return self._ledger.append([entry], connection=connection)[0]

    def _facts(self, run_id: str, person: str, roles: frozenset[str], reason: str) -> dict[str, JsonValue]:
        reason = reason.strip()
        if not reason or len(reason) > _REASON_LIMIT:
            raise InputError(
                "a hold needs a reason", remedy=f"say why in one sentence of at most {_REASON_LIMIT} characters"
            )
        if run_id != EVERYTHING and next(iter(self._ledger.of_run(run_id)), None) is None:
            raise InputError("there is no record of this run", remedy="`opswarden audit tail` shows the newest runs")
        facts: dict[str, JsonValue] = {
            "held_run": run_id,
            "by": person,
            "roles": sorted(roles),
            "reason": self._scrub(reason),
        }
        if not self._roles & roles:
            self._ledger.append([LedgerEntry("data.held", INSTALLATION, {**facts, "outcome": "denied"})])
            raise erase_role_missing("holding data", self._roles)
        return facts


def erase_role_missing(act: str, needed: frozenset[str]) -> CallDenied:
    """The refusal of somebody who has none of the roles."""
    names = ", ".join(sorted(needed)) or "nobody may (`ledger.erase_roles` is empty)"
    return CallDenied(
        f"{act} needs another role",
        code="erase-role",
        remedy=f"one of: {names}; roles are given under `people` in opswarden.toml",
    )
