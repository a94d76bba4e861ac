"""Windows that are compared: their order, their length, and clocks that change in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from opswarden.tools.windows import ComparedWindows, entity_filter, to_us

NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def windows(**changes: datetime) -> ComparedWindows:
    given = {"start": NOON, "end": NOON + HOUR, "baseline_start": NOON - 2 * HOUR, "baseline_end": NOON}
    return ComparedWindows(**(given | changes))  # type: ignore[arg-type]


def test_lengths_are_seconds() -> None:
    assert (windows().length_s, windows().baseline_s) == (3_600.0, 7_200.0)


@pytest.mark.parametrize(
    "changes",
    [
        {"end": NOON},
        {"baseline_start": NOON},
        {"baseline_end": NOON + timedelta(microseconds=1)},
        {"end": NOON + timedelta(days=32)},
        {"baseline_start": NOON - timedelta(days=32)},
        {"start": NOON.replace(tzinfo=None)},
    ],
    ids=["empty window", "empty baseline", "overlap", "long window", "long baseline", "no time zone"],
)
def test_windows_must_make_sense(changes: dict[str, datetime]) -> None:
    with pytest.raises(ValidationError):
        windows(**changes)


def test_the_clocks_going_back_do_not_shorten_a_window() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    # Clocks went back on 27 October 2030: between these two readings lie two hours, not one.
    start = datetime(2030, 10, 27, 2, 0, tzinfo=berlin)
    end = datetime(2030, 10, 27, 3, 0, tzinfo=berlin)
    found = windows(start=start, end=end, baseline_start=start - timedelta(days=1), baseline_end=start)
    assert found.length_s == 7_200.0


def test_microseconds_are_exact() -> None:
    moment = datetime(2031, 5, 6, 12, 0, 0, 123_457, tzinfo=UTC)
    assert to_us(moment) % 1_000_000 == 123_457
    assert to_us(datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)) == -1


def test_the_scope_names_one_entity_and_counts_several() -> None:
    assert entity_filter(()) == {}
    assert entity_filter(("oven",)) == {"entities": "oven"}
    assert entity_filter(("oven", "till")) == {"entities": "2 named"}
