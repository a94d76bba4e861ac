"""The sizes for the week after the history, by what the replay of the past ended with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .backtest import Aim, ResourceBacktest, dialled, floor_of, table_of
from .correction import Correction
from .features import size_on
from .odds import Past, odds
from .rules import REFERENCE, rules_of
from .sizing import Places, Priced
from .use import Floats, Use, is_above


@dataclass(frozen=True)
class Coming:
    """Sizes for the week after the history.

    Args:
        sizes: (V,); NaN where history or size is missing.
        reserved: now, (V,).
        told: what each size risks, of the workloads that are sized; `None` where nothing was learnt.
        row: place of a workload in `told`, (V,); -1 where it is not.
        stated: risk at `sizes`, (V,).
        correction: of what odds tell.
    """

    sizes: Floats
    reserved: Floats
    told: Priced | None
    row: Places
    stated: Floats
    correction: Correction

    def risk(self, use: Use, place: int, size: float) -> float:
        """The risk of a bad week at another size, not smaller than the one that is proposed."""
        if self.told is None or self.row[place] < 0:
            return float(self.stated[place])
        row = int(self.row[place])
        column = int(np.searchsorted(self.told.sizes[row], size * (1 + 1e-9), side="right")) - 1
        return float(self.correction(self.told.hard[row, max(column, 0)][None])[0])


def coming(use: Use, replay: ResourceBacktest | None, aim: Aim | None = None, *, seed: int = 0) -> Coming | None:
    """The sizes for the week that begins when the history ends; `None` where nothing was replayed.

    The dial and the correction of odds are those that the replay ended with.
    """
    if replay is None:
        return None
    aim = aim or Aim()
    past, day = Past(use), use.days
    here = np.flatnonzero(past.is_sized(day))
    reserved = size_on(use, day)
    sizes, stated = np.full(len(use.names), np.nan), np.full(len(use.names), np.nan)
    row = np.full(len(use.names), -1, np.int64)
    with np.errstate(invalid="ignore"):
        seen = np.fmax.reduce(use.most[:, max(day - 28, 0) :], axis=1)
    told = odds(past, day, seed=seed) if replay.is_learnt else None
    if told is None:
        rule = next(one for one in rules_of(use.resource) if one.name == REFERENCE[use.resource])
        least = seen if aim.guards.seen_days else np.zeros(len(seen))
        found = np.fmax(np.fmax(rule.size(use, day), floor_of(use.resource, aim)), least)
        sizes[here] = np.fmin(found, reserved)[here]
        bad = int(is_above(replay.weeks.hard, replay.sizes).sum())
        stated[here] = (bad + 1) / (len(replay.weeks) + 2)
        return Coming(sizes, reserved, None, row, stated, Correction())
    table = table_of(use.resource, told, here, reserved[here], aim, seen[here])
    place = dialled(table, reserved[here], replay.next_targets, replay.next_corrections)
    row[here] = np.arange(len(here))
    sizes[here] = table.sizes[row[here], place]
    stated[here] = replay.next_corrections[0](table.hard[row[here], place])
    return Coming(sizes, reserved, table, row, stated, replay.next_corrections[0])
