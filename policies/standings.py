"""How budgets stand: what is used, what is set aside for calls under way, and what is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ..core.database import Database
from .budgets import MIGRATIONS, Limits
from .day_budgets import MEASURES, SCOPES, Account, DayBudgets, Scope
from .store import select
from .uses import SUMS, Measure, Use, use_of


@dataclass(frozen=True)
class Standing:
    """One figure of one account.

    Args:
        scope: `run` for the budget of a single run.
        used: what has been used and settled.
        reserved: what is set aside for calls under way, or was when a process died.
        limit: `None` where nothing is limited.
    """

    scope: Scope | Literal["run"]
    name: str
    measure: Measure
    used: int
    reserved: int
    limit: int | None

    @property
    def left(self) -> int | None:
        """What may still be used; below nothing where settling went over."""
        return None if self.limit is None else self.limit - self.used - self.reserved


def of_day(database: Database, budgets: DayBudgets, day: str, *, team: str | None = None) -> Sequence[Standing]:
    """How the accounts of a day stand: those that used something, and those that a budget names.

    Args:
        database: the gate's.
        budgets: what is limited.
        day: of UTC, `2026-01-31`.
        team: this team's account only.

    Raises:
        LedgerError: the database cannot be read.
    """
    database.migrate("budgets", MIGRATIONS)
    totals: dict[Account, Use] = {}
    for row in select(database, "SELECT * FROM budget_day WHERE day = ?", (day,)):
        for scope in SCOPES:
            if row["scope"] == scope:
                totals[scope, row["name"]] = use_of(row)
    reserved = _reserved(database, day)
    found: list[Standing] = []
    for scope in SCOPES:
        names = {name for each, name in (*totals, *budgets.named) if each == scope}
        if team is not None:
            names = {team} if scope == "team" else set()
        for name in sorted(names):
            total, ahead = totals.get((scope, name), Use()), reserved.get((scope, name), Use())
            found += _standings(scope, name, total, ahead, budgets.limits(scope, name))
    return found


def of_run(database: Database, limits: Limits, run_id: str) -> Sequence[Standing]:
    """How the budget of one run stands; its messages and its time are left out.

    Raises:
        LedgerError: the database cannot be read.
    """
    database.migrate("budgets", MIGRATIONS)
    query = f"SELECT {SUMS} FROM budget_use WHERE run_id = ?"  # noqa: S608 - the names of the columns are constants
    total = use_of(select(database, query, (run_id,))[0])
    reserved = use_of(select(database, f"{query} AND is_settled = 0", (run_id,))[0])
    binding: dict[Measure, int] = {measure: getattr(limits, measure) for measure in MEASURES}
    return list(_standings("run", run_id, total, reserved, binding))


def _reserved(database: Database, day: str) -> Mapping[Account, Use]:
    found: dict[Account, Use] = {}
    for scope in SCOPES:
        query = f"SELECT {scope} AS name, {SUMS} FROM budget_use WHERE day = ? AND is_settled = 0 GROUP BY {scope}"  # noqa: S608 - the names of the columns are constants
        found |= {(scope, row["name"]): use_of(row) for row in select(database, query, (day,))}
    return found


def _standings(
    scope: Scope | Literal["run"], name: str, total: Use, reserved: Use, limits: Mapping[Measure, int]
) -> Iterator[Standing]:
    for measure in MEASURES:
        limit = limits.get(measure)
        if limit is not None or total.of(measure):
            ahead = reserved.of(measure)
            yield Standing(scope, name, measure, total.of(measure) - ahead, ahead, limit)
