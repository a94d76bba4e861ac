"""What was really saved: normalised by usage as far as cost follows it, with what broke in the same days."""

from __future__ import annotations

import math

import numpy as np
import pytest

from opswarden.tools.recommendations.realised import Around, chance_of, realise

from .made import money

RNG = np.random.default_rng(11)
_FIRST = RNG.bit_generator.state
WEEK = np.array([1.0, 1.1, 1.2, 1.1, 1.0, 0.6, 0.5])


@pytest.fixture(autouse=True)
def _same_days_in_any_order() -> None:
    RNG.bit_generator.state = _FIRST


def days(level: float, n: int, noise: float = 0.5) -> np.ndarray:
    return level + RNG.normal(0, noise, n)


def test_a_service_of_fixed_size_saves_what_its_bill_fell_by_however_busy_it_is() -> None:
    driver = np.tile(WEEK, 4) * 100
    around = Around(days(100, 28), days(60, 30), driver, np.tile(WEEK, 5)[:30] * 200)
    found = realise(around, 30, money(40 * 730 / 24), 0.25)
    assert found.realised is not None
    assert found.realised.expected == pytest.approx(40 * 730 / 24, rel=0.05)
    assert found.realised.low < 40 * 730 / 24 < found.realised.high
    assert (found.move, found.follows) == ("verified", pytest.approx(0.0, abs=0.1))


def test_the_interval_holds_what_was_saved_as_often_as_it_says_however_far_usage_has_moved() -> None:
    driver, since, held = np.tile(WEEK, 4) * 100, np.tile(WEEK, 5)[:30] * 200, 0
    for _ in range(300):
        found = realise(Around(days(100, 28), days(60, 30), driver, since), 30, money(1_216.7), 0.25).realised
        assert found is not None
        held += found.low < 40 * 730 / 24 < found.high
    assert 0.85 < held / 300 <= 1.0  # 90 %; more where a slope below nought is taken for none


def test_a_service_that_scales_is_measured_at_the_usage_of_the_days_since() -> None:
    driver, since = np.tile(WEEK, 4) * 100, np.tile(WEEK, 5)[:30] * 200
    around = Around(driver * 1.0 + RNG.normal(0, 1, 28), since * 0.7 + RNG.normal(0, 1, 30), driver, since)
    found = realise(around, 30, money(0.3 * since.mean() * 730 / 24), 1.0)
    assert found.realised is not None
    assert found.follows == pytest.approx(1.0, abs=0.05)
    # The bill went up by 40 %; without the change it would have doubled.
    assert found.realised.expected == pytest.approx(0.3 * since.mean() * 730 / 24, rel=0.05)


def test_what_it_broke_counts_at_once() -> None:
    around = Around(
        days(100, 28), days(60, 7), broken_before={"oom": 1, "restart": 40}, broken_after={"oom": 6, "restart": 9}
    )
    found = realise(around, 7, money(1_200), 1.0)
    assert found.move == "regressed"
    assert [each.what for each in found.worse] == ["oom"]  # nine restarts in a week are what ten would be
    assert found.why == "oom: 0.036 before, 0.86 since"


def test_latency_over_its_budget_counts_only_if_it_was_within_before() -> None:
    slow = Around(days(100, 28), days(60, 14), latency_budget_ms=80, latency_before_ms=60, latency_after_ms=95)
    always = Around(days(100, 28), days(60, 14), latency_budget_ms=80, latency_before_ms=90, latency_after_ms=95)
    assert realise(slow, 14, money(1_200), 1.0).move == "regressed"
    assert realise(always, 14, money(1_200), 1.0).move == "verified"


def test_what_saves_nothing_is_settled_only_after_thirty_days() -> None:
    flat = Around(days(100, 28), days(100, 30))
    assert [realise(flat, n, money(1_200), 1.0).move for n in (7, 14, 30)] == [None, None, "regressed"]


def test_an_unknown_cost_is_no_saving() -> None:
    gone = np.full(30, math.nan)
    found = realise(Around(days(100, 28), gone), 30, money(1_200), 1.0)
    assert (found.realised, found.ratio, found.move, found.measured_days) == (None, None, None, 0)
    broken = Around(np.empty(0), np.empty(0), broken_after={"oom": 9})
    assert realise(broken, 7, money(1_200), 1.0).move == "regressed"


def test_the_chance_of_events_is_the_binomial_tail() -> None:
    assert chance_of(0, 5, 0.2) == 1.0
    assert chance_of(1, 1, 0.2) == pytest.approx(0.2)
    assert chance_of(2, 3, 0.5) == pytest.approx(0.5)
    assert chance_of(2_000, 8_000, 0.25) == pytest.approx(0.5, abs=0.02)
