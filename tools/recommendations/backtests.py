"""What a replay of the past says of a kind of recommendation, and whether the kind may be offered here."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from ..spec import DerivedText, KeptText, Result
from .types import Considered, Held, Recommendation, RecommendationKind


class CriticalityBacktest(Result):
    """The part of a replay that is about workloads of one criticality."""

    criticality: KeptText = Field(description="empty: not known")
    subjects: int = Field(ge=0)
    weeks: int = Field(ge=0, description="subject-weeks that were judged")
    saved: float = Field(description="share of what was reserved; 0 to 1")
    violated: float = Field(ge=0, le=1, description="share of subject-weeks that went wrong")
    low: float = Field(ge=0, le=1, description="90 % interval of that share")
    high: float = Field(ge=0, le=1)
    stated: float = Field(ge=0, le=1, description="share that the stated risks promised")


class KindBacktest(Result):
    """One kind of recommendation, replayed over the past weeks of this very fleet."""

    kind: RecommendationKind
    resource: KeptText = Field(default="", description="empty: all of the kind")
    rule: DerivedText = Field(default="", description="what was replayed")
    subjects: int = Field(ge=0)
    weeks: int = Field(ge=0, description="subject-weeks that were judged")
    saved: float = Field(description="share of what was reserved; 0 to 1")
    violated: float = Field(ge=0, le=1, description="share of subject-weeks that went wrong")
    low: float = Field(ge=0, le=1, description="90 % interval of that share")
    high: float = Field(ge=0, le=1)
    stated: float | None = Field(default=None, description="share that the stated risks promised")
    overrun: float | None = Field(
        default=None, description="median of what was needed over what was given, where wrong"
    )
    most: float = Field(ge=0, le=1, description="the share that is allowed")
    is_passed: bool
    why: DerivedText = ""
    calibration: tuple[tuple[float, float, int], ...] = Field(
        default=(), description="stated risk, observed share, subject-weeks; by rising risk"
    )
    criticalities: tuple[CriticalityBacktest, ...] = Field(
        default=(), description="the same by criticality, where the replay knows it"
    )


def fits_backtest(recommendation: Recommendation, backtests: Sequence[KindBacktest]) -> KindBacktest | None:
    """The failed backtest that a recommendation falls under; `None` if none of its kind has failed."""
    mine = [
        each
        for each in backtests
        if each.kind == recommendation.kind and each.resource in ("", recommendation.resource)
    ]
    return next((each for each in mine if not each.is_passed), None)


def withheld(considered: Considered, backtests: Sequence[KindBacktest]) -> Considered:
    """The same without recommendations whose kind fails its backtest; those are held, and say so."""
    kept: list[Recommendation] = []
    held: list[Held] = list(considered.held)
    for each in considered.recommendations:
        failed = fits_backtest(each, backtests)
        if failed is None:
            kept.append(each)
            continue
        detail = failed.why or (
            f"went wrong in {failed.violated:.1%} of {failed.weeks} past weeks here; {failed.most:.1%} is allowed"
        )
        held.append(
            Held(
                kind=each.kind,
                subject=each.subject,
                resource=each.resource,
                reason="backtest_failed",
                detail=detail,
                basis=each.basis,
            )
        )
    return Considered(recommendations=tuple(kept), held=tuple(held))
