"""Budgets of a day: over runs, threads and processes, by team, role and environment."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from worlds import START, World

from opswarden.core.clock import FixedClock
from opswarden.core.database import Database
from opswarden.core.errors import CallDenied, ConfigError
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies import budgets
from opswarden.policies.budgets import Limits, RunBudget, Use
from opswarden.policies.day_budgets import DayBudget, DayBudgets
from opswarden.policies.group_commit import GroupCommit
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.types import Audience, ModelRequest, Notice, Principal

TODAY, TOMORROW = "2026-11-23", "2026-11-24"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    database = SqliteDatabase(tmp_path / "budget.sqlite")
    database.migrate("budgets", budgets.MIGRATIONS)
    return database


def book(
    database: Database,
    *given: DayBudget,
    run_id: str = "run_1",
    team: str = "payments",
    role: str = "triage",
    clock: FixedClock | None = None,
) -> RunBudget:
    principal = Principal(role, "person:ann", team)
    clock = clock or FixedClock(START)
    keys = FileKeys(Path(tempfile.mkdtemp()) / "keys.json")
    ledger = SqliteLedger(database, keys, clock)
    return RunBudget(database, clock, run_id, Limits(), GroupCommit(database, ledger), DayBudgets(given), principal)


def used(database: Database, scope: str, name: str, column: str, day: str = TODAY) -> int:
    row = (
        database.connection()
        .execute("SELECT * FROM budget_day WHERE day = ? AND scope = ? AND name = ?", (day, scope, name))
        .fetchone()
    )
    return 0 if row is None else int(row[column])


def request(gate_team: str = "payments") -> ModelRequest:
    return ModelRequest(({"role": "user", "content": "x"},), max_tokens=100)


class TestSettings:
    @pytest.mark.parametrize(
        ("given", "why"),
        [
            ({"calls": 1}, "names a team, a role or an environment"),
            ({"team": "a", "role": "b", "calls": 1}, "one of them only"),
            ({"team": "a"}, "limits something"),
            ({"environment": "prod", "tokens": 5}, "belong to no environment"),
            ({"team": "a", "calls": 0}, "greater than or equal to 1"),
            ({"team": "a", "calls": 1, "per": "week"}, "day"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, given: dict[str, object], why: str) -> None:
        with pytest.raises(ValidationError, match=why):
            DayBudget.model_validate(given)

    def test_two_for_the_same_are_refused(self) -> None:
        with pytest.raises(ConfigError, match="for the same"):
            DayBudgets([DayBudget(team="a", calls=1), DayBudget(team="a", rows=1)])

    def test_a_budget_of_its_own_goes_before_that_of_all_limit_by_limit(self) -> None:
        found = DayBudgets([DayBudget(team="*", calls=5, rows=7), DayBudget(team="payments", calls=9)])
        assert found.limits("team", "payments") == {"calls": 9, "rows": 7}
        assert found.limits("team", "search") == {"calls": 5, "rows": 7}
        assert found.limits("role", "payments") == {}


class TestCounters:
    def test_reserving_settling_and_releasing_move_the_day(self, database: Database) -> None:
        mine = book(database)
        kept = mine.reserve("call", "a", Use(calls=1, rows=10_000), may_degrade=False, environment="prod")
        gone = mine.reserve("prompt", "b", Use(prompts=1, tokens_out=90), may_degrade=False)
        assert used(database, "team", "payments", "rows") == used(database, "environment", "prod", "rows") == 10_000
        assert used(database, "role", "triage", "tokens_out") == 90
        with database.transaction() as connection:
            mine.settle(connection, kept, Use(calls=1, rows=12, microusd=3))
            mine.release(connection, gone)
            mine.release(connection, gone)
            mine.release(connection, kept)
        assert used(database, "team", "payments", "rows") == 12
        assert used(database, "environment", "prod", "microusd") == 3
        assert used(database, "role", "triage", "tokens_out") == used(database, "role", "triage", "prompts") == 0

    def test_a_late_outcome_replaces_what_was_settled(self, database: Database) -> None:
        mine = book(database)
        kept = mine.reserve("call", "a", Use(calls=1), may_degrade=False)
        for rows in (5, 8):
            with database.transaction() as connection:
                mine.settle(connection, kept, Use(calls=1, rows=rows))
        assert (used(database, "team", "payments", "calls"), used(database, "team", "payments", "rows")) == (1, 8)

    def test_a_use_counts_for_the_day_in_which_it_was_reserved(self, database: Database) -> None:
        clock = FixedClock(START)
        mine = book(database, DayBudget(team="payments", calls=1), clock=clock)
        kept = mine.reserve("call", "a", Use(calls=1), may_degrade=False)
        assert mine.reserve("call", "b", Use(calls=1), may_degrade=False).exceeded == {"team-day.calls"}
        clock.advance(timedelta(days=1).total_seconds())
        assert mine.reserve("call", "c", Use(calls=1), may_degrade=False).exceeded == frozenset()
        with database.transaction() as connection:
            mine.settle(connection, kept, Use(calls=1, rows=4))
        assert used(database, "team", "payments", "rows") == 4
        assert used(database, "team", "payments", "rows", TOMORROW) == 0

    def test_the_counters_are_the_sums_of_the_rows_whatever_many_threads_do(self, database: Database) -> None:
        books = [book(database, run_id=f"run_{n}") for n in range(4)]

        def work(place: int) -> None:
            mine = books[place]
            for n in range(15):
                kept = mine.reserve("call", str(n), Use(calls=1, rows=100), may_degrade=False, environment="prod")
                with database.transaction() as connection:
                    if n % 3 == 0:
                        mine.release(connection, kept)
                    elif n % 3 == 1:
                        mine.settle(connection, kept, Use(calls=1, rows=n))

        threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        sums = database.connection().execute("SELECT SUM(calls), SUM(rows) FROM budget_use").fetchone()
        found = [used(database, "environment", "prod", column) for column in ("calls", "rows")]
        assert found == list(sums) == [40, 4 * (1 + 4 + 7 + 10 + 13) + 4 * 5 * 100]

    def test_of_many_runs_at_once_exactly_the_limit_stays_within_it(self, database: Database) -> None:
        limit = DayBudget(team="payments", calls=7)
        seen: list[bool] = []

        def reserve(place: int) -> None:
            mine = book(database, limit, run_id=f"run_{place}")
            seen.append(bool(mine.reserve("call", "c", Use(calls=1), may_degrade=False).exceeded))

        threads = [threading.Thread(target=reserve, args=(place,)) for place in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen.count(False) == 7

    def test_a_reservation_costs_the_same_however_much_the_day_has_seen(self, database: Database) -> None:
        mine = book(database, DayBudget(team="payments", calls=10_000_000))

        def plan() -> str:
            rows = database.connection().execute(
                "EXPLAIN QUERY PLAN SELECT * FROM budget_day WHERE day = ? AND scope = ? AND name = ?", ("a", "b", "c")
            )
            return " ".join(row["detail"] for row in rows)

        with database.transaction() as connection:
            connection.executemany(
                "INSERT INTO budget_use (run_id, verb, call_id, is_settled, calls, prompts, tells, tokens_in,"
                " tokens_out, microusd, day, team) VALUES (?, 'call', ?, 1, 1, 0, 0, 0, 0, 0, ?, 'payments')",
                ((f"other_{n % 1_000}", str(n), TODAY) for n in range(100_000)),
            )
        times = []
        for n in range(20):
            started = time.perf_counter()
            mine.reserve("call", str(n), Use(calls=1), may_degrade=False, environment="prod")
            times.append(time.perf_counter() - started)
        assert "SEARCH" in plan()
        assert sorted(times)[10] < 0.05, "a sum over the day's rows would take longer"

    def test_rows_of_an_older_version_count_against_nothing(self, tmp_path: Path) -> None:
        database = SqliteDatabase(tmp_path / "old.sqlite")
        database.migrate("budgets", budgets.MIGRATIONS[:1])
        database.connection().execute(
            "INSERT INTO budget_use (run_id, verb, call_id, calls, prompts, tells, tokens_in, tokens_out, microusd)"
            " VALUES ('run_1', 'call', 'a', 1, 0, 0, 0, 0, 0)"
        )
        database.migrate("budgets", budgets.MIGRATIONS)
        mine = book(database)
        (place,) = database.connection().execute("SELECT id FROM budget_use").fetchone()
        with database.transaction() as connection:
            facts = mine.reserve("call", "b", Use(calls=1), may_degrade=False)
            mine.settle(connection, budgets.Reservation(place, facts.facts), Use(calls=1, rows=5))
        assert mine.spent().rows == 5
        assert used(database, "team", "payments", "rows") == 0


class TestThroughTheGate:
    def test_the_team_s_day_ends_the_calls_of_another_run_and_names_the_limit(
        self, make_world: Callable[..., World]
    ) -> None:
        world = make_world(days=DayBudgets([DayBudget(team="payments", calls=3)]))
        first, second = world.open("run_1"), world.open("run_2", role="platform")
        codes = [first.call("logs.search", {"query": f"x{n}"}, call_id=f"c{n}").code for n in range(2)]
        codes += [second.call("logs.search", {"query": f"y{n}"}, call_id=f"c{n}").code for n in range(2)]
        assert codes == ["reads.triage", "reads.triage", "reads.platform", "budget.team-day"]
        refused = second.call("logs.search", {"query": "z"}, call_id="z")
        assert "(team-day.calls)" in refused.message
        assert world.open("run_3", team="search").call("logs.search", {"query": "x"}, call_id="c").status == "ok"
        assert second.prompt(request(), endpoint="own", call_id="p").text == "fine"
        told = second.tell(Audience("terminal", "me", "payments"), Notice("report", {"text": "x"}), call_id="t")
        assert told.status == "sent"
        decided = [entry for entry in world.records("call.decided") if entry.body["code"] == "budget.team-day"]
        asked = decided[0].body["request"]
        assert asked["context"]["common"]["budgets_exceeded"] == ["team-day.calls"]  # type: ignore[index, call-overload]

    def test_without_money_a_model_that_costs_nothing_is_still_asked(self, make_world: Callable[..., World]) -> None:
        world = make_world(days=DayBudgets([DayBudget(role="triage", microusd=50)]))
        gate = world.open()
        with pytest.raises(CallDenied) as denied:
            gate.prompt(ModelRequest(({"role": "user", "content": "x" * 4_000},)), endpoint="hosted", call_id="p")
        assert denied.value.code == "budget.role-day"
        assert "role-day.microusd" in denied.value.message
        assert gate.prompt(request(), endpoint="own", call_id="q").text == "fine"

    def test_what_a_read_brings_counts_for_its_environment(self, make_world: Callable[..., World]) -> None:
        world = make_world(days=DayBudgets([DayBudget(environment="prod", rows=10_001)]))
        gate = world.open()
        codes = [gate.call("logs.search", {"query": f"x{n}"}, call_id=f"c{n}").code for n in range(3)]
        assert codes == ["reads.triage", "reads.triage", "budget.environment-day"]
        assert gate.spent().rows == 2

    def test_what_a_crash_leaves_reserved_stays_counted(self, make_world: Callable[..., World]) -> None:
        limit = DayBudgets([DayBudget(team="payments", calls=1)])
        world = make_world(days=limit)
        gate = world.open()
        gate._desk.budget.reserve("call", "lost", Use(calls=1), may_degrade=False)  # and the process dies here
        assert make_world(days=limit).open("run_2").call("logs.search", {"query": "x"}, call_id="c").code == (
            "budget.team-day"
        )


def test_rows_and_bytes_of_a_run_end_its_reads(make_world: Callable[..., World]) -> None:
    world = make_world(limits=Limits(rows=10_001, bytes=2_000_000))
    gate = world.open()
    codes = [gate.call("logs.search", {"query": f"x{n}"}, call_id=f"c{n}").code for n in range(3)]
    assert codes == ["reads.triage", "reads.triage", "budget.rows"]
    spent = gate.spent()
    assert spent.rows == 2
    assert 2 * len("checkout is slow") < spent.bytes < 1_000
    outcome = world.records("call.outcome")[0].body
    assert outcome["result_rows"] == 1
    assert outcome["result_bytes"] == spent.bytes // 2


def test_bytes_have_an_end_of_their_own(make_world: Callable[..., World]) -> None:
    gate = make_world(limits=Limits(bytes=999_999)).open()
    assert gate.call("logs.search", {"query": "x"}, call_id="c").code == "budget.bytes"
