"""What one run may use, and what it has used: reserved before a decision, settled after the outcome."""

from __future__ import annotations

import threading
from dataclasses import dataclass, fields
from typing import Literal

from pydantic import Field

from ..core.clock import Clock
from ..core.config import Section
from ..core.database import Connection, Database, Migration
from ..core.errors import LedgerError
from .facts import BudgetFacts
from .group_commit import GroupCommit
from .store import select
from .types import Spent

Verb = Literal["call", "prompt", "tell"]

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE budget_use (
            id INTEGER PRIMARY KEY,
            run_id TEXT NOT NULL,
            verb TEXT NOT NULL,
            call_id TEXT NOT NULL,
            is_settled INTEGER NOT NULL DEFAULT 0,
            calls INTEGER NOT NULL,
            prompts INTEGER NOT NULL,
            tells INTEGER NOT NULL,
            tokens_in INTEGER NOT NULL,
            tokens_out INTEGER NOT NULL,
            microusd INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX budget_use_by_run ON budget_use (run_id);
        CREATE TABLE budget_time (run_id TEXT PRIMARY KEY, wall_ms INTEGER NOT NULL) STRICT
        """,
    ),
)


class Limits(Section):
    """What one run may use; every figure is a hard end."""

    calls: int = Field(default=200, ge=1, description="tool calls; a survey makes about thirty")
    prompts: int = Field(default=60, ge=1, description="requests to models")
    tells: int = Field(default=20, ge=1, description="messages to people")
    tokens: int = Field(default=600_000, ge=1, description="tokens to and from models together")
    microusd: int = Field(default=2_000_000, ge=1, description="micro-USD for models and tools: 2 USD")
    wall_s: int = Field(
        default=3_600, ge=1, description="seconds at work; waiting for people between processes is free"
    )


@dataclass(frozen=True)
class Use:
    """An amount of everything that is limited."""

    calls: int = 0
    prompts: int = 0
    tells: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    microusd: int = 0

    def __add__(self, other: Use) -> Use:
        return Use(*(getattr(self, item.name) + getattr(other, item.name) for item in fields(Use)))


_COLUMNS = tuple(item.name for item in fields(Use))
_INSERT = (
    f"INSERT INTO budget_use (run_id, verb, call_id, {', '.join(_COLUMNS)})"  # noqa: S608 - the column names above
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id"
)
_SUMS = ", ".join(f"COALESCE(SUM({column}), 0) AS {column}" for column in _COLUMNS)


@dataclass(frozen=True)
class Reservation:
    """What was set aside for one call.

    Args:
        id: its row; -1 where it is kept in memory only, while the database is down.
        facts: what the run has used with this reservation, and its limits.
    """

    id: int
    facts: BudgetFacts


class RunBudget:
    """The budget of one run, shared by its threads and by whatever process resumes it.

    Args:
        run_id: whose budget.
        limits: what it may use.
        commits: of the same database.
    """

    def __init__(self, database: Database, clock: Clock, run_id: str, limits: Limits, commits: GroupCommit) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._run_id = run_id
        self._limits = limits
        self._lock = threading.Lock()
        self._opened = clock.monotonic()
        self._unsaved = Use()
        try:
            rows = select(database, "SELECT wall_ms FROM budget_time WHERE run_id = ?", (run_id,))
            self._earlier_ms = int(rows[0]["wall_ms"]) if rows else 0
            self._known = self._read()
        except LedgerError:
            # A run that starts while the database is down counts in memory until it is back.
            self._earlier_ms, self._known = 0, Use()

    def reserve(self, verb: Verb, call_id: str, wanted: Use, *, may_degrade: bool) -> Reservation:
        """Set an amount aside, in one step against other threads and processes.

        It always succeeds: whether the total is too much is for the policies to say, and a denial releases it.

        Args:
            verb: what kind of call it is.
            call_id: which one.
            wanted: the most it may need.
            may_degrade: count in memory if the database is down.

        Raises:
            LedgerError: the database is down and this call must not go on without it.
        """
        wall_ms = self._wall_ms()

        def step(connection: Connection) -> tuple[int, Use]:
            row = connection.execute(_INSERT, (self._run_id, verb, call_id, *_amounts(wanted))).fetchone()
            connection.execute(
                "INSERT INTO budget_time VALUES (?, ?) ON CONFLICT (run_id) DO UPDATE SET wall_ms ="
                " CASE WHEN excluded.wall_ms > budget_time.wall_ms THEN excluded.wall_ms ELSE budget_time.wall_ms END",
                (self._run_id, wall_ms),
            )
            return int(row["id"]), self._sum(connection)

        try:
            place, total = self._commits.run(step)
        except LedgerError:
            if not may_degrade:
                raise
            with self._lock:
                self._unsaved += wanted
                return Reservation(-1, self._facts(self._known + self._unsaved, wall_ms))
        with self._lock:
            self._known = total
            return Reservation(place, self._facts(total + self._unsaved, wall_ms))

    def settle(self, connection: Connection, reservation: Reservation, used: Use) -> None:
        """Replace a reservation by what was really used, inside the caller's transaction."""
        assignments = ", ".join(f"{column} = ?" for column in _COLUMNS)
        connection.execute(
            f"UPDATE budget_use SET is_settled = 1, {assignments} WHERE id = ?",  # noqa: S608 - the column names above
            (*_amounts(used), reservation.id),
        )

    def release(self, connection: Connection, reservation: Reservation) -> None:
        """Give a reservation back, inside the caller's transaction: nothing ran."""
        connection.execute("DELETE FROM budget_use WHERE id = ? AND is_settled = 0", (reservation.id,))

    def spent(self) -> Spent:
        """What the run has used, open reservations included; as far as known while the database is down."""
        try:
            known = self._read()
        except LedgerError:
            known = self._known
        total = known + self._unsaved
        return Spent(total.calls, total.prompts, total.tokens_in, total.tokens_out, total.microusd)

    def _read(self) -> Use:
        row = select(self._database, f"SELECT {_SUMS} FROM budget_use WHERE run_id = ?", (self._run_id,))[0]  # noqa: S608 - the column names above
        return Use(*(int(row[column]) for column in _COLUMNS))

    def _sum(self, connection: Connection) -> Use:
        row = connection.execute(f"SELECT {_SUMS} FROM budget_use WHERE run_id = ?", (self._run_id,)).fetchone()  # noqa: S608 - the column names above
        return Use(*(int(row[column]) for column in _COLUMNS))

    def _wall_ms(self) -> int:
        return self._earlier_ms + int((self._clock.monotonic() - self._opened) * 1000)

    def _facts(self, total: Use, wall_ms: int) -> BudgetFacts:
        return BudgetFacts(
            calls_used=total.calls,
            calls_limit=self._limits.calls,
            prompts_used=total.prompts,
            prompts_limit=self._limits.prompts,
            tells_used=total.tells,
            tells_limit=self._limits.tells,
            tokens_used=total.tokens_in + total.tokens_out,
            tokens_limit=self._limits.tokens,
            microusd_used=total.microusd,
            microusd_limit=self._limits.microusd,
            wall_s_used=wall_ms // 1000,
            wall_s_limit=self._limits.wall_s,
        )


def _amounts(use: Use) -> tuple[int, ...]:
    return tuple(getattr(use, column) for column in _COLUMNS)
