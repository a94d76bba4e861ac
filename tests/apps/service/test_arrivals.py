"""What comes in is kept once, unreadable at rest, and forgotten when it is worked off."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from opswarden.apps.service.arrivals import MOST_BYTES, Arrivals
from opswarden.core.clock import FixedClock
from opswarden.core.errors import InputError
from opswarden.core.ids import TimeOrderedIds
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2031, 5, 6, 12, tzinfo=UTC))


@pytest.fixture
def arrivals(tmp_path: Path, clock: FixedClock) -> Arrivals:
    return Arrivals(SqliteDatabase(tmp_path / "db"), FileKeys(tmp_path / "keys"), clock, TimeOrderedIds(clock))


def test_the_same_event_is_one_arrival(arrivals: Arrivals) -> None:
    first, is_new = arrivals.accept("pager", "e1", "alert", {"n": 1})
    again, is_new_again = arrivals.accept("pager", "e1", "alert", {"n": 2})
    other, _ = arrivals.accept("slack", "e1", "mention", {"n": 3})
    assert (is_new, is_new_again, again, other != first) == (True, False, first, True)
    assert arrivals.read(first).body == {"n": 1}


def test_the_urgent_and_the_old_come_first(arrivals: Arrivals, clock: FixedClock) -> None:
    late = arrivals.accept("pager", "a", "alert", {})[0]
    clock.advance(1)
    later = arrivals.accept("pager", "b", "alert", {})[0]
    urgent = arrivals.accept("pager", "c", "alert", {}, priority=1)[0]
    assert arrivals.waiting() == (urgent, late, later)
    arrivals.settle(urgent, "done")
    assert arrivals.waiting() == (late, later)


def test_nothing_readable_lies_at_rest_and_nothing_is_left_when_done(arrivals: Arrivals, tmp_path: Path) -> None:
    arrival, _ = arrivals.accept("slack", "mia@example.com", "mention", {"text": "ask mia@example.com"})
    files = [path.read_bytes() for path in tmp_path.glob("db*")]
    assert not any(b"mia@example.com" in content for content in files)
    arrivals.settle(arrival, "done")
    with pytest.raises(InputError, match="cannot be read"):
        arrivals.read(arrival)
    assert arrivals.accept("slack", "mia@example.com", "mention", {}) == (arrival, False)


def test_what_is_too_large_is_refused(arrivals: Arrivals) -> None:
    with pytest.raises(InputError, match="too large"):
        arrivals.accept("pager", "e", "alert", {"x": "y" * MOST_BYTES})
    assert arrivals.waiting() == ()
