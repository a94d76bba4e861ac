"""All groups of payments that have one, two or three values in common."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .tally import Floats, Places

Condition = tuple[str, str]

_MOST_SLICES = 30_000
_DEEPEST = 3


@dataclass(frozen=True)
class Slices:
    """S slices over L cells, as the sorted pairs (slice, cell).

    Args:
        conditions: per slice; the first slice has none and holds every cell.
        cell: the cells of all slices, one after the other.
        begin: (S,) where each slice begins in `cell`.
        complete: whether slices of every depth were made.
    """

    conditions: tuple[tuple[Condition, ...], ...]
    cell: Places
    begin: Places
    complete: bool

    def __len__(self) -> int:
        return len(self.conditions)

    def sums(self, values: Floats) -> Floats:
        """Sums over the cells of each slice; (L, …) becomes (S, …)."""
        found: Floats = np.add.reduceat(values[self.cell], self.begin, axis=0)
        return found

    def spread(self, values: Floats) -> Floats:
        """One value per slice, repeated for each of its cells; (S,) becomes the shape of `cell`."""
        lengths = np.diff(np.append(self.begin, len(self.cell)))
        return np.repeat(values, lengths)

    def cells_of(self, slice_: int) -> Places:
        """The cells of one slice."""
        end = self.begin[slice_ + 1] if slice_ + 1 < len(self) else len(self.cell)
        return self.cell[self.begin[slice_] : end]


def slices_of(cells: pa.Table, dimensions: tuple[str, ...], trials: Floats, least: float) -> Slices:
    """The slices with at least so many trials, fewer conditions first; of several that hold the same cells, the first.

    Args:
        cells: one row per cell.
        dimensions: columns of it, in the order in which they are preferred.
        trials: (L,) trials of each cell.
        least: trials below which a slice says nothing.
    """
    known: list[tuple[str, list[str], npt.NDArray[np.int64]]] = []
    for name in dimensions:
        texts = [value or "" for value in cells[name].to_pylist()]
        values, codes = np.unique(np.array(texts, dtype=object), return_inverse=True)
        if len(values) > 1:
            known.append((name, [str(value) for value in values], codes.reshape(-1)))
    everything = np.arange(cells.num_rows, dtype=np.int64)
    conditions: list[tuple[Condition, ...]] = [()]
    members: list[Places] = [everything]
    seen = {everything.tobytes()}
    for depth in range(1, min(_DEEPEST, len(known)) + 1):
        found = list(_of_depth(known, depth, trials, least))
        if len(conditions) + len(found) > _MOST_SLICES:
            return _packed(conditions, members, complete=False)
        for named, cell in found:
            key = cell.tobytes()
            if key not in seen:
                seen.add(key)
                conditions.append(named)
                members.append(cell)
    return _packed(conditions, members, complete=True)


def _of_depth(
    known: list[tuple[str, list[str], npt.NDArray[np.int64]]], depth: int, trials: Floats, least: float
) -> list[tuple[tuple[Condition, ...], Places]]:
    found: list[tuple[tuple[Condition, ...], Places]] = []
    for chosen in combinations(known, depth):
        key = np.zeros(len(trials), dtype=np.int64)
        for _, values, codes in chosen:
            key = key * len(values) + codes
        different, row = np.unique(key, return_inverse=True)
        row = row.reshape(-1)
        busy = np.flatnonzero(np.bincount(row, weights=trials, minlength=len(different)) >= least)
        order = np.argsort(row, kind="stable")
        ends = np.cumsum(np.bincount(row, minlength=len(different)))
        for group in busy.tolist():
            cell = np.sort(order[ends[group - 1] if group else 0 : ends[group]])
            named = tuple((name, values[int(codes[cell[0]])]) for name, values, codes in chosen)
            if all(value for _, value in named):
                found.append((named, cell.astype(np.int64)))
        if len(found) > _MOST_SLICES:
            break
    return found


def _packed(conditions: list[tuple[Condition, ...]], members: list[Places], *, complete: bool) -> Slices:
    lengths = np.array([len(cell) for cell in members], dtype=np.int64)
    begin = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths)[:-1]])
    return Slices(tuple(conditions), np.concatenate(members), begin, complete)
