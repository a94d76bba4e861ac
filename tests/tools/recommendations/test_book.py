"""The book: written once a run, moved by people, the same on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest

from opswarden.core.database import Database
from opswarden.core.errors import InputError, ToolRetry
from opswarden.tests.postgres_peer import on_both
from opswarden.tools.recommendations.book import Book
from opswarden.tools.recommendations.plan import Plan, make_plan
from opswarden.tools.recommendations.realised import Around, realise
from opswarden.tools.recommendations.thresholds import Thresholds
from opswarden.tools.recommendations.types import Recommendation

from .made import NOW, considered, money, recommendation

LATER = NOW + timedelta(days=7)


@pytest.fixture
def book(database: Database) -> Book:
    return Book(database, lambda text: text.replace("zoe.quist@example.org", "<EMAIL_ADDRESS>"))


@pytest.fixture
def week(book: Book) -> Callable[..., Plan]:
    def run(*found: Recommendation, at: datetime = NOW, run_id: str = "run_1") -> Plan:
        plan = make_plan([considered(*found)], book.kept("production"), (), Thresholds(), {}, at)
        sums = {"offered": len(plan.offered)}
        book.record("production", plan, "fraud", by="system:finops", at=at, run_id=run_id, sums=sums)
        return plan

    return run


@on_both
def test_a_life_from_found_to_verified(book: Book, week: Callable[..., Plan]) -> None:
    mine = recommendation(owner="zoe.quist@example.org")
    week(mine, recommendation("other"))
    week(mine, recommendation("other"))  # the same run again, after a crash
    assert len(book.moves("production", mine.id)) == 1
    assert book.find("production", mine.id[:8]).recommendation.owner == "<EMAIL_ADDRESS>"
    book.move("production", mine.id, "claim", by="person:ann", at=NOW, run_id="run_2")
    week(recommendation(saves=900), at=LATER, run_id="run_3")
    kept = book.find("production", mine.id)
    assert (kept.standing.state, kept.recommendation.saving.effective.expected) == ("claimed", 400.0)
    book.move("production", mine.id, "applied", by="person:ann", at=LATER, reason="with zoe.quist@example.org")
    around = Around(np.full(28, 30.0) + np.arange(28) % 3, np.full(14, 15.0) + np.arange(14) % 2)
    found = realise(around, 14, money(400), 1.0)
    assert book.measured("production", mine.id, found, by="system:finops", at=LATER, run_id="r") == "verified"
    assert book.measured("production", mine.id, found, by="system:finops", at=LATER, run_id="r") is None
    assert book.measures("production", mine.id) == [found]
    assert [(one.move, one.before, one.after, one.by) for one in book.moves("production", mine.id)] == [
        ("found", "", "open", "system:finops"),
        ("claim", "open", "claimed", "person:ann"),
        ("applied", "claimed", "applied", "person:ann"),
        ("verified", "applied", "verified", "system:finops"),
    ]
    assert book.moves("production", mine.id)[2].reason == "with <EMAIL_ADDRESS>"
    other = next(one for one in book.kept("production") if one.recommendation.subject == "other")
    assert other.standing.state == "withdrawn"
    assert {one.move for one in book.moves_since("production", NOW)} == {"withdrawn", "applied", "verified"}


@on_both
def test_a_dismissal_holds_over_weeks_until_it_has_changed(book: Book, week: Callable[..., Plan]) -> None:
    mine = recommendation()
    week(mine)
    book.move("production", mine.id, "dismiss", by="person:ann", at=NOW, reason="black friday")
    for number in range(3):
        assert week(mine, at=LATER, run_id=f"run_{number + 5}").offered == ()
    assert book.find("production", mine.id).standing.reason == "black friday"
    grown = recommendation(saves=600)
    assert week(grown, at=LATER, run_id="run_9").offered == (grown,)
    assert book.find("production", mine.id).standing.state == "open"
    last = book.last_week("production", LATER + timedelta(days=1))
    assert last is not None
    assert last.body == {"offered": 1}


def test_what_is_not_there_is_not_moved(book: Book, week: Callable[..., Plan]) -> None:
    week(recommendation("a"), recommendation("b"))
    with pytest.raises(ToolRetry):
        book.move("production", "0" * 12, "claim", by="person:ann", at=NOW)
    with pytest.raises(ToolRetry):
        book.move("staging", recommendation("a").id, "claim", by="person:ann", at=NOW)
    for name in ("", recommendation("a").id[:2], "zzzz"):
        with pytest.raises(InputError):
            book.find("production", name)
    assert book.environments() == ["production"]
    assert book.last_week("staging", LATER) is None
