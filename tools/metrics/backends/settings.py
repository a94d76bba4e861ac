"""How metrics systems are configured."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from ....core.systems.settings import HttpSettings
from ...topology.backends.traffic_graphs import TrafficGraph, known_graphs
from .promql import LABEL_NAME, METRIC_NAME


class PrometheusSettings(HttpSettings):
    """A Prometheus-compatible system."""

    kind: Literal["prometheus"] = "prometheus"
    environment: str = Field(min_length=1, max_length=64, description="what its credential reaches")
    scope: dict[str, str] = Field(
        default_factory=dict, max_length=16, description="labels that every series read must have, with their values"
    )
    entity_labels: tuple[str, ...] = Field(
        default=("service", "app", "job"), min_length=1, description="labels that name the entity; the first one wins"
    )
    leave_out: tuple[str, ...] = Field(
        default=("go_", "process_", "python_gc_", "scrape_", "prometheus_", "ALERTS"),
        description="beginnings of metric names that are not read",
    )
    resolution_s: float = Field(default=30.0, gt=0, le=3_600, description="how often samples are scraped, about")
    most_series: int = Field(default=10_000, ge=1, le=100_000, description="more series than that are not read")
    most_samples: int = Field(default=3_000_000, ge=1_000, le=20_000_000, description="beyond that steps get longer")
    team_label: str | None = Field(default=None, description="label that confines a run to the series of its team")
    hidden_labels: tuple[str, ...] = Field(
        default=(), max_length=64, description="labels that are not shown, and that no expression may name"
    )
    expression_metrics: tuple[str, ...] = Field(
        default=("*",), max_length=500, description="patterns of the metrics that `metrics.promql` may read"
    )
    longest_range_s: int = Field(
        default=172_800, ge=60, le=31 * 86_400, description="of a range, an offset and the window of an expression"
    )
    most_points: int = Field(
        default=20_000_000, ge=1_000, le=1_000_000_000, description="samples that one expression may touch, about"
    )
    evaluates_alerts: bool = Field(default=False, description="whether its rules write `ALERTS`, to be read as alerts")
    records_objectives: bool = Field(
        default=False, description="whether its rules record objectives as Sloth writes them"
    )
    keeps_exemplars: bool = Field(
        default=False, description="whether it keeps exemplars, to go from a bad value to a trace behind it"
    )
    graphs: tuple[TrafficGraph, ...] = Field(
        default_factory=known_graphs, max_length=20, description="counters that tell who calls whom"
    )

    @field_validator("entity_labels", "scope", "hidden_labels", "team_label")
    @classmethod
    def _label_names(cls, names: Any) -> Any:
        for name in (names,) if isinstance(names, str) else names or ():
            if not LABEL_NAME.fullmatch(name):
                raise ValueError(f"{str(name)[:64]!r} is no name of a label")
        return names

    @model_validator(mode="after")
    def _one_team(self) -> Self:
        if self.team_label in self.scope:
            raise ValueError("`team_label` is in `scope` already: the team of a run or a fixed value, not both")
        if set(self.hidden_labels) & {*self.entity_labels, "__name__"}:
            raise ValueError("a label of `entity_labels` cannot be hidden")
        return self

    def confined_to(self, team: str) -> PrometheusSettings:
        """The same system for one team, where it tells teams apart."""
        if self.team_label is None:
            return self
        return self.model_copy(update={"scope": {**self.scope, self.team_label: team}, "team_label": None})

    @field_validator("leave_out")
    @classmethod
    def _beginnings(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not METRIC_NAME.fullmatch(name):
                raise ValueError(f"{name[:64]!r} is no beginning of a metric name")
        return names


class OpenmetricsSettings(HttpSettings):
    """A process that shows its metrics on a page, and that no Prometheus scrapes."""

    kind: Literal["openmetrics"]
    environment: str = Field(min_length=1, max_length=64, description="where the process runs")
    entity: str = Field(min_length=1, max_length=512, description="whose metrics these are")
    entity_labels: tuple[str, ...] = Field(
        default=(), description="labels that name another entity; the first one wins, `entity` without any"
    )
    leave_out: tuple[str, ...] = Field(
        default=("go_", "process_", "python_gc_"), description="beginnings of metric names that are not read"
    )
    apart_s: float = Field(default=10.0, ge=1, le=60, description="how long between the two times that it is read")
    most_series: int = Field(default=10_000, ge=1, le=100_000, description="a page with more is an error")

    @field_validator("entity_labels")
    @classmethod
    def _names_of_labels(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [name for name in names if not LABEL_NAME.fullmatch(name)]:
            raise ValueError(f"{wrong[0][:64]!r} is no name of a label")
        return names
