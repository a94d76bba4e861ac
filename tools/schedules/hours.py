"""At which hours of its week a workload was active, in its own timezone, holidays apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from ..fleets.half_hours import HALF_US, Bools, HalfHours, hours_of_week
from ..fleets.subjects import Counts, Floats, Occasion, Subject, starts_between

HOURS_OF_WEEK = 168
CPU_FLOOR = 0.02
"""Cores that a process takes for being alive: health checks, metrics, keep-alives."""
GPU_FLOOR = 0.01
"""GPUs' worth of engine activity that is still nothing."""
OWN_SHARE = 0.1
"""Of its own busy level (the 95th percentile of its maxima), below which CPU use is background."""


@dataclass(frozen=True)
class HourMap:
    """A workload's weeks by local hour.

    Args:
        weeks: how many of its own weeks, from Monday to Sunday in its timezone; the first and last may be cut.
        active: (weeks, 168), whether it did anything.
        seen: whether the whole hour was seen, or it was certainly off.
        on: whether it was on: something was reserved.
        holiday: whether it lies on a holiday, of which idleness proves nothing.
    """

    weeks: int
    active: Bools
    seen: Bools
    on: Bools
    holiday: Bools

    @property
    def coverage(self) -> float:
        """Share of the hours that were seen, of those in which it was on."""
        return float(self.seen[self.on].mean()) if self.on.any() else 1.0


def hour_map(
    subject: Subject,
    zone: ZoneInfo,
    usage: HalfHours,
    occasions: Sequence[Occasion],
    found: tuple[Bools, Bools] | None = None,
) -> HourMap:
    """The hours of a workload.

    Args:
        subject: which.
        zone: its own.
        usage: of it.
        occasions: the calendar, for holidays.
        found: in which half hours it was active, and in which it was seen; as `activity` finds it unless given.
    """
    times = usage.times_us
    offsets = _offsets_us(zone, usage.start_us, usage.halves)
    hours = hours_of_week(times, offsets)
    week = _week_of(times, offsets)
    weeks = int(week.max()) + 1 if week.size else 0
    is_on = subject.replicas(times) > 0
    is_active, is_seen = activity(subject.name, usage) if found is None else found
    is_holiday = _holidays(subject, times, offsets, occasions)
    flat = week * HOURS_OF_WEEK + hours

    def any_of(values: Bools) -> Bools:
        return np.asarray(np.bincount(flat, values, weeks * HOURS_OF_WEEK).reshape(weeks, HOURS_OF_WEEK) > 0)

    is_known = is_seen | ~is_on
    return HourMap(
        weeks=weeks,
        active=any_of(is_active & is_on),
        seen=any_of(np.ones(times.size, bool)) & ~any_of(~is_known),
        on=any_of(is_on),
        holiday=any_of(is_holiday),
    )


def activity(workload: str, usage: HalfHours) -> tuple[Bools, Bools]:
    """In which half hours it did anything, and in which it was seen.

    Requests count if there is one, GPUs above `GPU_FLOOR`, CPU above `CPU_FLOOR` and a tenth of its own busy level.
    It was seen where everything that is measured of it was.
    """
    is_active = np.zeros(usage.halves, bool)
    is_seen = np.ones(usage.halves, bool)
    measured = [name for name in ("requests", "gpu", "cpu") if usage.of(workload, name) is not None]
    for resource in measured:
        most = usage.of(workload, resource)
        if most is not None:
            is_active |= np.nan_to_num(most) > _floor(resource, most)
            is_seen &= usage.seen(workload, resource)
    return is_active, is_seen if measured else np.zeros(usage.halves, bool)


def _floor(resource: str, most: Floats) -> float:
    if resource == "requests":
        return 0.0
    if resource == "gpu":
        return GPU_FLOOR
    busy = float(np.nanquantile(most, 0.95)) if np.isfinite(most).any() else 0.0
    return max(CPU_FLOOR, OWN_SHARE * busy)


@lru_cache(maxsize=64)
def _offsets_us(zone: ZoneInfo, start_us: int, halves: int) -> Counts:
    """The offset of the zone in every half hour; clocks change at most once in the six hours between two look-ups."""
    step = 12
    times_us = start_us + np.arange(halves, dtype=np.int64) * HALF_US
    coarse = np.array([_offset(zone, int(at)) for at in times_us[::step]] + [0], np.int64)[:-1]
    offsets = np.repeat(coarse, step)[: times_us.size]
    for block in np.flatnonzero(np.diff(coarse)):
        first = int(block) * step
        for at in range(first, min(first + step, times_us.size)):
            offsets[at] = _offset(zone, int(times_us[at]))
    return offsets


def _offset(zone: ZoneInfo, at_us: int) -> int:
    found = datetime.fromtimestamp(at_us / 1e6, UTC).astimezone(zone).utcoffset() or timedelta()
    return int(found.total_seconds() * 1_000_000)


def _week_of(times_us: Counts, offsets_us: Counts) -> Counts:
    days = (times_us + offsets_us) // 86_400_000_000 + 3  # the epoch was a Thursday
    week = days // 7
    return np.asarray(week - week.min()) if week.size else week


def _holidays(subject: Subject, times_us: Counts, offsets_us: Counts, occasions: Sequence[Occasion]) -> Bools:
    days = (times_us + offsets_us) // 86_400_000_000
    found = np.zeros(times_us.size, bool)
    for one in occasions:
        if one.kind == "holiday" and one.country in (None, subject.country) and times_us.size:
            first, last = date(1970, 1, 1) + timedelta(int(days[0])), date(1970, 1, 1) + timedelta(int(days[-1]))
            for start in starts_between(one, first, last):
                number = (start - date(1970, 1, 1)).days
                found |= (days >= number) & (days <= number + (one.last - one.first).days)
    return found
