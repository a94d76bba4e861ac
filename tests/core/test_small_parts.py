from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from opswarden.core.clock import Deadline, FixedClock, SystemClock, from_iso, to_iso
from opswarden.core.ids import CountedIds, TimeOrderedIds
from opswarden.core.tokens import estimate_tokens

NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


def test_ids_carry_a_prefix_and_sort_by_time() -> None:
    clock = FixedClock(NOON)
    ids = TimeOrderedIds(clock)
    first = ids.new("run")
    clock.advance(0.002)
    second = ids.new("run")
    assert first.startswith("run_")
    assert len(first) == len("run_") + 26
    assert first < second
    assert len({ids.new("run") for _ in range(1000)}) == 1000


def test_counted_ids_repeat_from_the_start() -> None:
    assert [CountedIds().new("a") for _ in range(2)] == [CountedIds().new("a")] * 2
    ids = CountedIds()
    assert ids.new("a") != ids.new("a")


def test_a_deadline_passes() -> None:
    clock = FixedClock(NOON)
    deadline = Deadline(clock, 2)
    clock.advance(1.5)
    assert deadline.left_s == pytest.approx(0.5)
    clock.advance(1)
    assert deadline.passed
    with pytest.raises(ValueError, match="future"):
        Deadline(clock, 0)


def test_times_are_written_in_utc_and_read_back() -> None:
    east = datetime(2026, 1, 2, 14, 0, 0, 123_456, tzinfo=timezone(timedelta(hours=2)))
    assert to_iso(east) == "2026-01-02T12:00:00.123Z"
    assert from_iso("2026-01-02T14:00:00+02:00") == NOON
    with pytest.raises(ValueError, match="zone"):
        from_iso("2026-01-02T14:00:00")
    assert SystemClock().now().tzinfo is UTC


@pytest.mark.parametrize(("text", "tokens"), [("", 0), ("abcd", 1), ("abcde", 2), ("日本", 2), ("né", 2)])
def test_tokens_are_counted_from_above(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens
