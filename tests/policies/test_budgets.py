from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from worlds import START, World

from opswarden.core.clock import FixedClock
from opswarden.core.database import Database
from opswarden.core.errors import LedgerError
from opswarden.core.keys import FileKeys
from opswarden.policies.budgets import MIGRATIONS, Limits, RunBudget, Use
from opswarden.policies.group_commit import GroupCommit
from opswarden.policies.ledger.postgres import open_ledger
from opswarden.tests.postgres_peer import on_both

_COMMITS: dict[Database, GroupCommit] = {}


@pytest.fixture(autouse=True)
def _tables(database: Database, tmp_path: Path) -> Iterator[None]:
    database.migrate("budgets", MIGRATIONS)
    ledger = open_ledger(database, FileKeys(tmp_path / "keys.json"), FixedClock(START))
    _COMMITS[database] = GroupCommit(database, ledger)
    yield
    _COMMITS.clear()


def budget(database: Database, clock: FixedClock | None = None, run_id: str = "run_1") -> RunBudget:
    return RunBudget(database, clock or FixedClock(START), run_id, Limits(calls=3), _COMMITS[database])


@on_both
def test_a_reservation_counts_before_anything_is_decided(database: Database) -> None:
    first = budget(database).reserve("call", "a", Use(calls=1, microusd=5), may_degrade=False)
    second = budget(database).reserve("prompt", "b", Use(prompts=1, tokens_in=10, tokens_out=20), may_degrade=False)
    assert (first.facts.calls_used, first.facts.calls_limit) == (1, 3)
    assert (second.facts.calls_used, second.facts.prompts_used, second.facts.tokens_used) == (1, 1, 30)


@on_both
def test_settling_replaces_and_releasing_gives_back(database: Database) -> None:
    book = budget(database)
    kept = book.reserve("prompt", "a", Use(prompts=1, tokens_out=2000), may_degrade=False)
    gone = book.reserve("call", "b", Use(calls=1), may_degrade=False)
    with database.transaction() as connection:
        book.settle(connection, kept, Use(prompts=1, tokens_in=7, tokens_out=3, microusd=9))
        book.release(connection, gone)
    spent = book.spent()
    assert (spent.calls, spent.prompts, spent.tokens_in, spent.tokens_out, spent.microusd) == (0, 1, 7, 3, 9)


@on_both
def test_what_is_settled_cannot_be_released(database: Database) -> None:
    book = budget(database)
    kept = book.reserve("call", "a", Use(calls=1), may_degrade=False)
    with database.transaction() as connection:
        book.settle(connection, kept, Use(calls=1))
        book.release(connection, kept)
    assert book.spent().calls == 1


@on_both
def test_runs_do_not_share(database: Database) -> None:
    budget(database).reserve("call", "a", Use(calls=1), may_degrade=False)
    assert budget(database, run_id="run_2").spent().calls == 0


@on_both
def test_of_many_at_once_exactly_the_limit_stays_within_it(database: Database) -> None:
    seen: list[int] = []
    books = [budget(database), budget(database)]

    def reserve(place: int) -> None:
        facts = books[place % 2].reserve("call", str(place), Use(calls=1), may_degrade=False).facts
        seen.append(facts.calls_used)

    threads = [threading.Thread(target=reserve, args=(place,)) for place in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(1, 13))


@on_both
def test_time_is_counted_at_work_and_survives_a_resumption(database: Database) -> None:
    clock = FixedClock(START)
    book = budget(database, clock)
    clock.advance(30)
    book.reserve("call", "a", Use(calls=1), may_degrade=False)
    clock.advance(10_000)  # the process is away, waiting for a person
    resumed = budget(database, clock)
    clock.advance(5)
    assert resumed.reserve("call", "b", Use(calls=1), may_degrade=False).facts.wall_s_used == 35


def test_without_the_database_reads_count_in_memory_and_nothing_else_goes(tmp_path: Path, database: Database) -> None:
    book = budget(database)
    book.reserve("call", "a", Use(calls=1), may_degrade=False)
    database.close()
    (tmp_path / "ledger.sqlite").write_bytes(b"no database " * 400)
    for extra in (tmp_path / "ledger.sqlite-wal", tmp_path / "ledger.sqlite-shm"):
        extra.unlink(missing_ok=True)
    with pytest.raises(LedgerError):
        book.reserve("call", "b", Use(calls=1), may_degrade=False)
    assert book.reserve("call", "b", Use(calls=1), may_degrade=True).facts.calls_used == 2
    assert book.reserve("call", "c", Use(calls=1), may_degrade=True).facts.calls_used == 3
    assert book.spent().calls == 3


def test_the_end_of_a_budget_stops_calls_and_leaves_the_report(make_world: Callable[..., World]) -> None:
    from opswarden.policies.types import Audience, Notice

    world = make_world(limits=Limits(calls=2))
    gate = world.open()
    codes = [gate.call("logs.search", {"query": "x"}, call_id=f"c{n}").code for n in range(4)]
    assert codes == ["reads.triage", "reads.triage", "budget.calls", "budget.calls"]
    assert len(world.effects.all()) == 2
    assert gate.spent().calls == 2, "a denied call gives its reservation back"
    told = gate.tell(Audience("terminal", "me", "payments"), Notice("report", {"text": "x"}), call_id="t")
    assert told.status == "sent"
