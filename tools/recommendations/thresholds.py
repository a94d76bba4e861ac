"""What is worth somebody's time, and how far one step may go."""

from __future__ import annotations

import math

from pydantic import Field

from ..spec import Result
from .amounts import scaled_saving
from .types import Basis, Recommendation

_WHOLE = frozenset({"gpu", "replicas", "gpus", "devices", "replicas_least", "replicas_most"})
"""Sizes that come in whole numbers."""
_SIZED = frozenset({"rightsize", "replicas"})


class Thresholds(Result):
    """Below these nothing is recommended; a bigger cut is taken in steps of a week.

    Sources: a change of 10 % and at most half per week are what `notes` of resizers agree on, see docs/finops.md.
    """

    least_saving: float = Field(default=25.0, ge=0, description="per month, in the fleet's currency, at effective cost")
    least_change: float = Field(default=0.10, ge=0, le=1, description="share of a size, where a size changes")
    most_cut: float = Field(default=0.50, gt=0, le=1, description="share of a size that may go in one week")
    hourly_rate: float = Field(default=0.0, ge=0, description="what an hour of somebody's work costs; 0: not counted")


def change_of(recommendation: Recommendation) -> float | None:
    """The greatest share by which a size changes; `None` where nothing is sized, or one thing is put for another."""
    shares: list[float] = []
    for name, old in recommendation.current.items():
        new = recommendation.proposed.get(name, old)
        if isinstance(old, str) or isinstance(new, str):
            if old != new:
                return None
        elif old:
            shares.append(abs(new - old) / abs(old))
    return max(shares, default=None)


def too_small(recommendation: Recommendation, thresholds: Thresholds) -> str:
    """Why a recommendation is not worth it; empty if it is."""
    expected, currency = recommendation.saving.effective.expected, recommendation.saving.effective.currency
    if expected < thresholds.least_saving:
        return f"saves {expected:.2f} {currency} a month; {thresholds.least_saving:g} is the least"
    change = change_of(recommendation) if recommendation.kind in _SIZED else None
    if change is not None and change < thresholds.least_change:
        return f"changes the size by {change:.0%}; {thresholds.least_change:.0%} is the least"
    return ""


def stepped(recommendation: Recommendation, thresholds: Thresholds) -> Recommendation:
    """The first step of a cut that is too deep for one week, with the rest as a later step.

    What it saves is the part of the first step. Sizes that come in whole numbers are rounded up, so that a step which
    would round to nothing is none, and the whole cut is left as it is.
    """
    if recommendation.kind not in _SIZED:
        return recommendation
    proposed, shares = dict(recommendation.proposed), []
    for name, old in recommendation.current.items():
        new = recommendation.proposed.get(name)
        if isinstance(old, str) or new is None or isinstance(new, str) or old <= 0 or new >= old:
            continue
        least = old * (1 - thresholds.most_cut)
        if name in _WHOLE or recommendation.resource in _WHOLE:
            least = float(math.ceil(least - 1e-9))
        if new >= least or least >= old:
            shares.append(1.0)
            continue
        proposed[name] = least
        shares.append((old - least) / (old - new))
    if not shares or min(shares) >= 1.0:
        return recommendation
    share = min(shares)
    wanted = ", ".join(f"{name} {value:g}" for name, value in recommendation.proposed.items() if value != proposed[name]
                       and not isinstance(value, str))  # fmt: skip
    return recommendation.model_copy(
        update={
            "proposed": proposed,
            "saving": scaled_saving(recommendation.saving, share),
            "steps": (
                *recommendation.steps,
                f"at most {thresholds.most_cut:.0%} in one week: look again after a week, then go to {wanted}",
            ),
            "basis": (
                *recommendation.basis,
                Basis(what="share of the whole cut that this first step is", value=share, unit="share"),
            ),
        }
    )
