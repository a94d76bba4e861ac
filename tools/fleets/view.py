"""What an analysis looks at: a fleet's subjects, their usage on the grid, prices and calendar, as of one day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

import numpy as np
import pyarrow as pa

from ...core.clock import Deadline
from .half_hours import HALF_US, HALVES_OF_WEEK, Bools, HalfHours, read_half_hours
from .list_prices import ListPrices, list_prices
from .store import FleetStore
from .subjects import Occasion, Subject, occasions_of, subjects_of

_STARTS = """
SELECT workload, epoch_us(ts) AS at_us FROM happenings
WHERE kind IN ('start', 'restart', 'deploy') AND workload IS NOT NULL ORDER BY ts LIMIT 1000000
"""


@dataclass(frozen=True)
class FleetView:
    """A fleet as far as an analysis needs it.

    Args:
        environment: that it runs in.
        start: of the usage.
        end: of the usage: today.
        subjects: the workloads that are looked at.
        usage: of them.
        prices: of today.
        occasions: the calendar.
        starts: when each workload started, was restarted or deployed, in microseconds.
    """

    environment: str
    start: datetime
    end: datetime
    subjects: tuple[Subject, ...]
    usage: HalfHours
    prices: ListPrices
    occasions: tuple[Occasion, ...]
    starts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)

    def calm(self, subject: str) -> Bools:
        """In which half hours a workload was not starting: that in which it started and the next one are left out."""
        found = np.ones(self.usage.halves, bool)
        for at_us in self.starts.get(subject, ()):
            half = (at_us - self.usage.start_us) // HALF_US
            found[max(half, 0) : max(half + 2, 0)] = False
        return found

    @cached_property
    def by_name(self) -> dict[str, Subject]:
        """The subject of each name."""
        return {subject.name: subject for subject in self.subjects}

    @property
    def end_us(self) -> int:
        """The end, in microseconds."""
        return self.usage.start_us + self.usage.halves * HALF_US

    def as_of_week(self, week: int) -> FleetView:
        """What was known after so many weeks; sizes that came later are not."""
        usage = self.usage.until(week * HALVES_OF_WEEK)
        end_us = usage.start_us + usage.halves * HALF_US
        return replace(
            self,
            end=self.end - timedelta(microseconds=self.end_us - end_us),
            usage=usage,
            subjects=tuple(
                replace(one, sizes=tuple(size for size in one.sizes if size.at_us < end_us)) for one in self.subjects
            ),
        )


def read_view(
    store: FleetStore,
    resources: Sequence[str],
    chosen: Callable[[Subject], bool],
    deadline: Deadline | None = None,
) -> FleetView:
    """Read what an analysis of these resources needs of the chosen workloads.

    Raises:
        InputError: a small table of the fleet is too large.
        BackendError: the fleet cannot be read, or not in time.
    """
    every = subjects_of(store.rows("workloads", deadline=deadline), store.rows("sizes", deadline=deadline))
    subjects = tuple(subject for subject in every if chosen(subject))
    usage = read_half_hours(store, [subject.name for subject in subjects], resources, deadline)
    manifest = store.manifest
    prices = list_prices(
        store.rows("prices", deadline=deadline),
        store.rows("rates", deadline=deadline),
        manifest.currency,
        (manifest.end - timedelta(microseconds=1)).date(),
    )
    length = timedelta(microseconds=usage.halves * HALF_US)
    return FleetView(
        environment=manifest.environment,
        start=manifest.end - length,
        end=manifest.end,
        subjects=subjects,
        usage=usage,
        prices=prices,
        occasions=occasions_of(store.rows("calendar", deadline=deadline)),
        starts=_starts(store.query(_STARTS, (), deadline)),
    )


def _starts(rows: pa.Table) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = defaultdict(list)
    for workload, at_us in zip(rows["workload"].to_pylist(), rows["at_us"].to_pylist(), strict=True):
        found[workload].append(at_us)
    return {workload: tuple(times) for workload, times in found.items()}
