"""What is known of each workload beside its usage: its catalogue row, its sizes over time, the calendar around it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

RHYTHM_DAYS: Mapping[str, int] = {"daily": 1, "weekly": 7, "monthly": 31, "quarterly": 92, "yearly": 366}
"""The longest time from one use to the next, by the rhythm that a catalogue names."""
DEVELOPMENT = frozenset({"dev", "development", "test", "testing", "staging", "sandbox"})
_LONG_AGO = -(2**62)


@dataclass(frozen=True)
class SizeChange:
    """A size of one replica, or the number of replicas, from a time on."""

    at_us: int
    resource: str
    value: float
    most: float | None
    set_by: str | None


@dataclass(frozen=True)
class Subject:
    """One workload of the catalogue; columns as `tools.fleets.schema` has them."""

    name: str
    kind: str = "other"
    team: str = ""
    owner: str | None = None
    criticality: str = "normal"
    region: str = ""
    country: str | None = None
    timezone: str = "UTC"
    model: str | None = None
    instance_type: str | None = None
    capacity_type: str = "on_demand"
    gpu_type: str | None = None
    gpu_partition: str | None = None
    autoscaler: str | None = None
    autoscales: str | None = None
    autoscaler_target: float | None = None
    replicas_least: int | None = None
    replicas_most: int | None = None
    spare_replicas: int = 0
    spare_regions: int = 0
    latency_budget_ms: float | None = None
    runtime: str | None = None
    resource_id: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    sizes: tuple[SizeChange, ...] = ()

    @property
    def is_development(self) -> bool:
        """Whether nobody's payments depend on it, as its `stage` says."""
        return self.attributes.get("stage", "").lower() in DEVELOPMENT

    @property
    def zone(self) -> ZoneInfo | None:
        """Its timezone; `None` if there is none of this name."""
        try:
            return ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return None

    def size(self, resource: str) -> float | None:
        """The latest size of a resource; `None` if it has none."""
        found = [change for change in self.sizes if change.resource == resource]
        return found[-1].value if found else None

    def over_time(self, resource: str, times_us: Counts) -> Floats:
        """The size that holds at each time; NaN before the first that is known."""
        found = [change for change in self.sizes if change.resource == resource]
        at = np.array([_LONG_AGO, *(change.at_us for change in found)], np.int64)
        values = np.array([np.nan, *(change.value for change in found)])
        return np.asarray(values[np.searchsorted(at, times_us, side="right") - 1])

    def replicas(self, times_us: Counts) -> Floats:
        """How many replicas there were at each time; one where nothing is known."""
        found = self.over_time("replicas", times_us)
        return np.where(np.isnan(found), 1.0, found)

    def changed_since(self, at_us: int, resources: frozenset[str]) -> bool:
        """Whether a person changed one of these sizes since then."""
        return any(
            change.at_us >= at_us and change.resource in resources and change.set_by != "autoscaler"
            for change in self.sizes
        )


@dataclass(frozen=True)
class Occasion:
    """A peak, holiday or freeze of the calendar, days inclusive."""

    first: date
    last: date
    name: str
    kind: str
    country: str | None
    yearly: bool


def subjects_of(workloads: pa.Table, sizes: pa.Table) -> tuple[Subject, ...]:
    """The workloads of a fleet with their sizes, in the order of the catalogue; a name that comes twice counts once."""
    changes = _changes(sizes)
    found: dict[str, Subject] = {}
    for row in workloads.to_pylist():
        name = row["workload"]
        if name and name not in found:
            found[name] = _subject(row, changes.get(name, ()))
    return tuple(found.values())


def occasions_of(calendar: pa.Table) -> tuple[Occasion, ...]:
    """The rows of the calendar that have both days in order."""
    return tuple(
        Occasion(row["first"], row["last"], row["name"] or "", row["kind"] or "", row["country"], bool(row["yearly"]))
        for row in calendar.to_pylist()
        if row["first"] is not None and row["last"] is not None and row["first"] <= row["last"]
    )


def rhythm_days(attributes: Mapping[str, str]) -> int:
    """The longest time between two uses, as `rhythm` in the attributes has it; 0 where it says nothing."""
    return RHYTHM_DAYS.get(attributes.get("rhythm", "").lower(), 0)


def peak_ahead(
    occasions: Sequence[Occasion], country: str | None, start: datetime, end: datetime, days: int
) -> Occasion | None:
    """A peak within so many days after the history that the history holds no example of.

    A peak is covered if one of the same name lies in the history, whole: then its height is part of the maxima.
    """
    today = end.astimezone(UTC).date()
    since = start.astimezone(UTC).date()
    mine = [one for one in occasions if one.kind == "peak" and (one.country in (None, country) or country is None)]
    covered = {one.name for one in mine if since <= one.first and one.last < today}
    for one in mine:
        length = one.last - one.first
        for first in starts_between(one, today - length, today + timedelta(days=days)):
            if first + length >= today and one.name not in covered:
                return one
    return None


def starts_between(one: Occasion, first: date, last: date) -> tuple[date, ...]:
    """The first days of an occasion within these days; of one that comes every year, in any of them."""
    years = range(first.year - 1, last.year + 1) if one.yearly else (one.first.year,)
    days = (_in_year(one.first, year) for year in years)
    length = one.last - one.first
    return tuple(day for day in days if first - length <= day <= last)


def _in_year(day: date, year: int) -> date:
    return day.replace(year=year, day=min(day.day, 28) if day.month == 2 else day.day)


def _changes(sizes: pa.Table) -> dict[str, tuple[SizeChange, ...]]:
    by_workload: dict[str, list[SizeChange]] = defaultdict(list)
    columns = [sizes[name].to_pylist() for name in ("workload", "resource", "value", "most", "set_by")]
    times = sizes["ts"].cast(pa.int64()).to_pylist()
    for at, workload, resource, value, most, set_by in zip(times, *columns, strict=True):
        if None not in (at, workload, resource, value) and np.isfinite(value) and value >= 0:
            by_workload[workload].append(SizeChange(at, resource, value, most, set_by))
    return {name: tuple(sorted(found, key=lambda change: change.at_us)) for name, found in by_workload.items()}


_NUMBERS = ("spare_replicas", "spare_regions")
_DEFAULTS = {"kind": "other", "criticality": "normal", "timezone": "UTC", "capacity_type": "on_demand"}


def _subject(row: Mapping[str, Any], sizes: tuple[SizeChange, ...]) -> Subject:
    facts = {name: value for name, value in row.items() if value is not None and name not in ("workload", "attributes")}
    facts |= {name: value for name, value in _DEFAULTS.items() if not facts.get(name)}
    facts |= {name: max(int(facts.get(name, 0)), 0) for name in _NUMBERS}
    attributes = {key: value for key, value in row.get("attributes") or () if value is not None}
    return Subject(name=row["workload"], attributes=attributes, sizes=sizes, **facts)
