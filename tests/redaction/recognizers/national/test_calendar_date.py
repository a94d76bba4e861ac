"""Days."""

from __future__ import annotations

import pytest

from opswarden.redaction.recognizers.national.calendar_date import is_day


@pytest.mark.parametrize(
    ("month", "day", "expected"),
    [("01", "31", True), ("02", "29", True), ("02", "30", False), ("04", "31", False), ("00", "10", False),
     ("13", "10", False), ("12", "00", False)],
)  # fmt: skip
def test_days(month: str, day: str, expected: bool) -> None:
    assert is_day(month, day) is expected
