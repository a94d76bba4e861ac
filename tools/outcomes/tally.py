"""Payments as arrays: attempts and approvals per cell, in the quiet time, in the window, and bucket by bucket."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .backends.types import Outcomes
from .types import Measure, OutcomeClass
from .vocabulary import class_of

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

ATTEMPTS: frozenset[OutcomeClass] = frozenset({"approved", "declined", "blocked", "error"})


@dataclass(frozen=True)
class Tally:
    """Trials and good ones of L cells.

    Args:
        trials: (L, 2), quiet time and window.
        good: the same shape.
        quiet_trials: (L, B) by bucket of the quiet time.
        quiet_good: the same shape.
        window_trials: (L, A) by bucket of the window.
        window_good: the same shape.
    """

    trials: Floats
    good: Floats
    quiet_trials: Floats
    quiet_good: Floats
    window_trials: Floats
    window_good: Floats

    def only(self, cells: Places) -> Tally:
        """The tally of some cells."""
        return Tally(*(getattr(self, name)[cells] for name in Tally.__dataclass_fields__))


def tally(found: Outcomes, measure: Measure, quiet_buckets: int, window_buckets: int) -> Tally:
    """Count trials and good ones.

    `approval`: approvals out of attempts. `chargeback`: approvals that were not charged back, out of approvals; a
    chargeback comes weeks after its payment, so the two are compared as they come.
    """
    cells = found.cells.num_rows
    outcomes = found.buckets["outcome"].to_pylist()
    classes = {name: class_of(name) for name in set(outcomes)}
    kinds = np.array([classes[name] for name in outcomes], dtype=object)
    payments = _floats(found.buckets, "payments")
    cell, bucket = _places(found.buckets, "cell"), _places(found.buckets, "bucket")
    after = np.asarray(found.buckets["is_after"].to_numpy(zero_copy_only=False), bool)

    def spread(wanted: frozenset[OutcomeClass], is_after: bool, buckets: int) -> Floats:
        rows = np.isin(kinds, list(wanted)) & (after == is_after) & (bucket < buckets)
        counts: Floats = np.zeros((cells, buckets))
        np.add.at(counts, (cell[rows], bucket[rows]), payments[rows])
        return counts

    sides = []
    for is_after, buckets in ((False, quiet_buckets), (True, window_buckets)):
        approved = spread(frozenset({"approved"}), is_after, buckets)
        if measure == "approval":
            sides.append((spread(ATTEMPTS, is_after, buckets), approved))
        else:
            back = np.minimum(spread(frozenset({"chargeback"}), is_after, buckets), approved)
            sides.append((approved, approved - back))
    (quiet_trials, quiet_good), (window_trials, window_good) = sides
    return Tally(
        trials=np.stack([quiet_trials.sum(axis=1), window_trials.sum(axis=1)], axis=1),
        good=np.stack([quiet_good.sum(axis=1), window_good.sum(axis=1)], axis=1),
        quiet_trials=quiet_trials,
        quiet_good=quiet_good,
        window_trials=window_trials,
        window_good=window_good,
    )


def _floats(table: pa.Table, name: str) -> Floats:
    return np.asarray(table[name].to_numpy(), np.float64)


def _places(table: pa.Table, name: str) -> Places:
    return np.asarray(table[name].to_numpy(), np.int64)
