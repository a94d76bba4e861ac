"""Arguments and results of the usage tools."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ..spec import Args, OneLine, OutsideText, Result

MeasuredResource = Literal["cpu", "memory", "gpu", "gpu_sm", "gpu_memory", "requests", "network", "latency_p99"]

_Name = Annotated[OutsideText, OneLine(60)]


class HistoryArgs(Args):
    """What is asked of the history of one workload."""

    workload: str = Field(min_length=1, max_length=500)
    resource: MeasuredResource
    days: int = Field(default=28, ge=1, le=730, description="how many, up to the last one that is known of")


class DayOfUsage(Result):
    """One day of one resource."""

    day: date
    most: float
    most_at: AwareDatetime
    p95: float
    mean: float
    coverage: float = Field(description="share of the day that was watched, 0 to 1")


class UsageHistory(Result):
    """How one resource of a workload was used; cores, bytes, GPUs, requests or bytes per second, seconds."""

    workload: _Name
    resource: MeasuredResource
    first: date
    last: date
    coverage: float = Field(description="share of these days that was watched, 0 to 1")
    p50: float
    p95: float
    p99: float
    p99_5: float
    most: float
    reserved: float | None = Field(description="request that holds at the end; none if not known")
    resizes: int = Field(description="within these days")
    days: tuple[DayOfUsage, ...] = Field(description="the last ones; all are in the artifact")


class CoverageArgs(Args):
    """Whose data are looked at."""

    workloads: tuple[str, ...] = Field(default=(), max_length=200, strict=False, description="all of them unless given")


class GapOfUsage(Result):
    """A time without a sample."""

    start: AwareDatetime
    end: AwareDatetime


class WatchedUsage(Result):
    """What the data of one resource of a workload are worth."""

    workload: _Name
    resource: MeasuredResource
    days: int
    coverage: float
    gaps: int
    longest_gap: GapOfUsage | None
    unusable: int = Field(description="samples that are no number, negative or infinite")
    repeated: int = Field(description="samples at a moment that has another one; the largest counts")
    disordered: int = Field(description="samples that stand after a later one")
    resizes: int
    restarts: int
    is_short: bool = Field(description="whether less than two weeks are known of")


class UsageCoverage(Result):
    """What the data of a fleet are worth."""

    workloads: int
    series: int
    first: date
    last: date
    coverage: float = Field(description="share of the time that was watched, over all series, 0 to 1")
    short: int = Field(description="series of less than two weeks")
    with_gaps: int
    unusable: int
    repeated: int
    disordered: int
    unknown_resources: tuple[_Name, ...] = Field(description="names in the data that mean nothing here")
    unreadable: int = Field(description="rows without a workload, a time or a known resource")
    worst: tuple[WatchedUsage, ...] = Field(description="least watched first; all are in the artifact")
