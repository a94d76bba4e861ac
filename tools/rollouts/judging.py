"""A whole rollout: every metric by its own course, in the order of the guardrails, and what may never pass.

The probability of a false alarm is shared out evenly among the metrics that can stop the rollout, so it holds for all
of them together; a pass needs every one of them, which needs no such share.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from .assignment import mismatched
from .evidence import Counts, Evidence, Floats, Sums, of_means, of_rates, of_wins
from .sequential import Course, course
from .types import Judged, MetricFound, MetricRule, RolloutResult, RolloutRule

_MOST = 1e15
"""Of any number of a look."""


@dataclass(frozen=True)
class Series:
    """The numbers of one metric, look by look, (T,); NaN where a side has none.

    Args:
        champion: per look (n, total, squares): requests, sum of the events or values, sum of their squares (of rates
            unused). Of `wins`: pairs that the champion won, in `total`.
        canary: the same of the canary.
        history: the champion's looks before the rollout, the same columns.
    """

    champion: tuple[Floats, Floats, Floats]
    canary: tuple[Floats, Floats, Floats]
    history: tuple[Floats, Floats, Floats] | None = None


def judge(rule: RolloutRule, requests: tuple[Floats, Floats], series: Mapping[str, Series]) -> Judged:
    """What the rollout has come to after the looks so far.

    Args:
        rule: how it is judged.
        requests: (T,) requests of the champion and of the canary in every look; NaN where nothing is known.
        series: by name of metric. A metric without numbers never passes.
    """
    deciding = [metric for metric in rule.metrics if metric.role != "watched"]
    looks = int(requests[0].shape[-1])
    found = [_metric(metric, series.get(metric.name), rule, len(deciding), looks) for metric in rule.metrics]
    split = tuple(np.where((side >= 0) & (side <= _MOST), side, 0.0) for side in requests)
    total_a, total_b = (int(side.sum()) for side in split)
    is_off = bool(looks) and bool(mismatched(split[0], split[1], rule.share)[-1])
    result, reasons = _together([one for one, _ in found], rule, looks, is_off=is_off)
    waits = [end for one, end in found if one.role != "watched" and one.result == "inconclusive"]
    needed = max(waits, default=0) if result == "inconclusive" else 0
    usable = result != "inconclusive" or (bool(waits) and math.isfinite(needed) and not is_off)
    per_look = (total_a + total_b) / looks if looks else 0.0
    return Judged(
        result=result,
        reasons=tuple(reasons),
        looks=looks,
        requests_champion=total_a,
        requests_canary=total_b,
        looks_needed=int(needed) if usable else None,
        requests_needed=round(needed * per_look) if usable and per_look else None,
        metrics=tuple(one for one, _ in found),
    )


def evidence_of(metric: MetricRule, series: Series) -> tuple[Evidence, tuple[Floats, Floats] | None]:
    """The evidence of one metric's numbers, and its history as values and variances."""
    (n_a, total_a, squares_a), (n_b, total_b, squares_b) = (
        _sound(metric, series.champion),
        _sound(metric, series.canary),
    )
    past = _sound(metric, series.history) if series.history is not None else None
    if metric.kind == "wins":
        return of_wins(total_a, total_b, metric.margin), None
    if metric.kind in ("rate", "quantile"):
        if metric.worse == "lower":
            total_a, total_b = n_a - total_a, n_b - total_b
        margin = metric.margin
        earlier, usual = _rate_history(past, is_lower=metric.worse == "lower")
        found = of_rates(
            Counts(total_a, n_a), Counts(total_b, n_b), margin, is_relative=metric.is_relative, usual=usual
        )
        return found, earlier
    sign = -1.0 if metric.worse == "lower" else 1.0
    sides = (Sums(n_a, sign * total_a, squares_a), Sums(n_b, sign * total_b, squares_b))
    return of_means(*sides, metric.margin, is_relative=metric.is_relative), _mean_history(past)


def _sound(metric: MetricRule, side: tuple[Floats, Floats, Floats]) -> tuple[Floats, Floats, Floats]:
    """The looks whose numbers can be numbers; the others count as missing, on the whole line."""
    n, total, squares = side
    with np.errstate(invalid="ignore"):
        sound = (n > 0) & (n <= _MOST) & (np.abs(total) <= _MOST) & (squares >= 0) & (squares <= _MOST)
        if metric.kind in ("rate", "quantile"):
            sound &= (total >= 0) & (total <= n)
        elif metric.kind == "wins":
            sound &= total >= 0
    return tuple(np.where(sound, column, np.nan) for column in side)  # type: ignore[return-value]  # three go in


def _rate_history(
    past: tuple[Floats, Floats, Floats] | None, *, is_lower: bool
) -> tuple[tuple[Floats, Floats] | None, float | None]:
    if past is None or not np.nansum(past[0]) > 0:
        return None, None
    n = np.where(past[0] > 0, past[0], np.nan)
    rate = float(np.nansum(past[1]) / np.nansum(past[0]))
    usual = 1 - rate if is_lower else rate
    return (past[1] / n, rate * (1 - rate) / n), usual


def _mean_history(past: tuple[Floats, Floats, Floats] | None) -> tuple[Floats, Floats] | None:
    if past is None or not np.nansum(past[0]) > 0:
        return None
    whole = float(np.nansum(past[0]))
    mean = float(np.nansum(past[1])) / whole
    variance = max(float(np.nansum(past[2])) / whole - mean**2, 0.0)
    n = np.where(past[0] > 0, past[0], np.nan)
    return past[1] / n, variance / n


def _metric(
    metric: MetricRule, series: Series | None, rule: RolloutRule, deciding: int, looks: int
) -> tuple[MetricFound, float]:
    if series is None or looks == 0:
        return _absent(metric), math.inf
    evidence, history = evidence_of(metric, series)
    share = deciding if metric.role != "watched" else 1
    run = course(evidence, false_alarm=rule.false_alarm / share, false_pass=rule.false_pass, history=history)
    missing = 1 - float(evidence.seen.mean())
    failed, passed = _place(run.fails), _place(run.passes)
    is_whole = missing <= rule.most_missing and looks >= rule.least_looks
    result: RolloutResult = (
        "fail" if failed is not None else "pass" if passed is not None and is_whole else "inconclusive"
    )
    found = MetricFound(
        name=metric.name,
        role=metric.role,
        result=result,
        difference=_number(evidence.difference[-1]),
        low=_number(run.low[-1]),
        high=_number(run.high[-1]),
        margin=_number(evidence.margin[-1]),
        inflation=_number(run.inflation[-1]),
        missing=round(missing, 4),
        failed_at=failed,
        passed_at=passed,
    )
    return found, _wait(run, rule, looks, missing)


def _wait(run: Course, rule: RolloutRule, looks: int, missing: float) -> float:
    """Looks that are missing to a pass; without end where more of the same would not do."""
    if missing > rule.most_missing:
        return math.inf
    left = float(run.to_pass[-1])
    return max(left, rule.least_looks - looks, 1.0)


def _together(
    metrics: list[MetricFound], rule: RolloutRule, looks: int, *, is_off: bool
) -> tuple[RolloutResult, list[str]]:
    reasons: list[str] = []
    for role in ("critical", "guardrail"):
        failed = [one.name for one in metrics if one.role == role and one.result == "fail"]
        if failed:
            return "fail", [f"{role} {name} is worse" for name in failed]
    if looks == 0:
        return "inconclusive", ["there is no number yet"]
    if is_off:
        reasons.append("the split of the requests is not the configured one, so the two sides cannot be compared")
    for one in metrics:
        if one.role == "watched":
            continue
        if one.missing > rule.most_missing:
            reasons.append(f"{one.name} lacks {one.missing:.0%} of its looks; missing numbers never pass")
        elif one.result == "inconclusive":
            reasons.append(f"{one.name} is undecided")
    return ("inconclusive", reasons) if reasons else ("pass", ["no metric is worse by its margin"])


def _absent(metric: MetricRule) -> MetricFound:
    return MetricFound(
        name=metric.name,
        role=metric.role,
        result="inconclusive",
        difference=None,
        low=None,
        high=None,
        margin=None,
        inflation=None,
        missing=1.0,
        failed_at=None,
        passed_at=None,
    )


def _place(hits: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> int | None:
    return int(hits.argmax()) + 1 if hits.any() else None


def _number(value: float) -> float | None:
    return round(float(value), 6) if math.isfinite(value) else None
