"""Arguments and result of `topology.blast_radius`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..spec import OneLine, OutsideText, Result, TimeRange


class BlastRadiusArgs(TimeRange):
    """Who depends on these entities, and which of them show harm in a time range.

    The artifacts are those of earlier calls; without them it is known who depends, and not who is hurt.
    """

    entities: tuple[Annotated[str, Field(min_length=1, max_length=512)], ...] = Field(
        min_length=1, max_length=5, strict=False
    )
    graph: str | None = Field(default=None, max_length=64, description="artifact of topology.graph")
    shifts: str | None = Field(default=None, max_length=64, description="artifact of metrics.shifts")
    latency: str | None = Field(default=None, max_length=64, description="artifact of traces.latency")
    alerts: str | None = Field(default=None, max_length=64, description="artifact of alerts.active")


class Dependent(Result):
    """One entity that depends on a suspect."""

    entity: Annotated[OutsideText, OneLine(40)]
    state: Literal["harmed", "unharmed", "unknown"] = Field(description="unknown: nothing measured would show harm")
    symptom: Annotated[OutsideText, OneLine(40)] = Field(description="the strongest sign of harm")
    distance: int
    via: Annotated[OutsideText, OneLine(40)]
    relation: Literal["calls", "data"] = Field(description="data: through what somebody wrote or published")
    is_entry: bool = Field(
        description="nobody calls it and it fetches no work: users or a schedule meet the platform there"
    )


class BlastRadiusResult(Result):
    """How many depend on the suspects, how many of them are hurt, and who: the hurt first, then the nearest."""

    dependents: int
    harmed: int
    unharmed: int
    unknown: int
    entries: tuple[Annotated[OutsideText, OneLine(30)], ...] = Field(description="entries that are hurt")
    entries_reached: int = Field(description="entries that depend on the suspects, hurt or not")
    traces: int = Field(description="traces in the time range")
    traces_passing: int = Field(description="of these, how many pass a suspect")
    evidence_missing: tuple[Literal["shifts", "latency", "alerts"], ...]
    affected: tuple[Dependent, ...]
