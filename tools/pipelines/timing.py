"""When a run will be done, out of how long runs took: intervals that assume no shape of the durations.

If a run is like those of the past, each place among them is as likely for it as any other. So it takes between the i-th
and the j-th of n past durations with probability (j - i) / (n + 1), whatever their distribution; of a run that is under
way, the past runs that took longer than it has so far are its like.

Source: prediction intervals from order statistics, Wilks, "Determination of sample sizes for setting tolerance limits",
Annals of Mathematical Statistics 12 (1941); David and Nagaraja, "Order Statistics", 3rd ed., section 7.3.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

LEAST_PAST = 5
"""With fewer past runs an interval would hold in less than two of three cases."""
NEWEST = 30
"""Past runs that count: what a pipeline did a season ago says little of today."""
_LEVEL = 0.9
_STUCK_WOBBLES = 4.0
_LEAST_WOBBLE = 0.05
_STUCK_BEYOND = 1.25
_LEAST_FOR_STUCK = 8
_WEEK = timedelta(days=7)
_SOME = timedelta(minutes=1)


@dataclass(frozen=True)
class Expected:
    """An interval, in the unit of what went in.

    Args:
        confidence: with which the next one lies in it.
        n: past runs that it rests on.
    """

    low: float
    middle: float
    high: float
    confidence: float
    n: int


def expected(past: Sequence[float], so_far: float = 0.0) -> Expected | None:
    """How long a run takes in all, that has taken `so_far`; `None` if too little is known.

    Args:
        past: durations of runs that succeeded, the newest last; those in one unit with `so_far`.
        so_far: 0 for a run that has not begun.
    """
    newest = list(past)[-NEWEST:]
    if len(newest) < LEAST_PAST:
        return None
    like = sorted(each for each in newest if each > so_far)
    if len(like) < LEAST_PAST:
        return None
    n = len(like)
    first = max(int((1 - _LEVEL) / 2 * (n + 1)), 1)
    last = n + 1 - first
    middle = like[n // 2] if n % 2 else (like[n // 2 - 1] + like[n // 2]) / 2
    return Expected(like[first - 1], middle, like[last - 1], (last - first) / (n + 1), n)


def chance_beyond(past: Sequence[float], so_far: float, limit: float) -> float | None:
    """How likely a run that has taken `so_far` takes longer than `limit`, between 0 and 1; `None` if nobody knows.

    The share of its like, with half a run added to either side (Krichevsky and Trofimov).
    """
    if limit <= so_far:
        return 1.0
    newest = list(past)[-NEWEST:]
    if len(newest) < LEAST_PAST:
        return None
    like = [each for each in newest if each > so_far]
    return (sum(each > limit for each in like) + 0.5) / (len(like) + 1)


def is_stuck(past: Sequence[float], so_far: float) -> bool:
    """Whether a run has taken longer than any before, and by more than they differ among each other."""
    newest = sorted(math.log(max(each, 1.0)) for each in list(past)[-NEWEST:])
    if len(newest) < _LEAST_FOR_STUCK:
        return False
    middle = newest[len(newest) // 2]
    spread = sorted(abs(each - middle) for each in newest)[len(newest) // 2]
    bound = middle + _STUCK_WOBBLES * max(1.4826 * spread, _LEAST_WOBBLE)
    return math.log(max(so_far, 1.0)) > max(bound, newest[-1] + math.log(_STUCK_BEYOND))


def next_due(past: Sequence[datetime]) -> datetime | None:
    """When the next run is due by the rhythm of past ones: as a week before, else after the usual gap.

    Args:
        past: when scheduled runs were due, in order.
    """
    if len(past) < LEAST_PAST:
        return None
    last = past[-1]
    if last - past[0] >= _WEEK:
        as_then = next((each + _WEEK for each in past if each + _WEEK > last + _SOME), None)
        if as_then is not None:
            return as_then
    gaps = sorted(later - sooner for sooner, later in pairwise(past))
    return last + gaps[len(gaps) // 2]


def usual_gap_s(past: Sequence[datetime]) -> float | None:
    """Seconds between two runs, usually; `None` if too little is known."""
    if len(past) < LEAST_PAST:
        return None
    gaps = sorted((later - sooner).total_seconds() for sooner, later in pairwise(past))
    return gaps[len(gaps) // 2]
