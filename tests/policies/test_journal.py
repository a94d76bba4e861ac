from __future__ import annotations

import pytest
from worlds import START

from opswarden.core.clock import FixedClock
from opswarden.core.database import Database
from opswarden.core.errors import CallDenied
from opswarden.policies.journal import MIGRATIONS, JournalRow, RunJournal, State
from opswarden.tests.postgres_peer import on_both


@pytest.fixture(autouse=True)
def _tables(database: Database) -> None:
    database.migrate("journal", MIGRATIONS)


def row(state: State = "decided", call_hmac: str = "h1") -> JournalRow:
    return JournalRow("call", "c1", "a.b", call_hmac, state, {"status": "ok"} if state == "done" else None)


def journal(database: Database, run_id: str = "run_1") -> RunJournal:
    return RunJournal(database, FixedClock(START), run_id)


def state_of(database: Database) -> str | None:
    found = journal(database).find("call", "c1")
    return found.state if found else None


@on_both
def test_a_call_is_found_as_it_was_written(database: Database) -> None:
    with database.transaction() as connection:
        journal(database).set(connection, row("done"))
    assert journal(database).find("call", "c1") == row("done")
    assert journal(database).find("prompt", "c1") is None
    assert journal(database, "run_2").find("call", "c1") is None
    assert journal(database).begun("call") == [row("done")]


CLAIMS: list[tuple[str, list[State], bool]] = [
    ("a new call", [], True),
    ("one that was denied or asked about", ["decided"], True),
    ("one that has begun", ["intent"], False),
    ("one that is done", ["done"], False),
]


@on_both
@pytest.mark.parametrize(("before", "expected"), [entry[1:] for entry in CLAIMS], ids=[entry[0] for entry in CLAIMS])
def test_only_what_has_not_begun_can_be_claimed(database: Database, before: list[State], expected: bool) -> None:
    with database.transaction() as connection:
        for state in before:
            journal(database).set(connection, row(state))
        assert journal(database).claim(connection, row("intent")) is expected
    assert state_of(database) == ("intent" if expected else before[-1])


@on_both
def test_another_call_cannot_be_claimed_under_the_same_id(database: Database) -> None:
    with database.transaction() as connection:
        journal(database).set(connection, row("decided"))
        assert not journal(database).claim(connection, row("intent", "h2"))


@on_both
@pytest.mark.parametrize("state", ["decided", "intent", "done"])
def test_a_refusal_that_comes_late_does_not_forget_a_call_that_began(database: Database, state: State) -> None:
    with database.transaction() as connection:
        journal(database).set(connection, row(state))
        journal(database).note(connection, row("decided"))
    assert state_of(database) == state


@on_both
@pytest.mark.parametrize("late", ["intent", "decided"])
def test_what_is_done_stays_done(database: Database, late: State) -> None:
    with database.transaction() as connection:
        journal(database).set(connection, row("done"))
        journal(database).set(connection, row(late))
    assert state_of(database) == "done"


@on_both
@pytest.mark.parametrize("write", ["set", "note"])
def test_another_call_under_the_same_id_is_refused(database: Database, write: str) -> None:
    with database.transaction() as connection:
        journal(database).set(connection, row("intent"))
        with pytest.raises(CallDenied) as caught:
            getattr(journal(database), write)(connection, row("decided", "h2"))
    assert caught.value.code == "call-id-reused"
