"""The rows of one resource of a history, laid out as a matrix of workloads and days."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .cells import DAY_S, Floats, Ints
from .rows import Rows


class Matrix:
    """The rows of one resource, laid out as a matrix of workloads and days.

    Args:
        rows: of a history.
        resource: place in `USAGE_RESOURCES`.
        days: how many days the history has.
    """

    def __init__(self, rows: Rows, resource: int, days: int) -> None:
        found = np.flatnonzero(rows.resource == resource)
        # By workload, and then by day: matrices are made and read in pieces of workloads.
        self.where: Ints = found[np.argsort(rows.workload[found], kind="stable")]
        self.present, row = np.unique(rows.workload[self.where], return_inverse=True)
        self.row: Ints = row.astype(np.int64)
        self._days = days
        first = int(rows.day.min()) if len(rows) else 0
        self.column: Ints = (rows.day[self.where] - first).astype(np.int64)
        self.intervals: Floats = self._intervals(rows)

    def matrix(self, column: npt.NDArray[np.generic]) -> Floats:
        """A column of the history as (workloads, days); NaN where there is no row."""
        out = np.full((len(self.present), self._days), np.nan)
        out[self.row, self.column] = column[self.where]
        return out

    def _intervals(self, rows: Rows) -> Floats:
        told = self.matrix(rows.interval_s)
        if not told.size:
            return told
        known = np.isfinite(told).any(axis=1)
        usual = np.full(len(told), np.nan)
        usual[known] = np.nanmedian(told[known], axis=1)
        if known.any():
            usual[~known] = np.median(usual[known])
        else:
            usual[:] = DAY_S
        return np.where(np.isfinite(told), told, usual[:, None])

    def weights(self, given: npt.NDArray[np.floating] | None) -> Floats:
        """The weight of a sample of each row: of its day, times the seconds it stands for."""
        weight = self.intervals[self.row, self.column]
        if given is None:
            return weight
        day = np.broadcast_to(np.asarray(given, np.float64), (len(self.present), self._days))
        return weight * day[self.row, self.column]

    def largest(self, most: Floats, weight: Floats) -> Floats:
        """The largest value of the days that have weight, (workloads,); NaN without any."""
        out = np.full(len(self.present), -np.inf)
        counted = weight > 0
        np.fmax.at(out, self.row[counted], most[self.where][counted])
        out[np.isneginf(out)] = np.nan
        return out
