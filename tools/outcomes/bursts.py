"""Card testing: somebody tries many stolen cards with small amounts, and nearly all are declined.

Three things come together that honest traffic does not bring together: declines surge in one segment while the rest
stays, they come on top of the usual attempts instead of in their place, and they are small.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..metrics.counts import count_shift
from ..steps import first_of_step
from .codes import Codes
from .scan import significant
from .slices import Condition, Slices
from .tally import Floats, Places, Tally

_MOSTLY_DECLINED = 0.7
_SMALL = 0.5
_ON_TOP = 0.5
_MOST = 2
_DEEPEST = 2
_BLOCK = 4


@dataclass(frozen=True)
class FoundBurst:
    """A burst of attempts; `amount_ratio` compares the extra declines with the usual payment of the same cells."""

    conditions: tuple[Condition, ...]
    cells: Places
    extra: float
    declined_share: float
    amount_ratio: float
    score: float
    since: int | None


def bursts(counts: Tally, codes: Codes, slices: Slices) -> tuple[FoundBurst, ...]:
    """The bursts of card testing, the largest first; the narrowest segment that holds each."""
    return _bursts(counts, codes, slices, lambda ratio: ratio <= _SMALL)


def repeats(counts: Tally, codes: Codes, slices: Slices) -> tuple[FoundBurst, ...]:
    """Bursts of the same payments tried again and again: declined like card testing, and of the usual amounts."""
    return _bursts(counts, codes, slices, lambda ratio: _SMALL < ratio < np.inf)


def _bursts(counts: Tally, codes: Codes, slices: Slices, is_wanted: Callable[[float], bool]) -> tuple[FoundBurst, ...]:
    shallow = [place for place, conditions in enumerate(slices.conditions) if 1 <= len(conditions) <= _DEEPEST]
    if not shallow:
        return ()
    rows = np.array(shallow, dtype=np.int64)
    declined = Tally(
        counts.trials - counts.good,
        counts.good,
        counts.quiet_trials - counts.quiet_good,
        counts.quiet_good,
        counts.window_trials - counts.window_good,
        counts.window_good,
    )
    scores, added, expected = _surges(declined, slices)
    _, extra, _ = _surges(counts, slices)
    surged = np.zeros(len(slices), dtype=bool)
    surged[rows] = significant(scores[rows], max(counts.quiet_trials.shape[1] // _BLOCK, 2)) & (scores[rows] > 0)
    # How much likelier the counts are with a surge here than without: a parent dilutes it, a child holds a part of it.
    seen = np.maximum(added + expected, 1)
    usual = np.maximum(expected, 1)
    gain = np.where(surged, seen * np.log(seen / usual) - (seen - usual), -np.inf)
    found: list[FoundBurst] = []
    used: set[int] = set()
    for place in np.argsort(-gain, kind="stable").tolist():
        if not surged[place] or len(found) == _MOST:
            break
        cells = slices.cells_of(place)
        if used & set(cells.tolist()):
            continue
        declined_share, ratio = _shape(codes, cells, float(extra[place]))
        if declined_share >= _MOSTLY_DECLINED and is_wanted(ratio):
            used |= set(cells.tolist())
            found.append(
                FoundBurst(
                    slices.conditions[place],
                    cells,
                    float(extra[place]),
                    declined_share,
                    ratio,
                    float(scores[place]),
                    _since(counts.only(cells)),
                )
            )
    return tuple(found)


def _surges(counts: Tally, slices: Slices) -> tuple[Floats, Floats, Floats]:
    """Scores, extra and expected numbers of each slice: against all others, so that the hour cancels."""
    blocks = counts.quiet_trials
    kept = blocks.shape[1] // _BLOCK * _BLOCK
    if kept >= 2 * _BLOCK:
        blocks = blocks[:, :kept].reshape(len(blocks), -1, _BLOCK).sum(axis=2)
    mine, after = slices.sums(blocks), slices.sums(counts.trials[:, 1])
    others, others_after = blocks.sum(axis=0) - mine, counts.trials[:, 1].sum() - after
    quiet, quiet_others = mine.sum(axis=1), others.sum(axis=1)
    expected = np.divide(quiet * others_after, quiet_others, out=after.copy(), where=quiet_others > 0)
    scores = count_shift(mine, after, others, others_after)
    return scores, after - expected, expected


def _shape(codes: Codes, cells: Places, extra: float) -> tuple[float, float]:
    """The share of declines among what was added, and how large these declines are."""
    payments, amounts = codes.declined(cells)
    trials, all_amounts = codes.payments[cells].sum(axis=1), codes.amounts[cells].sum(axis=1)
    honest = max(float(trials[:, 1].sum()) - extra, 0.0)
    quiet_trials, quiet_declined = float(trials[:, 0].sum()), float(payments[:, 0].sum())
    usual_declined = honest * quiet_declined / quiet_trials if quiet_trials > 0 else 0.0
    added = float(payments[:, 1].sum()) - usual_declined
    if extra <= 0 or added <= 0 or extra < _ON_TOP * added:
        return 0.0, np.inf  # declined in place of approved: nothing was added
    # In units of each cell's usual ticket, so that currencies can be put together.
    ticket = np.divide(all_amounts[:, 0], trials[:, 0], out=np.full(len(cells), np.nan), where=(trials[:, 0] > 0))
    known = np.isfinite(ticket) & (ticket > 0)
    if not known.any():
        return added / extra, np.inf
    quiet_units = float((amounts[known, 0] / ticket[known]).sum()) / max(quiet_declined, 1.0)
    units = float((amounts[known, 1] / ticket[known]).sum()) - quiet_units * usual_declined
    return min(added / extra, 1.0), max(units, 0.0) / added


def _since(counts: Tally) -> int | None:
    """The bucket from which there were more attempts than the quiet time had."""
    seen, quiet = counts.window_trials.sum(axis=0), counts.quiet_trials.sum(axis=0)
    return first_of_step(np.ones(len(seen)), seen - float(quiet.mean()))
