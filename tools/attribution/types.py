"""Arguments and results of `attribution.rank`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ..spec import Args, OneLine, OutsideText, Result


class RankArgs(Args):
    """Rank what could have caused the incident, over the artifacts of earlier calls.

    Every artifact is optional: what is missing is reported as missing, and the ranking says which evidence it used.
    """

    start: AwareDatetime = Field(strict=False)
    end: AwareDatetime = Field(strict=False)
    alert_entity: str | None = Field(default=None, max_length=512)
    alert_metric: str | None = Field(default=None, max_length=256)
    shifts: str | None = Field(default=None, max_length=64, description="artifact of metrics.shifts")
    patterns: str | None = Field(default=None, max_length=64, description="artifact of logs.patterns")
    latency: str | None = Field(default=None, max_length=64, description="artifact of traces.latency")
    calls: str | None = Field(default=None, max_length=64, description="artifact of traces.calls")
    graph: str | None = Field(default=None, max_length=64, description="artifact of topology.graph")
    changes: str | None = Field(default=None, max_length=64, description="artifact of changes.recent")
    outcomes: str | None = Field(default=None, max_length=64, description="artifact of outcomes.segments")
    models: str | None = Field(default=None, max_length=64, description="artifact of models.health")
    features: str | None = Field(default=None, max_length=64, description="artifact of features.health")
    workloads: str | None = Field(default=None, max_length=64, description="artifact of kubernetes.workloads")
    nodes: str | None = Field(default=None, max_length=64, description="artifact of kubernetes.nodes")
    notices: str | None = Field(default=None, max_length=64, description="artifact of changes.notices")
    symptoms: str | None = Field(default=None, max_length=64, description="artifact of changes.symptoms")
    versions: str | None = Field(default=None, max_length=64, description="artifact of changes.versions")
    changes_since: AwareDatetime | None = Field(
        default=None, strict=False, description="since when changes are recorded"
    )
    alert_text: str | None = Field(default=None, max_length=2_000, description="name and summary of the alert")
    limit: int = Field(default=10, ge=1, le=50)


class Candidate(Result):
    """One possible cause.

    `score` is the share of all candidates' weight, so the scores of a whole ranking add up to 1. It orders; it is no
    probability.
    """

    entity: OutsideText
    indicator: Annotated[OutsideText, OneLine(30)] | None
    metric: OutsideText | None = Field(description="the indicator, if it is a metric that can be queried")
    change: OutsideText | None
    score: float
    strength: float = Field(
        description="wobbles of the indicator: as surprising as so many standard deviations; 0 if nothing moved"
    )
    reasons: tuple[Annotated[OutsideText, OneLine(60)], ...]
    accounts_for: int = Field(
        description="troubled entities it explains that no candidate before it does; 0 where it is not needed"
    )
    sources: tuple[str, ...] = Field(
        description="the kinds of evidence that speak for it: metrics, traces, calls, logs, changes"
    )


class RankResult(Result):
    """The candidates, best first, and how sure the data lets one be."""

    entities_considered: int
    entities_anomalous: int
    strongest_shift: float = Field(description="the largest shift of any indicator but traffic, in wobbles")
    leading_shift: float = Field(description="the same of the first candidate alone")
    noise_ceiling: float = Field(
        description="wobbles that one of so many quiet indicators passes once in a hundred times"
    )
    alert_shift: float | None = Field(
        default=None, description="wobbles by which what the alert is about moved where it fired, if that is measured"
    )
    causes_needed: int = Field(description="how many of the candidates it takes to explain all entities in trouble")
    margin: float = Field(
        description="score of the first over that of its first rival, echoes of the first left out; 1: undecided"
    )
    evidence_used: tuple[str, ...]
    evidence_missing: tuple[str, ...]
    candidates: tuple[Candidate, ...]
    leading_signs: tuple[Annotated[OutsideText, OneLine(30)], ...] = Field(
        default=(),
        description="what the reasons of the first candidate are about, without figures: metrics, kinds of log lines",
    )


class JudgedChange(Result):
    """One change and what speaks for or against its being the cause."""

    change: OutsideText
    entity: OutsideText
    kind: Annotated[OutsideText, OneLine(20)]
    at: AwareDatetime
    verdict: Literal["for", "against", "unclear"]
    probability: float = Field(description="that it did it, among all changes and none of them; 0 if it is ruled out")
    reasons: tuple[Annotated[OutsideText, OneLine(60)], ...]


class ChangesResult(Result):
    """Which changes did it, if any: the likeliest first, then those that were rejected last before the onset."""

    changes_judged: int
    none: float = Field(description="how likely it is that no recorded change did it")
    outside: Annotated[OutsideText, OneLine(40)] | None = Field(
        description="what a status page says of somebody none of the changes is made to"
    )
    named: OutsideText | None = Field(description="the change that did it; none is named unless it beats `none`")
    rejected: int
    changes: tuple[JudgedChange, ...]
