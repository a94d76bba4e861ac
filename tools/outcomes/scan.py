"""The fewest segments that explain why a rate changed.

Every slice is a hypothesis: the payments in it, and only they, are approved with other odds than before. Its weight is
how much likelier that makes the counts of all cells. A parent whose fault is a child's dilutes the change over cells in
which nothing happened and loses to the child; a child of a faulty parent explains only a part and loses to the parent.
The best hypothesis is taken, its change is put into the expectation, and the rest is searched again.

Sources: the search for the region that maximises a likelihood ratio is the spatial scan statistic (Kulldorff, "A
spatial scan statistic", Communications in Statistics 26, 1997); slices of a multi-dimensional measure as root causes,
explanatory power and succinctness are Adtributor's (Bhagwan et al., NSDI 2014); that a cause moves all its cells by the
same law is the ripple effect of Squeeze (Li et al., ISSRE 2019). That the law is a shift of log-odds, and how noise is
reckoned, is ours. False discoveries among slices: Benjamini and Hochberg, JRSS B 57 (1995); slices overlap, which is
dependence of the positive kind that the procedure allows for (Benjamini and Yekutieli, 2001).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ..steps import first_of_step
from .slices import Condition, Slices
from .tally import Floats, Places, Tally

_SHRINK = 10.0
"""Trials' worth of the nearest larger group in the rate of a cell: what was seen rarely is judged by its like."""
_BEST_KNOWN = 10_000.0
"""No rate is known better than from ten thousand trials: small drifts are no incident, however many payments."""
_FALSE_DISCOVERIES = 0.01
_BLOCK = 4
"""Buckets per block: a third of the window."""
_OWN_PART = 0.25
"""A segment inside of one that is explained must lose so much of its loss on its own account."""
_NEWTON_ROUNDS = 12
_FURTHEST = 12.0


@dataclass(frozen=True)
class Found:
    """A slice that changed.

    Args:
        place: its row among the slices.
        conditions: what its payments have in common.
        fell: whether fewer were good than expected.
        trials: of the window.
        expected: good ones that the quiet rates would have given.
        good: good ones.
        score: >= 0, in wobbles.
        error: one standard deviation of `expected - good` when nothing changed.
        cells: its cells.
        since: the first bucket of the window from which it stays changed; `None` if it is on and off.
    """

    place: int
    conditions: tuple[Condition, ...]
    fell: bool
    trials: float
    expected: float
    good: float
    score: float
    error: float
    cells: Places
    since: int | None


@dataclass(frozen=True)
class Scan:
    """Everything about one measure.

    Args:
        rates: (L,) quiet rate of every cell, shrunk.
        scores: (S,) signed scores of the slices against the quiet time; below zero where fewer were good.
        changed: (S,) which of them count as changed.
        found: the explanation, the largest part first.
    """

    rates: Floats
    scores: Floats
    changed: npt.NDArray[np.bool_]
    found: tuple[Found, ...]


def scan(counts: Tally, slices: Slices, *, most: int = 5) -> Scan:
    """Compare the window with the quiet time, and explain the difference.

    Args:
        counts: trials and good ones of every cell.
        slices: the hypotheses.
        most: segments at most.
    """
    rates = quiet_rates(counts, slices)
    noise = _Noise(counts, slices, rates)
    odds = _logit(rates)
    scores, _ = noise.scores(counts, odds)
    changed = significant(scores, noise.blocks)
    found: list[Found] = []
    taken: set[int] = set()
    for _ in range(2 * most):
        now, gains = noise.scores(counts, odds)
        open_ = significant(now, noise.blocks) & changed & (np.sign(now) == np.sign(scores))
        open_[list(taken)] = False
        open_ &= _left_over(counts, slices, rates, odds) >= _OWN_PART
        if not open_.any() or len(found) == most:
            break
        best = int(np.argmax(np.where(open_, gains, -np.inf)))
        cells = slices.cells_of(best)
        found.append(_found(counts, slices, rates, noise, best, scores[best]))
        taken.add(best)
        odds = odds.copy()
        odds[cells] += _shift(counts.trials[cells, 1], counts.good[cells, 1], odds[cells])
    return Scan(rates, scores, changed, tuple(found))


def quiet_rates(counts: Tally, slices: Slices) -> Floats:
    """The quiet rate of each cell; (L,), within (0, 1)."""
    trials, good = counts.trials[:, 0], counts.good[:, 0]
    total = trials.sum()
    overall = (good.sum() + 0.5) / (total + 1.0)
    of_slice, good_of = slices.sums(trials), slices.sums(good)
    like = np.full(len(trials), overall)
    smallest = np.full(len(trials), np.inf)
    for place, conditions in enumerate(slices.conditions):
        if len(conditions) != 1 or of_slice[place] < 5 * _SHRINK:
            continue
        cells = slices.cells_of(place)
        closer = cells[of_slice[place] < smallest[cells]]
        smallest[closer] = of_slice[place]
        like[closer] = (good_of[place] + 0.5) / (of_slice[place] + 1.0)
    rates: Floats = (good + _SHRINK * like) / (trials + _SHRINK)
    return np.clip(rates, 1e-6, 1 - 1e-6)


class _Noise:
    """How far the rate of each slice wanders when nothing is wrong."""

    def __init__(self, counts: Tally, slices: Slices, rates: Floats) -> None:
        self._slices = slices
        trials, good = _blocks(counts.quiet_trials), _blocks(counts.quiet_good)
        own = rates * (1 - rates)
        residual = slices.sums(good - rates[:, None] * trials)
        chance = slices.sums(own[:, None] * trials)
        sizes = slices.sums(trials)
        self.blocks = int((sizes[0] > 0).sum())
        used = np.maximum((sizes > 0).sum(axis=1), 2)
        beyond = (residual**2).sum(axis=1) * used / (used - 1) - chance.sum(axis=1)
        norm = (sizes**2).sum(axis=1)
        wander = np.divide(beyond, norm, out=np.zeros_like(beyond), where=norm > 0)
        window, window_chance = slices.sums(counts.trials[:, 1]), slices.sums(own * counts.trials[:, 1])
        typical = np.divide(window_chance, window, out=np.full_like(window, 0.25), where=window > 0)
        wander = np.maximum(wander, typical / _BEST_KNOWN)
        known = slices.sums(own * counts.trials[:, 1] ** 2 / (counts.trials[:, 0] + _SHRINK))
        variance = window_chance + known + wander * window**2
        self.error: Floats = np.sqrt(np.maximum(variance, 1e-12))
        ratio = np.divide(variance, window_chance, out=np.ones_like(variance), where=window_chance > 0)
        self._wider = np.sqrt(np.maximum(ratio, 1.0))

    def scores(self, counts: Tally, odds: Floats) -> tuple[Floats, Floats]:
        """Signed scores of the slices against these log-odds, and the log-likelihood that each hypothesis gains."""
        slices, cell = self._slices, self._slices.cell
        trials, good = counts.trials[:, 1], counts.good[:, 1]
        shifts = np.zeros(len(slices))
        wanted = slices.sums(good)
        # Half a payment on either side keeps the shift finite where all or none were good.
        wanted = np.clip(wanted, 0.5, np.maximum(slices.sums(trials) - 0.5, 0.5))
        for _ in range(_NEWTON_ROUNDS):
            rate = _rate(odds[cell] + slices.spread(shifts))
            expected = np.add.reduceat(trials[cell] * rate, slices.begin)
            slope = np.add.reduceat(trials[cell] * rate * (1 - rate), slices.begin)
            step = np.divide(wanted - expected, slope, out=np.zeros_like(slope), where=slope > 1e-9)
            shifts = np.clip(shifts + np.clip(step, -2.0, 2.0), -_FURTHEST, _FURTHEST)
        moved = odds[cell] + slices.spread(shifts)
        gain = good[cell] * slices.spread(shifts) - trials[cell] * (
            np.logaddexp(0, moved) - np.logaddexp(0, odds[cell])
        )
        gains = np.maximum(np.add.reduceat(gain, slices.begin), 0.0)
        scores: Floats = np.sign(shifts) * np.sqrt(2 * gains) / self._wider
        return scores, gains


def significant(scores: Floats, blocks: int) -> npt.NDArray[np.bool_]:
    """Which of many scores are no chance, at a false discovery rate of one in a hundred.

    The noise was estimated from few blocks, so the tail is Student's; brought to the normal by Wallace's transform
    (Annals of Mathematical Statistics 30, 1959).
    """
    freedom = max(blocks - 1, 1)
    normal = np.sqrt(freedom * np.log1p(scores**2 / freedom)) * (8 * freedom + 1) / (8 * freedom + 3)
    chance = np.array([math.erfc(float(value) / math.sqrt(2)) for value in normal])
    order = np.argsort(chance, kind="stable")
    allowed = _FALSE_DISCOVERIES * np.arange(1, len(chance) + 1) / len(chance)
    passing = np.flatnonzero(chance[order] <= allowed)
    kept = np.zeros(len(chance), dtype=bool)
    if len(passing):
        kept[order[: passing[-1] + 1]] = True
    return kept


def _left_over(counts: Tally, slices: Slices, rates: Floats, odds: Floats) -> Floats:
    """(S,) the share of each slice's difference to the quiet time that these log-odds leave open, at most 1."""
    trials, good = counts.trials[:, 1], slices.sums(counts.good[:, 1])
    whole = slices.sums(trials * rates) - good
    rest = slices.sums(trials * _rate(odds)) - good
    share = np.divide(rest, whole, out=np.zeros_like(whole), where=np.abs(whole) > 1e-9)
    return np.clip(share, 0.0, 1.0)


def _found(counts: Tally, slices: Slices, rates: Floats, noise: _Noise, place: int, score: float) -> Found:
    cells = slices.cells_of(place)
    trials = counts.trials[cells, 1]
    expected, good = float((trials * rates[cells]).sum()), float(counts.good[cells, 1].sum())
    return Found(
        place=place,
        conditions=slices.conditions[place],
        fell=score < 0,
        trials=float(trials.sum()),
        expected=expected,
        good=good,
        score=abs(float(score)),
        error=float(noise.error[place]),
        cells=cells,
        since=_since(counts.only(cells), rates[cells]),
    )


def _since(counts: Tally, rates: Floats) -> int | None:
    """The bucket from which the segment has its new rate."""
    missing = (rates[:, None] * counts.window_trials - counts.window_good).sum(axis=0)
    return first_of_step(counts.window_trials.sum(axis=0), missing)


def _blocks(buckets: Floats) -> Floats:
    """Buckets put together into blocks, an incomplete one at the end left out."""
    count = buckets.shape[1] // _BLOCK
    if count < 2:
        return buckets
    whole: Floats = buckets[:, : count * _BLOCK].reshape(len(buckets), count, _BLOCK).sum(axis=2)
    return whole


def _shift(trials: Floats, good: Floats, odds: Floats) -> float:
    """The shift of log-odds that gives as many good ones as there were."""
    shift, wanted = 0.0, min(max(float(good.sum()), 0.5), max(float(trials.sum()) - 0.5, 0.5))
    for _ in range(_NEWTON_ROUNDS):
        rate = _rate(odds + shift)
        slope = float((trials * rate * (1 - rate)).sum())
        if slope <= 1e-9:
            break
        step = (wanted - float((trials * rate).sum())) / slope
        shift = min(max(shift + min(max(step, -2.0), 2.0), -_FURTHEST), _FURTHEST)
    return shift


def _logit(rates: Floats) -> Floats:
    found: Floats = np.log(rates / (1 - rates))
    return found


def _rate(odds: Floats) -> Floats:
    found: Floats = 1.0 / (1.0 + np.exp(-odds))
    return found
