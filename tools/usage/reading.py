"""What the data of each workload are worth: how long, how dense, where they are missing and what happened meanwhile."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import SupportsInt

import numpy as np
import pyarrow as pa

from ..fleets.schema import USAGE_RESOURCES, UsageResource
from .cells import DAY_S, HOUR_S, Ints
from .history import History
from .sizes import Resize, Sizes

SHORT_DAYS = 14
"""Two of every day of the week; AWS Compute Optimizer and KRR look at fourteen days as well unless told otherwise."""
MOST_GAPS = 50
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class Gap:
    """An hour or more, and three intervals, without a sample: from the last one before to the first one after."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Watched:
    """How well one resource of a workload was watched.

    Args:
        samples: that count.
        first, last: days, both included.
        coverage: share of the time from the first to the last day, 0 to 1.
        intervals_s: usual seconds between samples, the most frequent first.
        gaps: the longest, in order of time; at most `MOST_GAPS`.
        gaps_left_out: how many there are beside.
        unusable, repeated, disordered: samples, as in the rows of a history.
        resizes: of this resource.
    """

    resource: UsageResource
    samples: int
    first: date
    last: date
    coverage: float
    intervals_s: tuple[int, ...]
    gaps: tuple[Gap, ...]
    gaps_left_out: int
    unusable: int
    repeated: int
    disordered: int
    resizes: tuple[Resize, ...]

    @property
    def days(self) -> int:
        """From the first to the last, both included."""
        return (self.last - self.first).days + 1

    @property
    def is_short(self) -> bool:
        """Whether less than `SHORT_DAYS` days are known of."""
        return self.days < SHORT_DAYS


@dataclass(frozen=True)
class Reading:
    """What the data of one workload are worth.

    Args:
        workload: its name.
        resources: what was measured.
        happenings: how often each kind was seen.
    """

    workload: str
    resources: tuple[Watched, ...]
    happenings: dict[str, int]

    @property
    def restarts(self) -> int:
        """Restarts and out-of-memory kills."""
        return self.happenings.get("restart", 0) + self.happenings.get("oom", 0)


def readings(history: History, sizes: Sizes, happenings: pa.Table) -> tuple[Reading, ...]:
    """A reading of every workload of a history, in order of name.

    Args:
        history: of the days that count.
        sizes: what was reserved.
        happenings: the table of a fleet.
    """
    counted: dict[str, Counter[str]] = {}
    for workload, kind in zip(happenings["workload"].to_pylist(), happenings["kind"].to_pylist(), strict=True):
        if workload is not None and kind is not None:
            counted.setdefault(workload, Counter())[kind] += 1
    rows = history.rows
    order = np.lexsort((rows.day, rows.resource, rows.workload))
    bounds = np.flatnonzero(
        np.diff(rows.workload[order], prepend=-1) | np.diff(rows.resource[order].astype(np.int64), prepend=-1)
    )
    found: dict[str, list[Watched]] = {}
    for begin, end in zip(bounds.tolist(), [*bounds.tolist()[1:], len(order)], strict=True):
        where = order[begin:end]
        name = history.workloads[int(rows.workload[where[0]])]
        found.setdefault(name, []).append(_watched(history, where, name, sizes))
    return tuple(Reading(name, tuple(found[name]), dict(counted.get(name, {}))) for name in sorted(found))


def _watched(history: History, where: Ints, workload: str, sizes: Sizes) -> Watched:
    """One series, from its rows in order of days."""
    rows = history.rows
    resource = USAGE_RESOURCES[int(rows.resource[where[0]])]
    told = rows.interval_s[where]
    known = told[np.isfinite(told)]
    usual = float(np.median(known)) if len(known) else float(DAY_S)
    interval = np.where(np.isfinite(told), told, usual)
    days = int(rows.day[where[-1]] - rows.day[where[0]]) + 1
    seen = np.minimum(rows.samples[where] * interval / DAY_S, 1.0)
    gaps = _gaps(history, where, interval)
    longest = sorted(gaps, key=lambda gap: gap.start - gap.end)[:MOST_GAPS]
    frequent = Counter(np.rint(known).astype(int).tolist()).most_common(4)
    return Watched(
        resource=resource,
        samples=int(rows.samples[where].sum()),
        first=(_EPOCH + timedelta(days=int(rows.day[where[0]]))).date(),
        last=(_EPOCH + timedelta(days=int(rows.day[where[-1]]))).date(),
        coverage=float(seen.sum() / days),
        intervals_s=tuple(seconds for seconds, _ in frequent),
        gaps=tuple(sorted(longest, key=lambda gap: gap.start)),
        gaps_left_out=len(gaps) - len(longest),
        unusable=int(rows.unusable[where].sum()),
        repeated=int(rows.repeated[where].sum()),
        disordered=int(rows.disordered[where].sum()),
        resizes=sizes.resizes(workload, resource),
    )


def _gaps(history: History, where: Ints, interval: np.typing.NDArray[np.floating]) -> list[Gap]:
    rows = history.rows
    found = []
    for row in where.tolist():
        for place in range(int(rows.gaps_at[row]), int(rows.gaps_at[row + 1])):
            found.append(Gap(_at(rows.day[row], rows.gap_from_s[place]), _at(rows.day[row], rows.gap_to_s[place])))
    some = where[rows.samples[where] > 0]
    usual = interval[rows.samples[where] > 0]
    if len(some) > 1:
        last = rows.day[some[:-1]].astype(np.int64) * DAY_S + rows.last_s[some[:-1]]
        first = rows.day[some[1:]].astype(np.int64) * DAY_S + rows.first_s[some[1:]]
        for place in np.flatnonzero(first - last >= np.maximum(HOUR_S, 3 * usual[1:])).tolist():
            found.append(
                Gap(_EPOCH + timedelta(seconds=int(last[place])), _EPOCH + timedelta(seconds=int(first[place])))
            )
    return found


def _at(day: SupportsInt, second: SupportsInt) -> datetime:
    return _EPOCH + timedelta(days=int(day), seconds=int(second))
