"""Arguments and results of the metric tools."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from ..spec import Args, OutsideText, Result, TimeRange

IndicatorClass = Literal["latency", "errors", "saturation", "traffic", "quality", "other"]
"""What a metric says about its entity; `quality` is about data and models: freshness, nulls, drift, scores."""

Direction = Literal["up", "down"]


class QueryArgs(TimeRange):
    """One metric of one entity, drawn small."""

    entity: str = Field(min_length=1, max_length=512)
    metric: str = Field(min_length=1, max_length=256)
    labels: dict[str, str] = Field(default_factory=dict, max_length=16)
    max_points: int = Field(default=60, ge=2, le=500, description="points per series after averaging over equal steps")


class SeriesSummary(Result):
    """One series: its labels, its size, and its values averaged over equal steps."""

    labels: dict[str, str]
    unit: OutsideText | None
    samples: int
    first: float
    last: float
    minimum: float
    median: float
    maximum: float
    step_s: float
    points: tuple[float | None, ...] = Field(description="means of equal steps, oldest first; null where nothing came")


class QueryResult(Result):
    """The series that match, the ones with most samples first."""

    series_matched: int
    series: tuple[SeriesSummary, ...]


class PromqlArgs(TimeRange):
    """An expression of PromQL over a time range, drawn small."""

    query: str = Field(min_length=1, max_length=4_000, description="every selector names its metric")
    system: str | None = Field(default=None, max_length=64, description="which one is asked, where there are several")
    max_points: int = Field(default=60, ge=2, le=500, description="equal steps at which it is computed")


class PromqlResult(Result):
    """What the expression gave, the series with the largest values first."""

    asked: OutsideText = Field(description="the expression as it was sent, confined to what may be read")
    series_matched: int
    series: tuple[SeriesSummary, ...]


class ShiftsArgs(Args):
    """Compare a window with a quiet time, over every series or those of some entities."""

    start: AwareDatetime = Field(strict=False)
    end: AwareDatetime = Field(strict=False)
    baseline_start: AwareDatetime = Field(strict=False)
    baseline_end: AwareDatetime = Field(strict=False)
    entities: tuple[str, ...] = Field(default=(), max_length=200, strict=False)
    limit: int = Field(default=12, ge=1, le=100)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end <= self.start or self.baseline_end <= self.baseline_start:
            raise ValueError("a window ends after it starts")
        if self.baseline_end > self.start:
            raise ValueError("the baseline ends before the window starts")
        return self


class Shift(Result):
    """One series that differs from its own past.

    `score` is without a unit: as surprising as so many standard deviations; see `shifts.py`.
    """

    entity: OutsideText
    metric: OutsideText
    labels: OutsideText
    indicator_class: IndicatorClass
    direction: Direction
    score: float
    before: float
    after: float
    onset: AwareDatetime | None


class ShiftsResult(Result):
    """The largest shifts, at most one per entity and metric, and how many series were looked at."""

    series_compared: int
    series_shifted: int
    series_without_baseline: int
    shifts: tuple[Shift, ...]
