"""Usage on a grid of half hours: the most of every half hour, and how much of it was seen.

Half hours, because clocks of countries stand whole or half hours apart from UTC. Maxima, because what is to be taken
away must not have been needed at any time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...core.clock import Deadline
from .subjects import Counts, Floats

if TYPE_CHECKING:
    from .store import FleetStore

HALF_US = 1_800_000_000
HALVES_OF_WEEK = 336
SEEN_SHARE = 0.5
"""Share of its usual samples with which a half hour counts as seen."""

_GRID = """
WITH halves AS (
  SELECT workload, resource, CAST((epoch_us(ts) - $start) // $half AS INTEGER) AS half,
    CAST(max(value) AS FLOAT) AS most, CAST(least(count(*), 30000) AS SMALLINT) AS samples
  FROM usage
  WHERE ts >= make_timestamptz($start) AND ts < make_timestamptz($end) AND isfinite(value) AND value >= 0
    AND resource IN (SELECT unnest($resources)) AND workload IN (SELECT unnest($workloads))
  GROUP BY ALL
)
SELECT workload, resource, list(half) AS half, list(most) AS most, list(samples) AS samples FROM halves GROUP BY ALL
"""
# A row per series, and numbers in half their width: seven digits are more than any measurement has.

Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class HalfHours:
    """The usage of some workloads.

    Args:
        start_us: of the first half hour.
        halves: how many there are.
        most: by workload and resource, the greatest value of every half hour; NaN where there was no sample.
        samples: how many samples it had.
    """

    start_us: int
    halves: int
    most: Mapping[tuple[str, str], Floats]
    samples: Mapping[tuple[str, str], Counts]

    @property
    def times_us(self) -> Counts:
        """When every half hour begins."""
        return self.start_us + np.arange(self.halves, dtype=np.int64) * HALF_US

    @property
    def weeks(self) -> int:
        """Whole weeks."""
        return self.halves // HALVES_OF_WEEK

    def of(self, workload: str, resource: str) -> Floats | None:
        """The maxima of a series; `None` if it was never measured."""
        return self.most.get((workload, resource))

    def seen(self, workload: str, resource: str) -> Bools:
        """In which half hours at least half of the usual samples arrived."""
        counts = self.samples.get((workload, resource))
        if counts is None or not counts.any():
            return np.zeros(self.halves, bool)
        usual = np.median(counts[counts > 0])
        return np.asarray(counts >= max(usual * SEEN_SHARE, 1))

    def resources(self, workload: str) -> tuple[str, ...]:
        """What is measured of a workload."""
        return tuple(resource for name, resource in self.most if name == workload)

    def until(self, halves: int) -> HalfHours:
        """The same, ending sooner: what was known then."""
        return HalfHours(
            self.start_us,
            halves,
            {key: values[:halves] for key, values in self.most.items()},
            {key: values[:halves] for key, values in self.samples.items()},
        )


def read_half_hours(
    store: FleetStore, workloads: Sequence[str], resources: Sequence[str], deadline: Deadline | None = None
) -> HalfHours:
    """The usage of these workloads over the whole history, from whole weeks before its end.

    Raises:
        BackendError: the fleet cannot be read, or not in time.
    """
    end_us = _us(store.manifest.end) // HALF_US * HALF_US
    span_us = end_us - _us(store.manifest.start)
    halves = int(span_us // HALF_US // HALVES_OF_WEEK * HALVES_OF_WEEK) or int(span_us // HALF_US)
    start_us = end_us - halves * HALF_US
    rows = store.query(
        _GRID,
        {
            "start": start_us,
            "end": end_us,
            "half": HALF_US,
            "resources": list(resources),
            "workloads": list(workloads),
        },
        deadline,
    )
    return _grid(rows, start_us, halves)


def _grid(rows: pa.Table, start_us: int, halves: int) -> HalfHours:
    most: dict[tuple[str, str], Floats] = {}
    samples: dict[tuple[str, str], Counts] = {}
    for batch in rows.to_batches():
        places = [
            batch["half"].offsets.to_numpy(),
            batch["most"].offsets.to_numpy(),
            batch["samples"].offsets.to_numpy(),
        ]
        values = [batch[name].values.to_numpy() for name in ("half", "most", "samples")]
        names = zip(batch["workload"].to_pylist(), batch["resource"].to_pylist(), strict=True)
        for row, key in enumerate(names):
            half, value, count = (one[at[row] : at[row + 1]] for one, at in zip(values, places, strict=True))
            line, seen = np.full(halves, np.nan, np.float32), np.zeros(halves, np.int16)
            line[half], seen[half] = value, count
            most[key], samples[key] = cast("Floats", line), cast("Counts", seen)
    return HalfHours(start_us, halves, dict(sorted(most.items())), samples)


def hours_of_week(times_us: Counts, zone_offsets_us: Counts) -> Counts:
    """The hour of the week (0: Monday, midnight) in which each time lies, given the offset of its zone then."""
    seconds = (times_us + zone_offsets_us) // 1_000_000
    return np.asarray(((seconds // 86_400 + 3) % 7) * 24 + seconds % 86_400 // 3600)


def _us(at: datetime) -> int:
    return int(at.astimezone(UTC).timestamp() * 1_000_000)
