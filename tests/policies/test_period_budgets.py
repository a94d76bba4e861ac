"""Budgets of a month and of the last hour: the same counters as those of a day, over other stretches of time."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from worlds import START, World

from opswarden.core.clock import FixedClock
from opswarden.core.database import Database
from opswarden.core.errors import CallDenied
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies import budgets
from opswarden.policies.budgets import Limits, RunBudget, Use
from opswarden.policies.day_budgets import DayBudget, DayBudgets, slice_of, slices_to
from opswarden.policies.group_commit import GroupCommit
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.settings import StormLimits
from opswarden.policies.standings import of_day, of_limits
from opswarden.policies.types import ModelRequest, Principal

ONE = Use(prompts=1, tokens_in=60, microusd=5)


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = SqliteDatabase(tmp_path / "budget.sqlite")
    database.migrate("budgets", budgets.MIGRATIONS)
    return database


def book(database: Database, clock: FixedClock, *given: DayBudget, run_id: str = "run_1") -> RunBudget:
    keys = FileKeys(Path(tempfile.mkdtemp()) / "keys.json")
    commits = GroupCommit(database, SqliteLedger(database, keys, clock))
    principal = Principal("triage", "person:ann", "payments")
    return RunBudget(database, clock, run_id, Limits(), commits, DayBudgets(given), principal)


def ask(mine: RunBudget, name: str) -> frozenset[str]:
    return mine.reserve("prompt", name, ONE, may_degrade=False).exceeded


class TestSettings:
    @pytest.mark.parametrize(
        "given",
        [
            {"team": "a", "per": "hour", "calls": 5},
            {"team": "a", "per": "hour", "prompts": 5, "rows": 5},
            {"environment": "prod", "per": "hour", "microusd": 5},
        ],
    )
    def test_an_hour_limits_what_models_are_asked_and_nothing_else(self, given: dict[str, object]) -> None:
        with pytest.raises(ValidationError, match="a budget of an hour limits"):
            DayBudget.model_validate(given)

    def test_the_same_team_may_have_one_of_each(self) -> None:
        found = DayBudgets([DayBudget(team="a", calls=1), DayBudget(team="a", per="month", calls=9)])
        assert found.limits("team", "a") == {"calls": 1}
        assert found.limits("team", "a", "month") == {"calls": 9}

    def test_a_storm_is_limited_unless_that_is_taken_back(self) -> None:
        (storm,) = StormLimits().with_others(())
        assert (storm.per, storm.name, storm.limits) == ("hour", "*", {"tokens": 10_000_000, "microusd": 20_000_000})
        assert StormLimits(tokens=None, microusd=None).with_others(()) == ()

    def test_a_team_may_have_an_hour_of_its_own(self) -> None:
        own = DayBudget(team="payments", per="hour", microusd=7)
        found = DayBudgets(StormLimits().with_others([own]))
        assert found.limits("team", "payments", "hour")["microusd"] == 7
        assert found.limits("team", "search", "hour")["microusd"] == 20_000_000


class TestHour:
    STORM = DayBudget(team="*", per="hour", prompts=3)

    def test_many_runs_together_end_it_and_it_comes_back_as_the_hour_passes(self, database: Database) -> None:
        clock = FixedClock(START)
        for n in range(3):
            assert ask(book(database, clock, self.STORM, run_id=f"run_{n}"), "p") == frozenset()
        assert ask(book(database, clock, self.STORM, run_id="run_9"), "p") == {"team-hour.prompts"}
        clock.advance(59 * 60)
        assert ask(book(database, clock, self.STORM, run_id="run_10"), "p") == {"team-hour.prompts"}
        clock.advance(12 * 60)
        assert ask(book(database, clock, self.STORM, run_id="run_11"), "p") == frozenset()

    def test_it_does_not_begin_anew_at_the_full_hour(self, database: Database) -> None:
        clock = FixedClock(START.replace(minute=58))
        mine = book(database, clock, self.STORM)
        for n in range(3):
            ask(mine, str(n))
        clock.advance(5 * 60)
        assert ask(mine, "next") == {"team-hour.prompts"}

    def test_what_was_not_used_is_given_back(self, database: Database) -> None:
        clock = FixedClock(START)
        mine = book(database, clock, DayBudget(team="payments", per="hour", tokens=100))
        kept = mine.reserve("prompt", "a", Use(prompts=1, tokens_in=90), may_degrade=False)
        clock.advance(15 * 60)
        with database.transaction() as connection:
            mine.settle(connection, kept, Use(prompts=1, tokens_in=10))
        assert mine.reserve("prompt", "b", Use(prompts=1, tokens_in=80), may_degrade=False).exceeded == frozenset()

    def test_calls_of_tools_are_not_counted(self, database: Database) -> None:
        mine = book(database, FixedClock(START), self.STORM)
        for n in range(9):
            assert mine.reserve("call", str(n), Use(calls=1), may_degrade=False).exceeded == frozenset()

    def test_the_slices_of_an_hour(self) -> None:
        assert slice_of(START)[:11] == f"{START.date().isoformat()}T"
        found = slices_to("2026-01-01T00:1")
        assert found[-2:] == ["2026-01-01T00:0", "2026-01-01T00:1"]
        assert found[0] == "2025-12-31T23:1"
        assert len(found) == 7


class TestMonth:
    def test_days_of_a_month_count_together_and_a_new_month_begins_anew(self, database: Database) -> None:
        clock = FixedClock(START.replace(day=1))
        limit = DayBudget(team="payments", per="month", prompts=2)
        mine = book(database, clock, limit)
        assert ask(mine, "a") == frozenset()
        clock.advance(timedelta(days=20).total_seconds())
        assert ask(mine, "b") == frozenset()
        assert ask(mine, "c") == {"team-month.prompts"}
        clock.advance(timedelta(days=15).total_seconds())
        assert ask(mine, "d") == frozenset()


class TestStandings:
    def test_limits_of_the_month_and_the_hour_stand_beside_the_day(self, database: Database) -> None:
        clock = FixedClock(START)
        given = DayBudgets([DayBudget(team="*", per="hour", prompts=5), DayBudget(team="*", per="month", microusd=90)])
        mine = book(database, clock)
        kept = mine.reserve("prompt", "a", ONE, may_degrade=False)
        with database.transaction() as connection:
            mine.settle(connection, kept, ONE)
        ask(mine, "b")
        day = START.date().isoformat()
        found = of_limits(database, given, START, day)
        assert [(row.per, row.name, row.measure, row.used, row.reserved, row.limit, row.left) for row in found] == [
            ("month", "payments", "microusd", 5, 5, 90, 80),
            ("hour", "payments", "prompts", 1, 1, 5, 3),
        ]
        assert {row.per for row in of_day(database, given, day)} == {"day"}
        assert [row.per for row in of_limits(database, given, START, "2026-01-01")] == []


def test_in_a_storm_no_model_is_asked_and_tools_go_on(make_world: Callable[..., World]) -> None:
    world = make_world(days=DayBudgets([DayBudget(team="*", per="hour", prompts=1)]))
    request = ModelRequest(({"role": "user", "content": "x"},), max_tokens=10)
    world.open("run_1").prompt(request, endpoint="hosted", call_id="p")
    with pytest.raises(CallDenied, match=r"team-hour\.prompts") as denied:
        world.open("run_2").prompt(request, endpoint="hosted", call_id="p")
    assert denied.value.code == "budget.storm"
