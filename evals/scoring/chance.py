"""What a random answer scores on average, computed and not drawn."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import comb

from ..cases import Truth
from .rca import AVG_DEPTH, true_names
from .view import CaseView

_VERDICTS = 3


def expected_hit(candidates: int, wanted: int, k: int) -> float:
    """Probability that the first `k` of a random order of all candidates hold one of the wanted.

    Args:
        candidates: how many there are.
        wanted: how many of them are right, 0 to `candidates`.
        k: at least 1.

    Source: the complement of drawing k times without replacement and never hitting (hypergeometric distribution).
    """
    drawn = min(k, candidates)
    return 1 - comb(candidates - wanted, drawn) / comb(candidates, drawn) if candidates else 0.0


def random_values(truth: Truth, view: CaseView) -> Mapping[str, float]:
    """The expected value of every metric that applies.

    Entities are drawn from all that occur in the snapshot, indicators from all pairs of entity and metric, changes from
    all ids in the change table, and the verdict is one of three. A true name that is not among them is never hit.
    """
    if truth.verdict != "cause_found":
        return {"verdict_right": 1 / _VERDICTS}
    entities, indicators, changes = true_names(truth)

    def chance(pool: Collection[object], wanted: Collection[object], k: int) -> float:
        return expected_hit(len(pool), sum(name in pool for name in wanted), k)

    hits = [chance(view.entities, entities, k) for k in range(1, AVG_DEPTH + 1)]
    values = {"top1": hits[0], "top3": hits[2], "avg5": sum(hits) / AVG_DEPTH, "verdict_found": 1 / _VERDICTS}
    if indicators:
        values["indicator_top1"] = chance(view.indicators, indicators, 1)
    if changes:
        pool = frozenset(change.id for change in view.changes)
        values |= {"change_top1": chance(pool, changes, 1), "change_top3": chance(pool, changes, 3)}
    return values
