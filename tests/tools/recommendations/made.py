"""Recommendations of workloads that nobody has."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from opswarden.tools.recommendations.types import (
    Considered,
    Estimate,
    Held,
    Recommendation,
    RecommendationKind,
    Risk,
    Saving,
    recommendation_id,
)

NOW = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)


def money(expected: float, currency: str = "EUR", spread: float = 0.2) -> Estimate:
    return Estimate(
        currency=currency,
        period="month",
        expected=expected,
        low=expected * (1 - spread),
        high=expected * (1 + spread),
    )


def saving(expected: float, bill_share: float = 1.0, currency: str = "EUR") -> Saving:
    return Saving(
        effective=money(expected, currency),
        listed=money(expected * 1.25, currency),
        bill=money(expected * bill_share, currency),
        freed=money(expected * (1 - bill_share), currency),
    )


def recommendation(
    subject: str = "scorer",
    kind: RecommendationKind = "rightsize",
    resource: str = "cpu",
    *,
    saves: float = 400.0,
    bill_share: float = 1.0,
    current: dict[str, float | str] | None = None,
    proposed: dict[str, float | str] | None = None,
    currency: str = "EUR",
    **more: Any,
) -> Recommendation:
    return Recommendation(
        **{
            "id": recommendation_id(kind, "production", subject, resource),
            "kind": kind,
            "subject": subject,
            "resource": resource,
            "team": "fraud",
            "owner": "#fraud-ml",
            "environment": "production",
            "criticality": "normal",
            "current": {"cpu": 4.0} if current is None else current,
            "proposed": {"cpu": 2.5} if proposed is None else proposed,
            "unit": "cores",
            "saving": saving(saves, bill_share, currency),
            "risk": Risk(probability=0.01, low=0.005, high=0.02, of="time above the size", weeks=120),
            "why": "the busiest hour of four weeks needed 2.1 cores",
            "basis": (),
            "history_start": datetime(2031, 4, 1, tzinfo=UTC),
            "history_end": datetime(2031, 5, 6, tzinfo=UTC),
            "coverage": 0.98,
            "effort_hours": 0.5,
            "reversal": "with_a_restart",
            **more,
        }
    )


def considered(*recommendations: Recommendation, held: tuple[Held, ...] = ()) -> Considered:
    return Considered(recommendations=recommendations, held=held)
