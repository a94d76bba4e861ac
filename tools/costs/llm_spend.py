"""What language models cost, by team, use and model, and what a cache or a cheaper model would save, as a what-if."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from ..recommendations.types import (
    Basis,
    Considered,
    Estimate,
    Held,
    Recommendation,
    Risk,
    Saving,
    recommendation_id,
)
from .prices import HOURS_OF_MONTH

_LEAST_REQUESTS = 100
"""With fewer, one busy afternoon decides the shares."""
_LEAST_SAVING_USD = 1.0
_CACHE_HIT_LOW = 0.5
"""Repeated requests are an upper bound: some come after a cache would have let go, or must be answered anew."""


@dataclass(frozen=True)
class ModelUse:
    """What one team asked of one model for one use, in some time.

    Args:
        use: what it was for: an agent role, or what the record says.
        tokens_in: those read from the provider's cache included.
        cost_microusd: millionths of a US dollar.
        repeated: requests equal to an earlier one of the same team and use.
    """

    team: str
    use: str
    model: str
    requests: int = 0
    tokens_in: int = 0
    tokens_cached: int = 0
    tokens_out: int = 0
    cost_microusd: int = 0
    repeated: int = 0

    def plus(self, other: ModelUse) -> ModelUse:
        """Both together, under the name of the first."""
        return replace(
            self,
            requests=self.requests + other.requests,
            tokens_in=self.tokens_in + other.tokens_in,
            tokens_cached=self.tokens_cached + other.tokens_cached,
            tokens_out=self.tokens_out + other.tokens_out,
            cost_microusd=self.cost_microusd + other.cost_microusd,
            repeated=self.repeated + other.repeated,
        )


class ModelUseReader(Protocol):
    """Records of requests to language models."""

    def model_uses(self, start: datetime, end: datetime) -> tuple[ModelUse, ...]:
        """What was asked of models from `start` to before `end`, by team, use and model.

        Raises:
            LedgerError: the records cannot be read.
        """
        ...


def by_team_use_model(uses: Iterable[ModelUse]) -> tuple[ModelUse, ...]:
    """One entry for each team, use and model, the costliest first."""
    found: dict[tuple[str, str, str], ModelUse] = {}
    for use in uses:
        key = (use.team, use.use, use.model)
        found[key] = found[key].plus(use) if key in found else use
    return tuple(sorted(found.values(), key=lambda use: (-use.cost_microusd, use.team, use.use, use.model)))


@dataclass(frozen=True)
class Span:
    """The time that uses are of, and where."""

    environment: str
    start: datetime
    end: datetime

    @property
    def months(self) -> float:
        """In months of 730 hours."""
        return max((self.end - self.start).total_seconds() / 3600 / HOURS_OF_MONTH, 1e-9)


def llm_opportunities(
    uses: Iterable[ModelUse], span: Span, cheaper: Mapping[str, tuple[str, float]] | None = None
) -> Considered:
    """What a cache would save, and what a cheaper model would; both are what-ifs that say what they assume.

    Args:
        uses: of `span`.
        span: the time and the environment.
        cheaper: per model, another one that the operator deems good enough for some uses, and its price as a share
            of the first one's. There is no such pair that we know by ourselves: which answers suffice is not in
            any record.
    """
    found: list[Recommendation] = []
    left: list[Held] = []
    for use in by_team_use_model(uses):
        subject = f"{use.team}/{use.use}/{use.model}"
        if use.requests < _LEAST_REQUESTS:
            left.append(_held(subject, "cache", "short_history", f"{use.requests} requests"))
            continue
        cached = _cache(use, subject, span)
        if cached is not None:
            found.append(cached)
        else:
            left.append(_held(subject, "cache", "too_small", "few requests are repeated, or they cost next to nothing"))
        other = (cheaper or {}).get(use.model)
        if other is not None and 0 <= other[1] < 1:
            found.append(_other_model(use, subject, span, *other))
    return Considered(recommendations=tuple(found), held=tuple(left))


def _held(subject: str, resource: str, reason: str, detail: str) -> Held:
    return Held.model_validate(
        {"kind": "llm", "subject": subject, "resource": resource, "reason": reason, "detail": detail}
    )


def _cache(use: ModelUse, subject: str, span: Span) -> Recommendation | None:
    rate = use.repeated / use.requests
    monthly = use.cost_microusd / 1e6 / span.months
    if monthly * rate < _LEAST_SAVING_USD:
        return None
    why = (
        f"what if answers were kept: {rate:.0%} of {use.requests} requests repeat an earlier one; "
        "assumes each costs the mean, and that half to all repeats may be answered from a cache"
    )
    expected = monthly * rate * (1 + _CACHE_HIT_LOW) / 2
    saving = (expected, monthly * rate * _CACHE_HIT_LOW, monthly * rate)
    return _what_if(use, subject, span, "cache", saving, why, {"cache": "off"}, {"cache": "on"})


def _other_model(use: ModelUse, subject: str, span: Span, model: str, price: float) -> Recommendation:
    monthly = use.cost_microusd / 1e6 / span.months
    why = (
        f"what if {model} answered: its price is {price:.0%} of the present one; assumes that it needs as many tokens "
        "and answers well enough, which an evaluation has to show first"
    )
    saving = (monthly * (1 - price), 0.0, monthly * (1 - price))
    return _what_if(use, subject, span, "model", saving, why, {"model": use.model}, {"model": model})


def _what_if(
    use: ModelUse,
    subject: str,
    span: Span,
    resource: str,
    saving: tuple[float, float, float],
    why: str,
    current: dict[str, float | str],
    proposed: dict[str, float | str],
) -> Recommendation:
    expected, low, high = saving
    amount = Estimate(currency="USD", period="month", expected=expected, low=low, high=high)
    nothing = Estimate(currency="USD", period="month", expected=0.0, low=0.0, high=0.0)
    return Recommendation(
        id=recommendation_id("llm", span.environment, subject, resource),
        kind="llm",
        subject=subject,
        resource=resource,
        team=use.team,
        owner=None,
        environment=span.environment,
        criticality="normal",
        current=current,
        proposed=proposed,
        unit="",
        saving=Saving(effective=amount, listed=amount, bill=amount, freed=nothing),
        risk=Risk(probability=None, low=0.0, high=1.0, of="answers that no longer suffice: not measured", weeks=0),
        why=why,
        basis=(
            Basis(what="requests", value=use.requests, unit="requests"),
            Basis(what="repeated", value=use.repeated, unit="requests"),
            Basis(what="tokens in", value=use.tokens_in, unit="tokens"),
            Basis(what="tokens out", value=use.tokens_out, unit="tokens"),
            Basis(what="cost", value=use.cost_microusd / 1e6, unit="USD"),
        ),
        history_start=span.start.astimezone(UTC),
        history_end=span.end.astimezone(UTC),
        coverage=1.0,
        effort_hours=4.0,
        reversal="at_once",
    )
