"""Arguments and results of `outcomes.explain`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ..spec import DerivedText, OneLine, OutsideText, Result
from ..windows import ComparedWindows
from .types import Dimension, Money

Verdict = Literal["model_broke", "own_rules", "provider_down", "world_changed", "attack", "nothing"]
"""What it comes down to. `provider_down`: whoever stands between us and the money: a provider, an issuer, 3-D Secure.
`world_changed`: payers or issuers behave in another way, and nobody's system is at fault."""

SituationName = Literal[
    "provider_outage",
    "issuer_outage",
    "platform_failure",
    "authentication_failure",
    "model_declines",
    "rule_declines",
    "issuer_declines",
    "card_testing",
    "retry_storm",
    "mix_shift",
    "chargebacks_rose",
    "unexplained",
]


class ExplainArgs(ComparedWindows):
    """Tell apart why fewer payments are approved than in a quiet time."""

    features: str | None = Field(default=None, max_length=128, description="artifact of `features.health`")
    models: str | None = Field(default=None, max_length=128, description="artifact of `models.health`")
    notices: str | None = Field(default=None, max_length=128, description="artifact of `changes.notices`")
    changes: str | None = Field(default=None, max_length=128, description="artifact of `changes.recent`")


class Situation(Result):
    """One thing that goes on, by its name, with what speaks for it."""

    name: SituationName
    verdict: Verdict
    conditions: tuple[Dimension, ...]
    payments: int = Field(description="that it concerns: lost approvals, or extra attempts of a burst")
    payments_low: int
    payments_high: int
    money: tuple[Money, ...]
    since: AwareDatetime | None
    evidence: tuple[DerivedText, ...]
    named: tuple[Annotated[OutsideText, OneLine(20)], ...] = Field(
        description="codes, versions and deciders that the evidence speaks of, as they are in the data"
    )


class FalseDeclines(Result):
    """Payments that our own rules or model declined beyond their quiet share."""

    payments: int
    payments_low: int
    payments_high: int
    would_pass: float = Field(description="share of the others in these segments that issuers approve")
    money: tuple[Money, ...]
    bias: DerivedText


class ExplainResult(Result):
    """What goes on among payments, and what it comes down to."""

    verdict: Verdict
    rate_before: float
    rate_after: float
    situations: tuple[Situation, ...]
    false_declines: FalseDeclines | None
    not_looked_at: tuple[DerivedText, ...]
