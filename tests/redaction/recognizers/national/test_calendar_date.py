"""Days, and numbers that are a point in time."""

from __future__ import annotations

import pytest

from opswarden.redaction.recognizers.national.calendar_date import is_day, is_time_stamp


@pytest.mark.parametrize(
    ("month", "day", "expected"),
    [("01", "31", True), ("02", "29", True), ("02", "30", False), ("04", "31", False), ("00", "10", False),
     ("13", "10", False), ("12", "00", False)],
)  # fmt: skip
def test_days(month: str, day: str, expected: bool) -> None:
    assert is_day(month, day) is expected


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("1764000000", True),
        ("1764000000000", True),
        ("1764000000000000", True),
        ("1764000000000000000", True),
        ("0912345678", False),
        ("2200000000", False),
        ("20261123", True),
        ("20261323", False),
        ("21261123", False),
        ("202611231947", True),
        ("202611232547", False),
        ("20261123194741", True),
        ("20261123194741123", True),
        ("17640000000", False),
    ],
)
def test_points_in_time(digits: str, expected: bool) -> None:
    assert is_time_stamp(digits) is expected
