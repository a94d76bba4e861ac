from __future__ import annotations

import random
import string
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from worlds import START

from opswarden.core.clock import FixedClock
from opswarden.core.database import Connection, Database
from opswarden.core.errors import LedgerError
from opswarden.core.keys import FileKeys
from opswarden.policies import group_commit
from opswarden.policies.group_commit import GROUP_LIMIT, GroupCommit
from opswarden.policies.ledger.postgres import open_ledger
from opswarden.policies.ledger.types import LedgerEntry
from opswarden.policies.ledger.verify import verify
from opswarden.tests.postgres_peer import on_both

pytestmark = on_both

Step = Callable[[Connection], Any]


class Books:
    """A database with a ledger, a table of words, and a commit that can be held up."""

    def __init__(self, root: Path, database: Database) -> None:
        self.database = database
        self.database.migrate("words", [(1, "CREATE TABLE word (word TEXT PRIMARY KEY) STRICT")])
        self.keys = FileKeys(root / "keys.json")
        self.ledger = open_ledger(self.database, self.keys, FixedClock(START))
        self.commits = GroupCommit(self.database, self.ledger)

    def write(self, word: str) -> Callable[[Connection], int]:
        def step(connection: Connection) -> int:
            connection.execute("INSERT INTO word VALUES (?)", (word,))
            return self.ledger.append([LedgerEntry("call.decided", "run_1", {"word": word})], connection=connection)[0]

        return step

    def together(self, first: Step, *others: Step) -> tuple[list[Any], list[BaseException | None]]:
        """Run `first`, and while it is under way queue the others in order; what each returned or raised."""
        results: list[Any] = [None] * (1 + len(others))
        errors: list[BaseException | None] = [None] * (1 + len(others))
        begun, go_on = threading.Event(), threading.Event()

        def held(connection: Connection) -> Any:
            begun.set()
            assert go_on.wait(30)
            return first(connection)

        def run(number: int, step: Step) -> None:
            try:
                results[number] = self.commits.run(step)
            except BaseException as error:  # noqa: BLE001 - the test looks at it
                errors[number] = error

        threads = [threading.Thread(target=run, args=(0, held))]
        threads[0].start()
        assert begun.wait(30)
        for number, step in enumerate(others, 1):
            threads.append(threading.Thread(target=run, args=(number, step)))
            threads[-1].start()
            while len(self.commits._waiting) < number:
                threading.Event().wait(0.001)
        go_on.set()
        for thread in threads:
            thread.join(30)
        assert not any(thread.is_alive() for thread in threads)
        return results, errors

    def words(self) -> list[str]:
        """What is stored, once it is checked that the ledger says the same and verifies."""
        words = [row["word"] for row in self.database.connection().execute("SELECT word FROM word ORDER BY word")]
        assert sorted(str(entry.body["word"]) for entry in self.ledger.entries()) == words
        found = verify(self.database, self.keys.public_key())
        assert found.ok, found.problem
        return words

    def heads(self) -> list[int]:
        return [row["size"] for row in self.database.connection().execute("SELECT size FROM checkpoint ORDER BY size")]


@pytest.fixture
def books(tmp_path: Path, database: Database) -> Books:
    return Books(tmp_path, database)


def boom(_connection: Connection) -> None:
    raise ValueError("boom")


def test_a_lone_step_is_committed_when_it_returns(books: Books) -> None:
    assert books.commits.run(books.write("a")) == 0
    assert books.words() == ["a"]
    seen: list[str] = []
    elsewhere = threading.Thread(target=lambda: seen.extend(books.words()))
    elsewhere.start()
    elsewhere.join(30)
    assert seen == ["a"]


def test_what_queues_meanwhile_shares_one_transaction_and_one_head(books: Books) -> None:
    results, errors = books.together(books.write("a"), *(books.write(word) for word in "bcdef"))
    assert (results, set(errors)) == (list(range(6)), {None})
    assert books.words() == list("abcdef")
    assert books.heads() == [1, 6]


def test_a_long_queue_is_cut_into_groups(books: Books) -> None:
    results, _ = books.together(books.write("a"), *(books.write(f"b{n}") for n in range(GROUP_LIMIT + 3)))
    assert results == list(range(GROUP_LIMIT + 4))
    assert books.heads() == [1, GROUP_LIMIT + 1, GROUP_LIMIT + 4]


def test_a_step_that_fails_takes_only_itself_back(books: Books) -> None:
    def halfway(connection: Connection) -> None:
        books.write("lost")(connection)
        boom(connection)

    results, errors = books.together(books.write("a"), books.write("b"), halfway, boom, books.write("c"))
    assert [type(error) for error in errors] == [type(None), type(None), ValueError, ValueError, type(None)]
    assert results == [0, 1, None, None, 2], "the place of what was rolled back is given to the next"
    assert books.words() == ["a", "b", "c"]
    assert books.heads() == [1, 3]


def test_a_first_step_of_a_group_that_fails_leaves_the_ledger_as_it_was(books: Books) -> None:
    def halfway(connection: Connection) -> None:
        books.write("lost")(connection)
        boom(connection)

    results, _ = books.together(books.write("a"), halfway, books.write("b"))
    assert results == [0, None, 1]
    assert books.words() == ["a", "b"]


def test_a_group_of_failures_signs_nothing(books: Books) -> None:
    books.together(books.write("a"), boom, boom)
    assert (books.words(), books.heads()) == (["a"], [1])


def test_what_the_database_refuses_is_a_ledger_error_of_that_step(books: Books) -> None:
    _, errors = books.together(books.write("a"), books.write("b"), books.write("b"), books.write("c"))
    assert [type(error) for error in errors] == [type(None), type(None), LedgerError, type(None)]
    assert books.words() == ["a", "b", "c"]


def test_a_lone_step_that_the_database_refuses_is_a_ledger_error(books: Books) -> None:
    books.commits.run(books.write("a"))
    with pytest.raises(LedgerError):
        books.commits.run(books.write("a"))
    assert books.words() == ["a"]


def test_a_row_that_is_refused_only_when_all_are_written_costs_no_other_step(books: Books) -> None:
    # What PostgreSQL's index of tools cannot take; rows of a group go there together, SQLite takes each at once.
    odd = "".join(random.Random(1).choices(string.ascii_letters, k=9_000))

    def refused(connection: Connection) -> int:
        return books.ledger.append([LedgerEntry("call.decided", "run_1", {"tool": odd})], connection=connection)[0]

    _, errors = books.together(books.write("a"), books.write("b"), refused, books.write("c"))
    is_refused = books.database.dialect == "postgresql"
    assert [isinstance(error, LedgerError) for error in errors] == [False, False, is_refused, False]
    assert sum(error is None for error in errors) == (3 if is_refused else 4)
    words = [row["word"] for row in books.database.connection().execute("SELECT word FROM word ORDER BY word")]
    assert words == ["a", "b", "c"]
    assert verify(books.database, books.keys.public_key()).entries == (3 if is_refused else 4)


def test_when_the_commit_fails_every_step_of_the_group_hears_it(books: Books) -> None:
    sign = books.ledger._keys.sign
    groups: list[int] = []

    def refuse(message: bytes) -> bytes:
        groups.append(len(groups))
        if len(groups) == 2:
            raise LedgerError("the key service is gone", remedy="look")
        return sign(message)

    books.ledger._keys.sign = refuse  # type: ignore[method-assign]
    results, errors = books.together(books.write("a"), books.write("b"), boom, books.write("c"))
    told = [str(error) for error in errors[1:]]
    assert told == ["the key service is gone"] * 3
    assert len({id(error) for error in errors[1:]}) == 3, "each thread raises an error of its own"
    assert results == [0, None, None, None]
    assert books.words() == ["a"]
    assert books.commits.run(books.write("d")) == 1


def test_a_step_that_loses_the_transaction_costs_the_whole_group(books: Books) -> None:
    def lose(connection: Connection) -> None:
        connection.execute("ROLLBACK")  # what SQLite does by itself on a full disk
        raise LedgerError("database or disk is full")

    _, errors = books.together(books.write("a"), books.write("b"), lose, books.write("c"))
    assert [type(error) for error in errors] == [type(None), LedgerError, LedgerError, LedgerError]
    assert books.words() == ["a"]


def test_inside_a_transaction_a_step_joins_it(books: Books) -> None:
    with pytest.raises(ValueError, match="boom"), books.database.transaction() as connection:
        assert books.commits.run(books.write("a")) == 0
        boom(connection)
    assert books.words() == []


def test_a_step_may_itself_want_one(books: Books) -> None:
    def outer(connection: Connection) -> int:
        with books.database.transaction() as same:
            assert same is connection
            return books.commits.run(books.write("b")) + books.write("c")(connection)

    results, errors = books.together(books.write("a"), outer)
    assert (results, errors) == ([0, 3], [None, None])
    assert books.heads() == [1, 3]


class Stop(BaseException):
    """What ends a thread from outside, as Ctrl-C does."""


def test_when_the_leader_is_stopped_no_other_step_is_lost(books: Books) -> None:
    runs: list[str] = []

    def stopped(_connection: Connection) -> None:
        runs.append("stopped")
        raise Stop

    def counted(word: str) -> Step:
        def step(connection: Connection) -> int:
            runs.append(word)
            return books.write(word)(connection)

        return step

    # The step of the first of the queue ends its thread, which leads the group.
    results, errors = books.together(books.write("a"), stopped, counted("b"), counted("c"))
    assert [type(error) for error in errors] == [type(None), Stop, type(None), type(None)]
    assert results == [0, None, 1, 2]
    assert books.words() == ["a", "b", "c"]
    assert runs == ["stopped", "b", "c"]


def test_an_end_that_is_told_once_the_commit_is_done_writes_nothing_twice(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[str] = []
    real = books.database.transaction

    @contextmanager
    def transaction() -> Iterator[Connection]:
        with real() as connection:
            yield connection
        if threading.current_thread() is threading.main_thread():
            raise KeyboardInterrupt  # where Python raises it: as soon as the commit has returned

    led: list[str] = []

    def step(word: str) -> Step:
        def write(connection: Connection) -> int:
            runs.append(word)
            led.append("main" if threading.current_thread() is threading.main_thread() else "another")
            return books.ledger.append([LedgerEntry("call.decided", "run_1", {"word": word})], connection=connection)[0]

        return write

    begun, go_on = threading.Event(), threading.Event()

    def held(connection: Connection) -> None:
        begun.set()
        assert go_on.wait(30)

    monkeypatch.setattr(books.database, "transaction", transaction)
    threads = [threading.Thread(target=books.commits.run, args=(held,))]
    threads[0].start()
    assert begun.wait(30)

    def queue_others() -> None:
        while not books.commits._waiting:  # the main thread is the first of the queue, and so the next to lead
            threading.Event().wait(0.001)
        for word in ("b", "c"):
            threads.append(threading.Thread(target=books.commits.run, args=(step(word),)))
            threads[-1].start()
        while len(books.commits._waiting) < 3:
            threading.Event().wait(0.001)
        go_on.set()

    queueing = threading.Thread(target=queue_others)
    queueing.start()
    with suppress(KeyboardInterrupt):
        books.commits.run(step("a"))
    for thread in (queueing, *threads):
        thread.join(30)
    assert sorted(runs) == ["a", "b", "c"]
    assert "main" not in led
    assert sorted(str(entry.body["word"]) for entry in books.ledger.entries()) == ["a", "b", "c"]
    assert not books.commits._is_led


def test_a_step_that_ends_other_threads_ends_up_alone_with_its_own(books: Books) -> None:
    def stopped(_connection: Connection) -> None:
        raise Stop

    results, errors = books.together(books.write("a"), books.write("b"), stopped, books.write("c"))
    assert [type(error) for error in errors] == [type(None), Stop, Stop, type(None)]
    assert books.words() == ["a", "c"], "the leader's own step is told to be lost, and it is"
    assert results[3] == 1


def test_a_waiting_thread_that_is_stopped_takes_its_step_back(books: Books) -> None:
    ticket_seen: list[Any] = []

    def first(connection: Connection) -> int:
        (ticket,) = books.commits._waiting
        ticket_seen.append(ticket)
        books.commits._withdraw(ticket)
        return books.write("a")(connection)

    begun = threading.Event()
    real = books.commits._wait

    def wait(ticket: Any) -> None:
        begun.set()
        real(ticket)

    books.commits._wait = wait  # type: ignore[method-assign]
    results: list[int] = []
    hold = threading.Event()

    def held(connection: Connection) -> int:
        assert hold.wait(30)
        return first(connection)

    leader = threading.Thread(target=lambda: results.append(books.commits.run(held)))
    leader.start()
    while not books.commits._is_led:
        threading.Event().wait(0.001)
    follower = threading.Thread(target=lambda: books.commits.run(books.write("gone")), daemon=True)
    follower.start()
    assert begun.wait(30)
    hold.set()
    leader.join(30)
    assert results == [0]
    assert books.words() == ["a"]
    assert not books.commits._is_led
    ticket_seen[0].end(None)  # lets the thread of the test go
    follower.join(30)


def test_many_threads_lose_nothing_and_sync_less_often_than_they_write(books: Books) -> None:
    def work(number: int) -> None:
        for n in range(20):
            books.commits.run(books.write(f"{number:02}-{n:02}"))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(books.words()) == 240
    assert len(books.heads()) < 240


def test_what_was_committed_together_may_not_go_again(books: Books) -> None:
    for word in "ab":
        books.commits.run(books.write(word))
    with books.database.transaction() as connection:
        if books.database.dialect == "postgresql":  # the owner of the tables can, with a will
            connection.execute("ALTER TABLE entry DISABLE TRIGGER USER")
            connection.execute("ALTER TABLE checkpoint DISABLE TRIGGER USER")
        connection.execute("DELETE FROM entry WHERE seq = 1")
        connection.execute("DELETE FROM checkpoint WHERE size = 2")
        first = next(books.ledger.entries())
        connection.execute("UPDATE frontier SET size = 1, hashes = ?", (first.leaf,))
    with pytest.raises(LedgerError, match="less than this process has recorded"):
        books.commits.run(books.write("c"))


def test_the_company_of_the_last_group_is_given_a_moment(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "_WAIT_LIMIT_S", 60.0)
    books.commits._company, books.commits._took_s = 2, 1_000.0
    first = threading.Thread(target=books.commits.run, args=(books.write("a"),))
    first.start()
    while not books.commits._waiting:
        threading.Event().wait(0.001)
    books.commits.run(books.write("b"))
    first.join(30)
    assert books.words() == ["a", "b"]
    assert books.heads() == [2], "the one who came first left alone"


def test_nobody_waits_for_company_that_was_not_there(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    books.together(books.write("a"), books.write("b"), books.write("c"))
    assert books.commits._company == 2
    books.commits.run(books.write("d"))

    def wait_for(*_: object) -> bool:
        raise AssertionError("a lone step waited")

    monkeypatch.setattr(books.commits._has_company, "wait_for", wait_for)
    books.commits.run(books.write("e"))
    assert books.words() == list("abcde")


def test_who_is_told_to_end_while_company_gathers_leaves_nothing_behind(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> bool:
        raise KeyboardInterrupt

    books.commits._company, books.commits._took_s = 2, 1_000.0
    with monkeypatch.context() as patched:
        patched.setattr(books.commits._has_company, "wait_for", interrupted)
        with pytest.raises(KeyboardInterrupt):
            books.commits.run(books.write("lost"))
    assert books.commits._waiting == []
    books.commits.run(books.write("a"))
    assert books.words() == ["a"]
