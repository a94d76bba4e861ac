"""Burn rates against numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from opswarden.tools.slo.burn import Burn, burn
from opswarden.tools.slo.events import Events

MINUTE_US = 60_000_000
DAY_S = 86_400


def minutes(bad: list[float], *, step: int = 1) -> Events:
    """One event of a kind in every so many minutes, the last one just before the end at 0."""
    count = len(bad)
    times = -(np.arange(count, dtype=np.int64)[::-1] + 1) * step * MINUTE_US
    return Events(times, np.array(bad, float), np.ones(count), step * MINUTE_US, "time")


def burn_of(events: Events, objective: float = 0.999, window_s: int = 30 * DAY_S, quiet_end: int = 0) -> Burn:
    found = burn(events, objective, window_s, 0, quiet_end * MINUTE_US)
    assert found is not None
    return found


def rates(found: Burn) -> dict[int, float | None]:
    return {rate.window_s: None if rate.rate is None else round(rate.rate, 6) for rate in found.rates}


def test_a_constant_share_burns_at_its_multiple_of_the_budget() -> None:
    found = burn_of(minutes([0.002] * 3 * 1440))
    assert rates(found) == {300: 2.0, 1800: 2.0, 3600: 2.0, 21_600: 2.0, 259_200: 2.0}
    assert found.urgency == "ticket"
    # Three of thirty days at twice the rate: a fifth of the budget; the rest lasts 0.8 · 30 d / 2.
    assert found.spent == pytest.approx(0.2)
    assert found.covered == pytest.approx(0.1)
    assert found.left_s == pytest.approx(0.8 * 30 * DAY_S / 2)


@pytest.mark.parametrize(
    ("recent_minutes", "share", "urgency"),
    [
        (60, 0.0144, "page"),  # 14.4 for an hour: two per cent of a budget of thirty days
        (60, 0.0143, "none"),
        (360, 0.006, "page"),  # 6 for six hours: five per cent
        (360, 0.0059, "none"),
        (3 * 1440, 0.001, "ticket"),  # 1 for three days: ten per cent
        (3 * 1440, 0.00099, "none"),
    ],
)
def test_the_rates_of_the_workbook(recent_minutes: int, share: float, urgency: str) -> None:
    quiet = [0.0] * (3 * 1440 - recent_minutes)
    assert burn_of(minutes(quiet + [share * (1 + 1e-9)] * recent_minutes)).urgency == urgency


def test_what_is_over_wakes_nobody() -> None:
    over = minutes([0.0] * 1440 + [0.5] * 50 + [0.0] * 40)
    assert burn_of(over).urgency == "ticket"
    assert burn_of(minutes([0.0] * 1440 + [0.5] * 50)).urgency == "page"


def test_time_without_samples_counts_as_good() -> None:
    half_an_hour = burn_of(minutes([0.02] * 30))
    hour = {rate.window_s: rate for rate in half_an_hour.rates}[3600]
    assert (hour.rate, hour.covered) == (pytest.approx(20), pytest.approx(0.5))
    assert half_an_hour.urgency == "none"  # 20 for half an hour is 10 for an hour
    assert burn_of(minutes([0.03] * 30)).urgency == "page"


def test_the_quiet_time_stands_beside_it() -> None:
    found = burn_of(minutes([0.001] * 120 + [0.1] * 30), quiet_end=-30)
    assert found.before == pytest.approx(1.0)
    assert burn_of(minutes([0.1] * 30), quiet_end=-30).before is None


def test_a_budget_can_be_used_up() -> None:
    found = burn_of(minutes([1.0] * 60), objective=0.99, window_s=7 * DAY_S)
    assert found.spent == pytest.approx(100 / (7 * 24))
    gone = burn_of(minutes([1.0] * 1440), objective=0.999)
    assert gone.spent > 1
    assert gone.left_s == 0


def test_a_slow_burn_never_ends_the_budget() -> None:
    assert burn_of(minutes([0.0005] * 1440)).left_s is None


@pytest.mark.parametrize("window_s", [60, 300, 3_600, 7_200, DAY_S])
def test_short_objectives(window_s: int) -> None:
    assert burn_of(minutes([1.0] * 1440), window_s=window_s).urgency == "page"
    assert burn_of(minutes([0.0] * 1440), window_s=window_s).urgency == "none"


def test_samples_that_come_seldom_are_no_gap() -> None:
    found = burn_of(minutes([1.0] * 10, step=15))
    assert {rate.window_s: rate.rate for rate in found.rates}[300] == pytest.approx(1000)
    assert found.urgency == "page"


def test_nothing_counted_is_nothing() -> None:
    assert burn(minutes([]), 0.99, DAY_S, 0, 0) is None
    none = Events(np.array([-MINUTE_US]), np.zeros(1), np.zeros(1), MINUTE_US, "requests")
    assert burn(none, 0.99, DAY_S, 0, 0) is None
    assert burn(minutes([1.0] * 10), 0.99, DAY_S, -10 * DAY_S * 1_000_000, 0) is None


def test_one_sample_says_nothing_about_time() -> None:
    one = Events(np.array([-MINUTE_US]), np.ones(1), np.ones(1), 0.0, "time")
    assert burn(one, 0.99, DAY_S, 0, 0) is None
