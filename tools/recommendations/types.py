"""What every FinOps analysis hands over: a recommendation, or why there is none."""

from __future__ import annotations

import hashlib
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ..spec import DerivedText, KeptText, OneLine, OutsideText, Result

RecommendationKind = Literal["rightsize", "replicas", "schedule", "decommission", "commitment", "spot", "llm"]
"""`rightsize`: another size of one replica, a partition or an instance type. `replicas`: how many, or an autoscaler's
floor and target. `schedule`: fewer by hour of the week. `decommission`: stop, and delete after a time of grace.
"""

Holding = Literal[
    "short_history",
    "gaps",
    "recently_changed",
    "autoscaler_owns_it",
    "memory_grows",
    "peak_ahead",
    "failover",
    "latency_budget",
    "shared",
    "already_paid",
    "needed",
    "not_watched",
    "too_small",
    "backtest_failed",
    "dismissed",
    "snoozed",
    "another_option",
    "at_the_floor",
    "fits",
    "no_price",
    "unknown",
]
"""Why there is no recommendation. `fits`: the size is right. `another_option`: something that excludes it is
recommended for the same subject. `unknown`: the data cannot tell.
"""

Reversal = Literal["at_once", "with_a_restart", "from_a_backup", "never"]


class Estimate(Result):
    """An amount that is never without its currency, its period and how sure it is."""

    currency: KeptText = Field(pattern=r"^[A-Z]{3}$")
    period: Literal["hour", "day", "week", "month", "year", "once"] = Field(description="a month has 730 hours")
    expected: float
    low: float = Field(description="90 % interval")
    high: float


class Saving(Result):
    """What a recommendation saves, four ways, because they differ."""

    effective: Estimate = Field(description="at effective cost: amortised, after discounts and commitments")
    listed: Estimate = Field(description="at list price")
    bill: Estimate = Field(description="the part that makes the next invoice smaller")
    freed: Estimate = Field(description="the part that only frees capacity, until nodes or commitments go")


class Risk(Result):
    """The calibrated probability that next week exceeds what is recommended."""

    probability: float | None = Field(ge=0, le=1, description="null: nobody has measured it")
    low: float = Field(description="90 % interval of the observed share in the backtest, at this probability")
    high: float
    of: DerivedText = Field(description="what would go wrong: time above the size, an out-of-memory kill, …")
    weeks: int = Field(ge=0, description="workload-weeks of this fleet that it is calibrated on")


class Basis(Result):
    """One number that a recommendation rests on."""

    what: DerivedText
    value: float
    unit: KeptText
    seen: AwareDatetime | None = Field(default=None, description="when, for a peak")


class Patch(Result):
    """The change as a file that the owner's tools understand."""

    format: Literal["helm", "kustomize", "terraform", "keda", "vpa", "custodian"]
    path: KeptText
    text: DerivedText


class Recommendation(Result):
    """One change, with everything that somebody needs to sign it. Its id is the same every week."""

    id: KeptText
    kind: RecommendationKind
    subject: Annotated[OutsideText, OneLine(60)] = Field(description="a workload, or an id of the inventory")
    resource: KeptText = Field(description="cpu, memory, gpu, replicas, instance_type, …; empty for the whole subject")
    team: Annotated[OutsideText, OneLine(30)]
    owner: Annotated[OutsideText, OneLine(30)] | None
    environment: KeptText
    criticality: KeptText
    current: dict[str, float | str]
    proposed: dict[str, float | str]
    unit: KeptText
    saving: Saving
    risk: Risk
    why: Annotated[DerivedText, OneLine(80)]
    basis: tuple[Basis, ...]
    history_start: AwareDatetime
    history_end: AwareDatetime
    coverage: float = Field(ge=0, le=1, description="share of the history that samples came from")
    below_seen_peak: bool = Field(default=False, description="whether a peak of the history lies above the proposal")
    effort_hours: float
    reversal: Reversal
    steps: tuple[DerivedText, ...] = Field(
        default=(), description="in order; decommissioning asks, stops, then deletes"
    )
    excludes: tuple[KeptText, ...] = Field(default=(), description="ids of the same subject that cannot both be had")
    patches: tuple[Patch, ...] = ()


class Held(Result):
    """A subject that was looked at and gets no recommendation of this kind, and why."""

    kind: RecommendationKind
    subject: Annotated[OutsideText, OneLine(60)]
    resource: KeptText
    reason: Holding
    detail: Annotated[DerivedText, OneLine(60)]
    basis: tuple[Basis, ...] = ()


class Considered(Result):
    """Everything that one analysis had to say."""

    recommendations: tuple[Recommendation, ...]
    held: tuple[Held, ...]


def recommendation_id(kind: RecommendationKind, environment: str, subject: str, resource: str) -> str:
    """The same change of the same thing has the same id every week: 12 hex digits."""
    text = "\n".join((kind, environment, subject, resource))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
