from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.apps.reports.moments import Calendar, length, offset, parse, span, time_ticks

NOON = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-19T12:00:00Z", NOON),
        ("2026-11-19T14:00:00+02:00", NOON),
        ("2026-11-19T12:00:00", NOON),
        (" 2026-11-19 12:00:00.000 ", NOON),
        ("yesterday", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
        (1_700_000_000, None),
        (None, None),
    ],
)
def test_parse(text: object, expected: datetime | None) -> None:
    found = parse(text)
    assert found == expected
    assert found is None or found.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "0 s"), (59, "59 s"), (720, "12 min"), (3599, "1 h"), (22_200, "6 h 10 min"), (86_400, "1 d"),
     (183_600, "2 d 3 h"), (20 * 86_400 + 7200, "20 d"), (-720, "12 min")],
)  # fmt: skip
def test_length(seconds: float, expected: str) -> None:
    assert length(seconds) == expected


def test_offset() -> None:
    assert offset(NOON - timedelta(minutes=12), NOON) == "12 min before"
    assert offset(NOON + timedelta(hours=2), NOON) == "2 h after"
    assert offset(NOON, NOON) == "at the start"


def test_a_span_says_the_date_once() -> None:
    assert span(NOON, NOON + timedelta(minutes=30)) == "19 Nov 2026, 12:00 to 12:30 UTC (30 min)"
    assert span(NOON, NOON + timedelta(hours=13)) == "19 Nov 2026, 12:00 to 20 Nov 2026, 01:00 UTC (13 h)"


def test_a_calendar_leaves_out_what_is_known() -> None:
    calendar = Calendar(date(2026, 11, 19))
    assert calendar.moment(NOON) == "12:00"
    assert calendar.moment(NOON.replace(second=7)) == "12:00:07"
    assert calendar.moment(NOON - timedelta(days=1)) == "18 Nov 12:00"
    assert calendar.moment(NOON.replace(year=2025)) == "19 Nov 2025 12:00"
    assert calendar.span(NOON, NOON + timedelta(hours=1)) == "12:00 to 13:00"
    assert calendar.span(NOON - timedelta(days=1), NOON) == "18 Nov 12:00 to 19 Nov 12:00"
    assert Calendar(None).moment(NOON) == "19 Nov 2026 12:00"


@given(st.integers(min_value=0, max_value=60 * 366 * 86_400), st.integers(min_value=1, max_value=400 * 366 * 86_400))
def test_ticks_lie_inside_and_are_few_and_even(first: int, seconds: int) -> None:
    start = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=first)
    end = start + timedelta(seconds=seconds)
    ticks = [moment for moment, _ in time_ticks(start, end, 6)]
    assert len(ticks) <= 7
    assert all(start <= tick <= end for tick in ticks)
    assert len({later - earlier for earlier, later in pairwise(ticks)}) <= 1


def test_midnight_carries_the_date() -> None:
    labels = [label for _, label in time_ticks(NOON, NOON + timedelta(hours=24), 6)]
    assert labels == ["12:00", "18:00", "20 Nov", "06:00", "12:00"]
