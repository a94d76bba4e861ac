"""What a rollout is judged by, arguments and results of the rollout tools."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field, model_validator

from ...core.config import Section
from ..models.promotion_types import ModelName
from ..spec import Args, DerivedText, KeptText, Result

RolloutResult = Literal["pass", "fail", "inconclusive"]
MetricRole = Literal["critical", "guardrail", "watched"]
"""`critical`: harm ends the rollout at once. `guardrail`: the same, after every critical one. `watched`: told only."""


class MetricRule(Section):
    """One metric of a rollout, and the smallest move that counts as harm."""

    name: str = Field(min_length=1, max_length=64, pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal["rate", "mean", "quantile", "wins"] = Field(
        description="events per request; values; values above the champion's quantile; requests that both answered"
    )
    role: MetricRole = "guardrail"
    worse: Literal["higher", "lower"] = "higher"
    margin: float = Field(gt=0, le=1e9, description="the smallest move for the worse that counts as harm")
    is_relative: bool = Field(default=False, description="the margin is a share of what the champion shows")
    quantile: float = Field(default=0.99, gt=0.5, lt=1, description="of `kind = quantile`")

    @model_validator(mode="after")
    def _fits(self) -> MetricRule:
        if self.kind in ("rate", "quantile", "wins") and not self.is_relative and self.margin >= 1:
            raise ValueError("the margin of a rate is below 1")
        if self.kind in ("quantile", "wins") and self.worse == "lower":
            raise ValueError("slower and lost requests are counted, so higher is worse")
        return self


class RolloutRule(Section):
    """How a rollout of one model is judged."""

    metrics: tuple[MetricRule, ...] = Field(min_length=1, max_length=32)
    share: float = Field(default=0.5, gt=0, lt=1, description="of the requests that the canary should get")
    false_alarm: float = Field(
        default=0.02, gt=0, lt=0.5, description="of a canary that does no harm, over all metrics"
    )
    false_pass: float = Field(default=0.02, gt=0, lt=0.5, description="of one that is worse by the margin of a metric")
    least_looks: int = Field(default=3, ge=1, le=10_000, description="no pass before that")
    slo_entities: tuple[str, ...] = Field(
        default=(), max_length=50, description="no pass while an error budget of one of these burns fast"
    )
    most_missing: float = Field(default=0.1, ge=0, lt=1, description="share of looks that may be missing in a pass")

    @model_validator(mode="after")
    def _is_guarded(self) -> RolloutRule:
        names = [metric.name for metric in self.metrics]
        if len(set(names)) < len(names):
            raise ValueError("two metrics have one name")
        if all(metric.role == "watched" for metric in self.metrics):
            raise ValueError("a rollout needs a metric that can stop it")
        return self


class MetricFound(Result):
    """One metric so far. Differences are canary minus champion, in the metric's unit; a rise is for the worse."""

    name: KeptText
    role: MetricRole
    result: RolloutResult
    difference: float | None
    low: float | None = Field(description="of an interval that holds however often it is looked at")
    high: float | None
    margin: float | None
    inflation: float | None = Field(description="how much less these looks say than independent ones")
    missing: float = Field(description="share of the looks without numbers of both sides")
    failed_at: int | None = Field(description="the look at which it failed, from 1")
    passed_at: int | None


class Judged(Result):
    """What a rollout has come to."""

    result: RolloutResult
    reasons: tuple[DerivedText, ...]
    looks: int
    requests_champion: int
    requests_canary: int
    looks_needed: int | None = Field(
        description="further looks like these until an equal canary has passed, on average"
    )
    requests_needed: int | None = Field(description="the same in requests of both sides together")
    metrics: tuple[MetricFound, ...]


class JudgeArgs(Args):
    """Judge the rollout of a model by the numbers since it began."""

    model: ModelName
    start: AwareDatetime = Field(strict=False, description="when the canary got its first requests")
    end: AwareDatetime = Field(strict=False)


class AbortArgs(Args):
    """Give all traffic of a model back to the champion. There is nothing else to choose, and no text."""

    model: ModelName


class Aborted(Result):
    """Where the traffic goes now, and where it went. Versions are those of the registry."""

    champion: int
    canary: int | None
    share_before: float
    share_after: float
    aborts_today: int
