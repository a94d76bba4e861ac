"""The probability that next week needs more than a size, for every size, learnt from the past weeks of the same fleet.

Two ways of telling: what followed in the past in workloads of the same kind of behaviour, in several ways of telling
kinds apart, averaged; and boosted trees over all that is known and the size (`boosting`). Sizes of CPU are chosen by
both, mostly the trees. Sizes of memory are chosen by the first alone: with peaks, where single moments decide, sizes
chosen by trees go wrong more often than trees say.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .boosting import Shape, boosted
from .features import Known, known, size_on
from .use import Floats, Next, Use, needs

STEPS = np.linspace(-1.6, 1.8, 69)
"""Sizes at which odds are told: logarithms over the anchor, 5 % apart, from a fifth to six times."""
LEAST_COVERAGE = 0.8
LEAST_DAYS = 14
_MOST_ROWS = 12_000
_SIZES_PER_ROW = 2
_SPREAD = (-0.8, 1.2)
"""Sizes that trees are asked about: those that come into question."""
_SHAPE = Shape()
_BY_STRATA = 0.3
"""How much the strata count in the odds of CPU; they are steadier, and tell less."""
_STRATA = 6
_BLUR = 0.15
_NEVER_SEEN = 0.0005
"""What is added to every probability of a stratum: the chance of what has not happened yet is not 0."""

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Odds:
    """Probabilities per workload and size.

    Args:
        sizes: (V, G), ascending.
        hard: of a bad week: CPU, more than 5 % of the time above; memory, any moment; (V, G).
        soft: of more than 1 % of the time above, (V, G).
        rows: workload-weeks that it was learnt from.
    """

    sizes: Floats
    hard: Floats
    soft: Floats
    rows: int


class Past:
    """What was known on each day and what the week after it needed, worked out once per day."""

    def __init__(self, use: Use) -> None:
        self.use = use
        self._known: dict[int, Known] = {}
        self._next: dict[int, Next] = {}

    def known(self, day: int) -> Known:
        """What was known when a day began."""
        if day not in self._known:
            self._known[day] = known(self.use, day)
        return self._known[day]

    def next(self, day: int) -> Next:
        """What the week from a day on needed."""
        if day not in self._next:
            self._next[day] = needs(self.use, day, day + 7)
        return self._next[day]

    def is_sized(self, day: int) -> Bools:
        """Workloads with history enough on a day, and a size that is known."""
        coverage = self.use.coverage[:, max(day - LEAST_DAYS, 0) : day]
        with np.errstate(invalid="ignore"):
            enough = coverage.sum(axis=1) >= LEAST_COVERAGE * LEAST_DAYS
            return np.asarray(enough & (size_on(self.use, day) > 0), np.bool_)

    def is_judged(self, day: int) -> Bools:
        """Those of them of which the week after is known as well."""
        after = self.use.coverage[:, day : day + 7]
        return np.asarray(self.is_sized(day) & (after.sum(axis=1) >= LEAST_COVERAGE * 7), np.bool_)


def odds(past: Past, day: int, *, seed: int = 0) -> Odds | None:
    """The odds for the week from a day on, by weeks that had ended by then; `None` if there are none.

    Args:
        past: of the fleet.
        day: when the week begins; nothing from then on is looked at.
        seed: of what the trees draw.
    """
    rows = _rows(past, day)
    if rows is None:
        return None
    now = past.known(day)
    hard, soft = _tails(rows.strata, rows.hard, now.strata), _tails(rows.strata, rows.soft, now.strata)
    if past.use.resource == "cpu":
        steps = np.tile(STEPS, len(now.anchor))[:, None]
        asked = np.concatenate([np.repeat(now.columns, len(STEPS), axis=0), steps], axis=1)
        hard = _between(_trees(rows.columns, rows.hard, asked, seed), hard)
        soft = _between(_trees(rows.columns, rows.soft, asked, seed), soft)
    return Odds(np.exp(now.anchor[:, None] + STEPS), _falling(hard), _falling(soft), len(rows.hard))


def _falling(chance: Floats) -> Floats:
    """A larger size is never worse."""
    return np.asarray(np.minimum(np.minimum.accumulate(chance, axis=1), 1.0), np.float64)


@dataclass(frozen=True)
class _Rows:
    columns: Floats
    strata: Floats
    hard: Floats
    soft: Floats


def _rows(past: Past, day: int) -> _Rows | None:
    """Past days of all workloads: what was known, and what the week after needed as a logarithm over the anchor."""
    latest = day - 7
    if latest < LEAST_DAYS:
        return None
    per_day = max(int(past.is_judged(latest).sum()), 1)
    step = max(1, -(-per_day * (latest - LEAST_DAYS + 1) // _MOST_ROWS))
    columns, strata, hard, soft = [], [], [], []
    for start in range(latest, LEAST_DAYS - 1, -min(step, 7)):
        here = np.flatnonzero(past.is_judged(start))
        before, after = past.known(start), past.next(start)
        columns.append(before.columns[here])
        strata.append(before.strata[here])
        hard.append(_over(after.hard[here], before.anchor[here]))
        soft.append(_over(after.soft[here], before.anchor[here]))
    rows = _Rows(*(np.concatenate(one) for one in (columns, strata, hard, soft)))
    return rows if len(rows.hard) else None


def _over(need: Floats, anchor: Floats) -> Floats:
    return np.asarray(np.log(np.maximum(need, 1e-9)) - anchor, np.float64)


def _trees(columns: Floats, need: Floats, asked: Floats, seed: int) -> Floats:
    """Each past week is asked at sizes drawn at random whether it needed more."""
    rng = np.random.default_rng(seed)
    some = rng.permutation(len(need))[:_MOST_ROWS]
    drawn = rng.uniform(*_SPREAD, (_SIZES_PER_ROW, len(some)))
    shown = np.concatenate([np.concatenate([columns[some], sizes[:, None]], axis=1) for sizes in drawn])
    happened = np.concatenate([need[some] > sizes for sizes in drawn]).astype(np.float64)
    return boosted(shown, happened, seed=seed, shape=_SHAPE).probability(asked).reshape(-1, len(STEPS))


def _between(trees: Floats, strata: Floats) -> Floats:
    """A mean of log-odds."""
    return chance_of((1 - _BY_STRATA) * log_odds(trees) + _BY_STRATA * log_odds(strata))


def log_odds(chance: Floats) -> Floats:
    """Of probabilities; 0 and 1 count as one in a million."""
    inside = np.clip(chance, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(inside / (1 - inside)), np.float64)


def chance_of(log_odds: Floats) -> Floats:
    """The other way round."""
    return np.asarray(1 / (1 + np.exp(-log_odds)), np.float64)


def _tails(before: Floats, need: Floats, strata: Floats) -> Floats:
    """Share of past weeks of the same stratum that needed more, blurred over sizes, averaged over ways to stratify."""
    total = np.zeros((len(strata), len(STEPS)))
    ranks = np.linspace(0, 1, _STRATA + 1)[1:-1]
    for column in range(strata.shape[1]):
        edges = np.quantile(before[:, column], ranks)
        of_past, of_now = np.searchsorted(edges, before[:, column]), np.searchsorted(edges, strata[:, column])
        for stratum in range(_STRATA):
            here = np.flatnonzero(of_now == stratum)
            seen = np.sort(need[of_past == stratum])
            if len(here):
                total[here] += _blurred(_tail(seen if len(seen) else np.sort(need)))
    return np.asarray(np.minimum(total / strata.shape[1] + _NEVER_SEEN, 1.0), np.float64)


def _tail(ordered: Floats) -> Floats:
    return np.asarray(1 - np.searchsorted(ordered, STEPS, side="right") / len(ordered), np.float64)


def _blurred(tail: Floats) -> Floats:
    step = float(STEPS[1] - STEPS[0])
    reach = round(4 * _BLUR / step)
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) * step / _BLUR) ** 2)
    padded = np.concatenate([np.full(reach, tail[0]), tail, np.full(reach, tail[-1])])
    return np.convolve(padded, kernel / kernel.sum(), mode="valid")
