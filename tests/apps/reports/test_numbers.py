from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.apps.reports.numbers import finite, money, quantity, scores, significant, whole

TABLE = [
    (0.0, "", "0"),
    (-0.0, "s", "0 s"),
    (1.0, "ratio", "1"),
    (0.98241, "ratio", "0.982"),
    (12.0, "", "12"),
    (999.4, "", "999"),
    (999.96, "", "1 k"),
    (1234.5, "req/s", "1.23 k req/s"),
    (-1_234_567.0, "", "-1.23 M"),
    (999_999.0, "", "1 M"),
    (4.5e20, "", "450 E"),
    (1.5e21, "", "1.5e21"),
    (1.7976931348623157e308, "", "180e306"),
    (0.0005, "", "500e-6"),
    (5e-324, "", "0"),
    (0.0621, "s", "62.1 ms"),
    (250.0, "ms", "250 ms"),
    (0.0, "ms", "0 ms"),
    (1.2e-7, "ns", "120e-9 ns"),
    (2500.0, "ms", "2.5 s"),
    (0.000_004, "seconds", "4 µs"),
    (90.0, "s", "90 s"),
    (1800.0, "s", "30 min"),
    (86_400.0, "s", "24 h"),
    (864_000.0, "s", "10 d"),
    (9e12, "s", "9 T s"),
    (3_400_000_000.0, "bytes", "3.4 GB"),
    (512.0, "B", "512 B"),
    (7.4, "%", "7.4 %"),
    (math.nan, "s", "no number"),
    (math.inf, "", "no number"),
]


@pytest.mark.parametrize(("value", "unit", "expected"), TABLE)
def test_quantity(value: float, unit: str, expected: str) -> None:
    assert quantity(value, unit) == expected


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from(["", "s", "ms", "ns", "bytes", "%", "req/s"]))
def test_any_number_is_short_and_keeps_its_sign(value: float, unit: str) -> None:
    text = quantity(value, unit)
    number = re.match(r"-?\d[\d.]*", text)
    assert number is not None
    assert len(number.group()) <= 8
    assert text.startswith("-") == (value < 0 and float(number.group()) != 0)


@given(st.floats(min_value=1e-3, max_value=999, allow_nan=False))
def test_three_significant_digits_are_kept(value: float) -> None:
    assert math.isclose(float(significant(value)), value, rel_tol=0.006)


def test_scores_are_percentages_only_if_all_are_shares() -> None:
    assert scores([0.4123, 0.0]) == ["41.2 %", "0.0 %"]
    assert scores([0.4123, 12.0]) == ["0.412", "12"]
    assert scores([math.nan]) == ["no number"]
    assert scores([]) == []


@pytest.mark.parametrize(
    ("usd", "expected"),
    [(0.0, "$0.00"), (0.0614, "$0.06"), (0.00123, "$0.0012"), (1234.5, "$1,234.50"), (1e-30, "$0.000000000000"),
     (2.5e12, "$2.5 T"), (math.inf, "no number")],
)  # fmt: skip
def test_money(usd: float, expected: str) -> None:
    assert money(usd) == expected


def test_whole() -> None:
    assert whole(18_240) == "18,240"
    assert whole(10**12) == "1 T"
    assert whole(10**400) == "more than can be shown"


@pytest.mark.parametrize("value", [True, None, "3", math.nan, -math.inf, 10**400, [1.0]])
def test_what_is_no_finite_number(value: object) -> None:
    assert finite(value) is None
