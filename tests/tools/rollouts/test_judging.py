"""Rollouts: evidence that may be watched, correlated minutes, guardrails, splits and gaps."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from opswarden.tools.rollouts.assignment import mismatched
from opswarden.tools.rollouts.dependence import inflation
from opswarden.tools.rollouts.evidence import Counts, of_rates
from opswarden.tools.rollouts.judging import Series, judge
from opswarden.tools.rollouts.sequential import course
from opswarden.tools.rollouts.types import MetricRule, RolloutRule

LOOKS = 40
REQUESTS = 2_000.0


def rule(*metrics: MetricRule, **more: float) -> RolloutRule:
    return RolloutRule(metrics=metrics, **more)  # type: ignore[arg-type]  # numbers alone are varied


DECLINES = MetricRule(name="declines", kind="rate", role="critical", margin=0.01)
LATENCY = MetricRule(name="latency_ms", kind="mean", margin=0.1, is_relative=True)


def side(rng: np.random.Generator, rate: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = np.full(LOOKS, REQUESTS)
    events = rng.binomial(int(REQUESTS), rate, LOOKS).astype(float)
    return n, events, events


def times(rng: np.random.Generator, mean: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    values = rng.gamma(4.0, mean / 4, (LOOKS, int(REQUESTS)))
    return np.full(LOOKS, REQUESTS), values.sum(-1), (values**2).sum(-1)


def judged(champion: float, canary: float, rules: RolloutRule, seed: int = 0, slow: float = 1.0, **gaps: object):
    rng = np.random.default_rng(seed)
    series = {
        "declines": Series(side(rng, champion), side(rng, canary)),
        "latency_ms": Series(times(rng, 80.0), times(rng, 80.0 * slow)),
    }
    n = np.full(LOOKS, REQUESTS)
    return judge(rules, (n, n.copy()), series)


@pytest.mark.parametrize(("n_a", "n_b", "rate"), [(3, 3, 0.2), (5, 2, 0.35), (1, 6, 0.5), (4, 4, 0.05)])
def test_no_look_is_expected_to_speak_for_harm_that_is_not_there(n_a: int, n_b: int, rate: float) -> None:
    """Exactly, over every outcome: an equal canary's evidence never grows on average, nor a worse one's of no harm."""
    harm, no_harm = 0.0, 0.0
    margin = 0.1
    for a, b in itertools.product(range(n_a + 1), range(n_b + 1)):
        found = of_rates(
            Counts(np.array([a]), np.array([n_a])), Counts(np.array([b]), np.array([n_b])), margin, usual=0.3
        )
        both = math.comb(n_a, a) * math.comb(n_b, b)
        harm += both * rate ** (a + b) * (1 - rate) ** (n_a + n_b - a - b) * math.exp(found.harm[0])
        worse = rate + margin
        chance = rate**a * (1 - rate) ** (n_a - a) * worse**b * (1 - worse) ** (n_b - b)
        no_harm += both * chance * math.exp(found.no_harm[0])
    assert harm <= 1 + 1e-9
    assert no_harm <= 1 + 1e-6


def test_a_harmless_canary_passes_and_a_harmful_one_fails_and_stays_so() -> None:
    rules = rule(DECLINES, LATENCY)
    assert judged(0.05, 0.05, rules).result == "pass"
    failed = judged(0.05, 0.09, rules)
    assert (failed.result, failed.reasons) == ("fail", ("critical declines is worse",))
    declines = failed.metrics[0]
    assert declines.failed_at is not None
    assert declines.difference == pytest.approx(0.04, abs=0.01)
    assert declines.low is not None
    assert declines.low > 0


def test_the_critical_guardrail_is_named_before_the_others() -> None:
    both = judged(0.05, 0.09, rule(LATENCY, DECLINES), slow=1.5)
    assert both.reasons == ("critical declines is worse",)
    slow = judged(0.05, 0.05, rule(LATENCY, DECLINES), slow=1.5)
    assert (slow.result, slow.reasons) == ("fail", ("guardrail latency_ms is worse",))


def test_a_watched_metric_stops_nothing() -> None:
    watched = LATENCY.model_copy(update={"role": "watched"})
    found = judged(0.05, 0.05, rule(DECLINES, watched), slow=1.5)
    assert found.result == "pass"
    assert found.metrics[1].result == "fail"


def test_too_little_traffic_is_inconclusive_and_says_how_much_is_missing() -> None:
    n = np.full(10, 200.0)
    events = np.full(10, 10.0)
    series = {"declines": Series((n, events, events), (n, events, events))}
    few = judge(rule(DECLINES), (n, n), series)
    assert few.result == "inconclusive"
    assert few.looks_needed is not None
    assert few.requests_needed == few.looks_needed * 400
    longer = 10 + 4 * few.looks_needed
    n = np.full(longer, 200.0)
    events = np.random.default_rng(1).binomial(200, 0.05, (2, longer)).astype(float)
    enough = judge(rule(DECLINES), (n, n), {"declines": Series((n, events[0], events[0]), (n, events[1], events[1]))})
    assert enough.result == "pass"


@pytest.mark.parametrize("gap", ["no series", "third of the looks", "no look", "nothing at all"])
def test_missing_numbers_never_pass(gap: str) -> None:
    rng = np.random.default_rng(3)
    champion, canary = side(rng, 0.05), side(rng, 0.05)
    n = np.full(LOOKS, REQUESTS)
    series = {"declines": Series(champion, canary)}
    if gap == "no series":
        series = {}
    elif gap == "third of the looks":
        for column in canary:
            column[::3] = np.nan
    elif gap == "no look":
        n, series = n[:0], {"declines": Series(tuple(c[:0] for c in champion), tuple(c[:0] for c in canary))}  # type: ignore[arg-type]
    else:
        for column in canary:
            column[:] = np.nan
    found = judge(rule(DECLINES), (n, n), series)
    assert found.result == "inconclusive"
    assert found.looks_needed is None
    assert found.reasons


def test_harm_is_found_through_gaps() -> None:
    rng = np.random.default_rng(3)
    canary = side(rng, 0.12)
    for column in canary:
        column[::3] = np.nan
    n = np.full(LOOKS, REQUESTS)
    assert judge(rule(DECLINES), (n, n), {"declines": Series(side(rng, 0.05), canary)}).result == "fail"


def test_a_split_that_is_off_never_passes() -> None:
    rng = np.random.default_rng(4)
    a = rng.binomial(4_000, 0.5, (300, LOOKS)).astype(float)
    assert mismatched(a, 4_000 - a, 0.5)[:, -1].mean() <= 0.01
    off = rng.binomial(4_000, 0.52, (300, LOOKS)).astype(float)
    assert mismatched(off, 4_000 - off, 0.5)[:, -1].mean() >= 0.99
    n = np.full(LOOKS, REQUESTS)
    fine = {"declines": Series(side(rng, 0.05), side(rng, 0.05))}
    found = judge(rule(DECLINES), (n, n * 0.9), fine)
    assert (found.result, found.looks_needed) == ("inconclusive", None)
    assert "split" in found.reasons[0]


def test_correlated_minutes_say_less_and_history_says_how_much_less() -> None:
    rng = np.random.default_rng(5)
    noise = rng.standard_normal((200, 61))
    for look in range(1, 61):
        noise[:, look] = 0.7 * noise[:, look - 1] + math.sqrt(1 - 0.49) * noise[:, look]
    ones = np.ones((200, 60))
    found = inflation([(noise[:100, 1:], ones[:100]), (noise[100:, 1:], ones[:100])])
    assert 5.0 < np.median(found[:, -1]) < 30.0  # in truth 5.7; what cannot be told is taken for the worse
    assert np.isinf(found[:, 6]).all()
    free = rng.standard_normal((200, 60))
    independent = inflation([(free[:100], ones[:100]), (free[100:], ones[:100])])
    assert np.median(independent[:, -1]) < 1.2
    day = rng.standard_normal(1_440)
    known = inflation([(free[:100], ones[:100]), (free[100:], ones[:100])], (day, np.ones(1_440)))
    assert np.median(known[:, 3]) < 1.1


def test_lower_is_worse_turns_the_question_round() -> None:
    approvals = MetricRule(name="approvals", kind="rate", worse="lower", margin=0.01)
    rng = np.random.default_rng(6)
    n = np.full(LOOKS, REQUESTS)
    down = {"approvals": Series(side(rng, 0.9), side(rng, 0.86))}
    assert judge(rule(approvals), (n, n), down).result == "fail"
    up = {"approvals": Series(side(rng, 0.9), side(rng, 0.94))}
    assert judge(rule(approvals), (n, n), up).result == "pass"


def test_paired_requests_are_their_own_controls() -> None:
    wins = MetricRule(name="wins", kind="wins", margin=0.05)
    pairs = np.full(LOOKS, 30.0)
    lost = np.random.default_rng(7).binomial(30, 0.65, LOOKS).astype(float)
    n = np.full(LOOKS, REQUESTS)
    found = judge(rule(wins), (n, n), {"wins": Series((n, lost, lost), (n, pairs - lost, pairs))})
    assert found.result == "fail"
    even = np.random.default_rng(8).binomial(30, 0.5, LOOKS).astype(float)
    assert judge(rule(wins), (n, n), {"wins": Series((n, even, even), (n, pairs - even, pairs))}).result != "fail"


def test_hostile_numbers_break_nothing() -> None:
    n = np.array([0.0, np.inf, -5.0, np.nan, 1e300, 1.0])
    found = judge(
        rule(DECLINES, LATENCY),
        (n, n),
        {"declines": Series((n, n, n), (n, n, n)), "latency_ms": Series((n, n, n), (n, n, n))},
    )
    assert found.result != "pass"


def test_the_interval_holds_at_every_look() -> None:
    rng = np.random.default_rng(9)
    n = np.full((300, 60), 400.0)
    a, b = (rng.binomial(400, rate, (300, 60)).astype(float) for rate in (0.05, 0.06))
    run = course(of_rates(Counts(a, n), Counts(b, n), 0.01))
    held = ((run.low <= 0.01) & (run.high >= 0.01)).all(-1)
    assert held.mean() >= 0.97
