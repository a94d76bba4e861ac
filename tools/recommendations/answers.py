"""Arguments and results of the tools of this domain."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ..marks import Kind
from ..spec import Args, KeptText, OneLine, OutsideText, Result
from .backtests import KindBacktest
from .lifecycle import PersonalMove, State
from .realised import Realised
from .thresholds import Thresholds
from .types import Estimate, Held, Holding, Recommendation, RecommendationKind, Saving

Artifact = Annotated[str, Field(min_length=1, max_length=80), Kind("artifact")]
RecommendationId = Annotated[str, Field(pattern=r"^[0-9a-f]{12}$"), Kind("recommendation")]


class AnalyseArgs(Args):
    """Nothing: an analysis looks at the whole fleet."""


class HeldCount(Result):
    """How many subjects get no recommendation of a kind for one reason."""

    kind: RecommendationKind
    reason: Holding
    count: int


class AnalysisResult(Result):
    """What one analysis says; the artifact has all of it."""

    recommended: int
    held: tuple[HeldCount, ...]
    saving: Saving | None = Field(default=None, description="per month, before anything is counted together")


class BacktestResult(Result):
    """Every kind of recommendation, replayed over this fleet's past."""

    kinds: tuple[KindBacktest, ...]


class PlanArgs(Args):
    analyses: tuple[Artifact, ...] = Field(
        strict=False, min_length=1, max_length=20, description="artifacts of the analyses"
    )
    backtests: Artifact | None = Field(default=None, description="artifact of the backtests; no kind is held without")


class KindSum(Result):
    """What is offered of one kind."""

    kind: RecommendationKind
    count: int
    saving: Saving


class TeamSum(Result):
    """What is offered to one team."""

    team: Annotated[OutsideText, OneLine(30)]
    count: int
    saving: Estimate
    owners: tuple[Annotated[OutsideText, OneLine(30)], ...] = Field(description="at most five, by what they can save")


class UnderWay(Result):
    """One that somebody has applied, and how it goes."""

    id: KeptText
    kind: RecommendationKind
    subject: Annotated[OutsideText, OneLine(60)]
    team: Annotated[OutsideText, OneLine(30)]
    state: State
    projected: Estimate
    applied_at: AwareDatetime | None


class SinceLast(Result):
    """What the last weekly run said, and what has happened since."""

    at: AwareDatetime
    offered: int
    saving: Estimate
    found: int = Field(description="new this week")
    raised: int = Field(description="asked about again, because they have changed")
    withdrawn: int
    applied: int
    dismissed: int
    verified: int
    regressed: int


class PlanResult(Result):
    """What is recommended this week; amounts per month, at effective cost unless they say otherwise."""

    at: AwareDatetime
    environment: KeptText
    currency: KeptText
    offered_count: int
    saving: Saving
    effort_hours: float
    effort: Estimate | None = Field(default=None, description="that work once, where an hour has a price")
    kinds: tuple[KindSum, ...]
    teams: tuple[TeamSum, ...]
    offered: tuple[Recommendation, ...] = Field(description="the greatest savings that fit; the book has all")
    states: dict[str, KeptText] = Field(description="state of those offered, by id")
    new: tuple[KeptText, ...] = Field(description="ids of those offered that are new or raised again")
    left_out: int = Field(description="offered, but not listed here")
    under_way: tuple[UnderWay, ...]
    held: tuple[HeldCount, ...]
    held_examples: tuple[Held, ...]
    unproven: tuple[RecommendationKind, ...] = Field(description="kinds offered without a backtest")
    thresholds: Thresholds
    since_last: SinceLast | None


class RecordArgs(Args):
    plan: Artifact = Field(description="artifact of `recommendations.plan`")
    realised: Artifact | None = Field(default=None, description="artifact of `recommendations.realised`")


class Recorded(Result):
    """What the run has moved in the book."""

    found: int = 0
    raised: int = 0
    woken: int = 0
    withdrawn: int = 0
    verified: int = 0
    regressed: int = 0


class MoveArgs(Args):
    id: RecommendationId
    move: PersonalMove
    reason: str = Field(default="", max_length=500)
    until: AwareDatetime | None = Field(default=None, strict=False, description="of a snooze")


class MoveResult(Result):
    """A move that was made."""

    id: KeptText
    move: PersonalMove
    before: State
    after: State


class RealisedArgs(Args):
    """Nothing: all that were applied in the last sixty days."""


class RealisedOne(Result):
    """What one has really saved."""

    id: KeptText
    kind: RecommendationKind
    subject: Annotated[OutsideText, OneLine(60)]
    team: Annotated[OutsideText, OneLine(30)]
    state: State
    measured: Realised
    rollback: Literal["documents.propose"] | None = Field(default=None, description="the call that takes it back")


class RealisedResult(Result):
    """Realised against projected savings, per month at effective cost."""

    currency: KeptText
    projected: Estimate
    realised: Estimate
    bill: Estimate = Field(description="the part that makes invoices smaller")
    freed: Estimate
    items: tuple[RealisedOne, ...]
    not_measured: int
