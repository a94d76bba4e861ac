"""How budgets stand: what is used, what is set aside for calls under way, and what is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ..core.database import Database
from .budgets import MIGRATIONS, Limits
from .day_budgets import MEASURES, SCOPES, Account, DayBudgets, Period, Scope, day_of, slice_of, slices_to
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
        per: the period; `run` for that of a single run.
    """

    scope: Scope | Literal["run"]
    name: str
    measure: Measure
    used: int
    reserved: int
    limit: int | None
    per: Period | Literal["run"] = "day"

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
    return _of_period(database, budgets, "day", [day], team)


def of_limits(
    database: Database, budgets: DayBudgets, now: datetime, day: str, *, team: str | None = None
) -> Sequence[Standing]:
    """How the limits of the day's month stand, and on the present day those of the last hour.

    Args:
        database: the gate's.
        budgets: what is limited.
        now: whose hour.
        day: as for `of_day`.
        team: as for `of_day`.

    Raises:
        LedgerError: the database cannot be read.
    """
    hour = _of_period(database, budgets, "hour", slices_to(slice_of(now)), team) if day == day_of(now) else []
    month = _of_period(database, budgets, "month", [day[:7]], team)
    return [item for item in (*month, *hour) if item.limit is not None]


def _of_period(
    database: Database, budgets: DayBudgets, per: Period, keys: Sequence[str], team: str | None
) -> Sequence[Standing]:
    database.migrate("budgets", MIGRATIONS)
    marks = ", ".join("?" * len(keys))
    query = f"SELECT scope, name, {SUMS} FROM budget_day WHERE day IN ({marks}) GROUP BY scope, name"  # noqa: S608 - constants
    rows = list(select(database, query, tuple(keys)))
    totals: dict[Account, Use] = {(scope, row["name"]): use_of(row) for scope in SCOPES for row in rows
                                  if row["scope"] == scope}  # fmt: skip
    reserved = _reserved(database, per, keys)
    found: list[Standing] = []
    for scope in SCOPES:
        names = {name for each, name in (*totals, *budgets.named(per)) if each == scope}
        if team is not None:
            names = {team} if scope == "team" else set()
        for name in sorted(names):
            total, ahead = totals.get((scope, name), Use()), reserved.get((scope, name), Use())
            found += _standings(scope, name, total, ahead, budgets.limits(scope, name, per), per)
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


def _reserved(database: Database, per: Period, keys: Sequence[str]) -> Mapping[Account, Use]:
    column = {"hour": "slice", "day": "day", "month": "substr(day, 1, 7)"}[per]
    where = f"{column} IN ({', '.join('?' * len(keys))}) AND is_settled = 0"
    found: dict[Account, Use] = {}
    for scope in SCOPES:
        query = f"SELECT {scope} AS name, {SUMS} FROM budget_use WHERE {where} GROUP BY {scope}"  # noqa: S608 - constants
        found |= {(scope, row["name"]): use_of(row) for row in select(database, query, tuple(keys))}
    return found


def _standings(
    scope: Scope | Literal["run"],
    name: str,
    total: Use,
    reserved: Use,
    limits: Mapping[Measure, int],
    per: Period | Literal["run"] = "run",
) -> Iterator[Standing]:
    for measure in MEASURES:
        limit = limits.get(measure)
        if limit is not None or total.of(measure):
            ahead = reserved.of(measure)
            yield Standing(scope, name, measure, total.of(measure) - ahead, ahead, limit, per)
