"""What was reserved when: requests, limits and replicas as steps in time, so that a resize splits a history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ..arrow import compute as pc
from .cells import Bools, Floats, Ints

_DAY_US = 86_400_000_000
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Resize:
    """A moment from which another size held.

    Args:
        at: from when.
        before, after: of one replica, in the unit of the resource; or replicas.
        by: person, autoscaler, recommendation; empty if not known.
    """

    at: datetime
    before: float
    after: float
    by: str


class Sizes:
    """The table `sizes` of a fleet.

    Args:
        rows: with the columns of the table; rows without workload, resource, time or number are left out.
    """

    def __init__(self, rows: pa.Table) -> None:
        # Arrow has no finite check for nulls in one step: what is null compares to null, and is left out.
        usable = pc.and_(pc.is_finite(rows["value"]), pc.greater_equal(rows["value"], 0.0))
        for name in ("ts", "workload", "resource"):
            usable = pc.and_(usable, pc.is_valid(rows[name]))
        kept = rows.filter(pc.fill_null(usable, False)).sort_by(
            [("workload", "ascending"), ("resource", "ascending"), ("ts", "ascending")]
        )
        self.left_out = rows.num_rows - kept.num_rows
        self._at: Ints = kept["ts"].cast(pa.timestamp("us", tz="UTC")).cast(pa.int64()).to_numpy()
        self._value: Floats = kept["value"].to_numpy()
        self._most: Floats = kept["most"].cast(pa.float64()).to_numpy()
        self._by: list[str | None] = kept["set_by"].to_pylist()
        self._place: dict[tuple[str, str], slice] = {}
        keys = list(zip(kept["workload"].to_pylist(), kept["resource"].to_pylist(), strict=True))
        begin = 0
        for end in range(1, len(keys) + 1):
            if end == len(keys) or keys[end] != keys[begin]:
                self._place[keys[begin]] = slice(begin, end)
                begin = end

    def at(self, workload: str, resource: str, moment: datetime) -> tuple[float, float]:
        """Request and limit that held at a moment; NaN for what is not known or not set."""
        found = self._place.get((workload, resource))
        if found is None:
            return float("nan"), float("nan")
        step = int(np.searchsorted(self._at[found], _us(moment), side="right")) - 1
        if step < 0:
            return float("nan"), float("nan")
        return float(self._value[found][step]), float(self._most[found][step])

    def daily(self, workloads: Sequence[str], resource: str, days: npt.NDArray[np.datetime64]) -> Floats:
        """The request at the end of each day, (workloads, days); NaN before the first one that is known."""
        ends = (days.astype(np.int64) + 1) * _DAY_US - 1
        out = np.full((len(workloads), len(days)), np.nan)
        for row, workload in enumerate(workloads):
            found = self._place.get((workload, resource))
            if found is not None:
                step = np.searchsorted(self._at[found], ends, side="right") - 1
                out[row] = np.where(step >= 0, self._value[found][np.maximum(step, 0)], np.nan)
        return out

    def resizes(self, workload: str, resource: str) -> tuple[Resize, ...]:
        """Every change, in order of time; a row that repeats the size before it is none."""
        found = self._place.get((workload, resource))
        if found is None:
            return ()
        at, value, by = self._at[found], self._value[found], self._by[found]
        steps = np.flatnonzero(value[1:] != value[:-1]) + 1
        return tuple(
            Resize(
                _EPOCH + timedelta(microseconds=int(at[step])),
                float(value[step - 1]),
                float(value[step]),
                by[step] or "",
            )
            for step in steps.tolist()
        )

    def since_resize(self, workloads: Sequence[str], resource: str, days: npt.NDArray[np.datetime64]) -> Bools:
        """Which days lie wholly after the last change before their end, (workloads, days).

        The day of a change is left out: it belongs to neither size. To be given as weights to a history.
        """
        out = np.ones((len(workloads), len(days)), np.bool_)
        numbers = days.astype(np.int64)
        for row, workload in enumerate(workloads):
            changes = [_us(resize.at) // _DAY_US for resize in self.resizes(workload, resource)]
            if changes:
                out[row] = numbers > changes[-1]
        return out


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)
