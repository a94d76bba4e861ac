"""What one run may use, and what it has used: reserved before a decision, settled after the outcome.

What its team, its agent role and an environment may use in a day is counted in the same transactions: `day_budgets`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from ..core.clock import Clock
from ..core.config import Section
from ..core.database import Connection, Database, Migration
from ..core.errors import LedgerError
from .day_budgets import SLICES, TABLES, Accounts, DayBudgets, count, day_of, slice_of
from .facts import BudgetFacts
from .group_commit import GroupCommit
from .store import select
from .trail import Progress
from .types import Principal, Spent
from .uses import COLUMNS, SUMS, use_of
from .uses import Use as Use

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
    (2, TABLES),
    (3, SLICES),
)


class Limits(Section):
    """What one run may use; every figure is a hard end."""

    calls: int = Field(default=200, ge=1, description="tool calls; a survey makes about thirty")
    prompts: int = Field(default=60, ge=1, description="requests to models")
    tells: int = Field(default=20, ge=1, description="messages to people")
    tokens: int = Field(default=600_000, ge=1, description="tokens to and from models together")
    microusd: int = Field(default=2_000_000, ge=1, description="micro-USD for models and tools: 2 USD")
    questions: int = Field(default=20, ge=1, le=1_000, description="questions to people that wait at once")
    wall_s: int = Field(
        default=3_600, ge=1, description="seconds at work; waiting for people between processes is free"
    )
    rows: int = Field(default=20_000_000, ge=1, description="rows that reads bring")
    bytes: int = Field(default=4_000_000_000, ge=1, description="bytes that reads bring: 4 GB")
    repeats: int = Field(default=3, ge=1, le=100, description="times in a row that one call may bring the same")
    idle_calls: int = Field(default=20, ge=1, le=1_000, description="calls in a row that may bring nothing new")


_INSERT = (
    "INSERT INTO budget_use"  # noqa: S608 - the names of the columns are constants
    f" (run_id, verb, call_id, day, team, role, environment, slice, {', '.join(COLUMNS)})"
    f" VALUES ({', '.join('?' * (8 + len(COLUMNS)))}) RETURNING id"
)
_TOTAL = f"SELECT {SUMS} FROM budget_use WHERE run_id = ?"  # noqa: S608 - as above
_NOBODY = Accounts("", "", "", "")


@dataclass(frozen=True)
class Reservation:
    """What was set aside for one call.

    Args:
        id: its row; -1 where it is kept in memory only, while the database is down.
        facts: what the run has used with this reservation, and its limits.
        exceeded: budgets of the day that are used up with it.
        progress: whether the run gets anywhere.
    """

    id: int
    facts: BudgetFacts
    exceeded: frozenset[str] = frozenset()
    progress: Progress = field(default_factory=Progress)


class RunBudget:
    """The budget of one run, shared by its threads and by whatever process resumes it.

    Args:
        run_id: whose budget.
        limits: what it may use.
        commits: of the same database.
        days: what its team and its role may use in a day.
        principal: whose the run is; without one it counts against no budget of a day.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        run_id: str,
        limits: Limits,
        commits: GroupCommit,
        days: DayBudgets | None = None,
        principal: Principal | None = None,
    ) -> None:
        self._database = database
        self._commits = commits
        self._clock = clock
        self._run_id = run_id
        self.limits = limits
        self._days = days or DayBudgets()
        self._principal = principal
        # While the database is down, a budget of the day that was used up stays so, and no other can be seen.
        self._exceeded: frozenset[str] = frozenset()
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

    def reserve(
        self,
        verb: Verb,
        call_id: str,
        wanted: Use,
        *,
        may_degrade: bool,
        environment: str = "",
        also: Callable[[Connection | None], Progress] = lambda _connection: Progress(),
    ) -> Reservation:
        """Set an amount aside, in one step against other threads and processes.

        It always succeeds: whether the total is too much is for the policies to say, and a denial releases it.

        Args:
            verb: what kind of call it is.
            call_id: which one.
            wanted: the most it may need.
            may_degrade: count in memory if the database is down.
            environment: where the call of a tool acts.
            also: says in the same step whether the run gets anywhere; without a connection while the database is down.

        Raises:
            LedgerError: the database is down and this call must not go on without it.
        """
        wall_ms, accounts = self._wall_ms(), self._accounts(environment, asks_model=verb == "prompt")
        columns = (accounts.day, accounts.team, accounts.role, accounts.environment, accounts.slice)

        def step(connection: Connection) -> tuple[int, Use, frozenset[str], Progress]:
            row = connection.execute(_INSERT, (self._run_id, verb, call_id, *columns, *wanted.amounts)).fetchone()
            connection.execute(
                "INSERT INTO budget_time VALUES (?, ?) ON CONFLICT (run_id) DO UPDATE SET wall_ms ="
                " CASE WHEN excluded.wall_ms > budget_time.wall_ms THEN excluded.wall_ms ELSE budget_time.wall_ms END",
                (self._run_id, wall_ms),
            )
            exceeded = self._days.exceeded(connection, accounts, wanted)
            return int(row["id"]), self._sum(connection), exceeded, also(connection)

        try:
            place, total, exceeded, progress = self._commits.run(step)
        except LedgerError:
            if not may_degrade:
                raise
            progress = also(None)
            with self._lock:
                self._unsaved += wanted
                return Reservation(-1, self._facts(self._known + self._unsaved, wall_ms), self._exceeded, progress)
        with self._lock:
            self._known, self._exceeded = total, exceeded
            return Reservation(place, self._facts(total + self._unsaved, wall_ms), exceeded, progress)

    def settle(self, connection: Connection, reservation: Reservation, used: Use) -> None:
        """Replace a reservation by what was really used, inside the caller's transaction."""
        self._count(connection, reservation, used)
        assignments = ", ".join(f"{column} = ?" for column in COLUMNS)
        connection.execute(
            f"UPDATE budget_use SET is_settled = 1, {assignments} WHERE id = ?",  # noqa: S608 - their names are constants
            (*used.amounts, reservation.id),
        )

    def release(self, connection: Connection, reservation: Reservation) -> None:
        """Give a reservation back, inside the caller's transaction: nothing ran."""
        self._count(connection, reservation, Use(), unless_settled=True)
        connection.execute("DELETE FROM budget_use WHERE id = ? AND is_settled = 0", (reservation.id,))

    def spent(self) -> Spent:
        """What the run has used, open reservations included; as far as known while the database is down."""
        try:
            known = self._read()
        except LedgerError:
            known = self._known
        total = known + self._unsaved
        return Spent(
            total.calls, total.prompts, total.tokens_in, total.tokens_out, total.microusd, total.rows, total.bytes
        )

    def _read(self) -> Use:
        return use_of(select(self._database, _TOTAL, (self._run_id,))[0])

    def _sum(self, connection: Connection) -> Use:
        return use_of(connection.execute(_TOTAL, (self._run_id,)).fetchone())

    def _accounts(self, environment: str, *, asks_model: bool) -> Accounts:
        if self._principal is None:
            return _NOBODY
        now = self._clock.now()
        latest = slice_of(now) if asks_model else ""
        return Accounts(day_of(now), self._principal.team, self._principal.role, environment, latest)

    def _count(
        self, connection: Connection, reservation: Reservation, used: Use, *, unless_settled: bool = False
    ) -> None:
        """Bring the counters of the day from what was reserved to what was used."""
        row = connection.execute("SELECT * FROM budget_use WHERE id = ?", (reservation.id,)).fetchone()
        if row is None or (unless_settled and row["is_settled"]):
            return
        change = used - use_of(row)
        if any(change.amounts):
            whose = Accounts(row["day"], row["team"], row["role"], row["environment"], row["slice"])
            count(connection, whose, change)

    def _wall_ms(self) -> int:
        return self._earlier_ms + int((self._clock.monotonic() - self._opened) * 1000)

    def _facts(self, total: Use, wall_ms: int) -> BudgetFacts:
        return BudgetFacts(
            calls_used=total.calls,
            calls_limit=self.limits.calls,
            prompts_used=total.prompts,
            prompts_limit=self.limits.prompts,
            tells_used=total.tells,
            tells_limit=self.limits.tells,
            tokens_used=total.tokens,
            tokens_limit=self.limits.tokens,
            microusd_used=total.microusd,
            microusd_limit=self.limits.microusd,
            wall_s_used=wall_ms // 1000,
            wall_s_limit=self.limits.wall_s,
            rows_used=total.rows,
            rows_limit=self.limits.rows,
            bytes_used=total.bytes,
            bytes_limit=self.limits.bytes,
        )
