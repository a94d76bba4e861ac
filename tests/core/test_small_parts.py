from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.core.clock import Deadline, FixedClock, SystemClock, from_iso, to_iso
from opswarden.core.ids import CountedIds, TimeOrderedIds
from opswarden.core.tokens import clip, estimate_tokens

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


@given(st.text(max_size=4000), st.integers(20, 400))
def test_a_clipped_text_fits_and_keeps_its_head(text: str, limit: int) -> None:
    cut, was_cut = clip(text, limit)
    assert was_cut == (cut != text)
    assert estimate_tokens(cut) <= limit + 16
    assert text.startswith(cut[:16])


def test_a_clipped_text_keeps_head_and_tail() -> None:
    cut, was_cut = clip("start " + "x" * 10_000 + " finish", 100)
    assert was_cut
    assert cut.startswith("start")
    assert cut.endswith("finish")
    assert "characters left out" in cut
