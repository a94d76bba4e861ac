"""Arguments and results of the outcome tools."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ..spec import OneLine, OutsideText, Result
from ..windows import ComparedWindows

OutcomeClass = Literal["approved", "declined", "blocked", "error", "chargeback", "fraud_report", "other"]
"""`blocked`: declined by our own rules; `error`: nobody decided; `fraud_report`: the issuer's word, which no money
follows by itself; `other`: no attempt."""

CodeGroup = Literal["business", "technical", "authentication", "rules", "other"]
"""Who is behind a decline: the issuer's decision, a system that failed, a proof that failed, our own rules."""

Measure = Literal["approval", "chargeback"]
Direction = Literal["fell", "rose"]
Why = Literal["rate", "mix", "none"]


class SegmentsArgs(ComparedWindows):
    """Compare approvals and declines with a quiet time, segment by segment."""

    limit: int = Field(default=6, ge=1, le=50)


class Money(Result):
    """An amount in the smallest unit of its currency; currencies are never added up."""

    currency: OutsideText
    amount_minor: int


class Dimension(Result):
    """One condition of a segment."""

    name: Annotated[OutsideText, OneLine(12)]
    value: Annotated[OutsideText, OneLine(20)]


class CodeShift(Result):
    """A kind of decline of which a segment saw more: how many of a hundred attempts, and how many in all."""

    outcome: Annotated[OutsideText, OneLine(12)]
    code: Annotated[OutsideText, OneLine(12)]
    group: CodeGroup
    share_before: float
    share_after: float
    extra: int = Field(description="payments beyond what the quiet share would give")


class Segment(Result):
    """Payments with something in common whose rate changed, and no smaller or larger group explains it better.

    An empty tuple of conditions means all payments.
    """

    conditions: tuple[Dimension, ...]
    measure: Measure
    direction: Direction
    attempts: int
    rate_before: float = Field(description="of the quiet time, at the mix of the window")
    rate_after: float
    score: float = Field(description="how many times its usual wobble the rate moved")
    payments_lost: int = Field(description="against expectation; below zero if there were more approvals")
    payments_lost_low: int
    payments_lost_high: int
    money_lost: tuple[Money, ...]
    codes: tuple[CodeShift, ...]
    since: AwareDatetime | None
    is_attack: bool = Field(description="the attempts are a card-testing burst, so nothing was lost that was honest")


class Burst(Result):
    """Many more attempts than usual, nearly all declined and for small amounts: cards are being tested."""

    conditions: tuple[Dimension, ...]
    extra_attempts: int
    extra_declined_share: float
    amount_ratio: float = Field(description="mean amount of the extra declines over the usual mean amount")
    score: float
    since: AwareDatetime | None


class SegmentsResult(Result):
    """Rates as a whole, and the fewest segments that explain what changed.

    `rate_at_old_rates` is what the window's mix would have had at the rates of the quiet time: the difference to
    `rate_before` is mix, the difference to `rate_after` is a change of rates.
    """

    payments_before: int
    payments_after: int
    rate_before: float
    rate_after: float
    rate_at_old_rates: float
    why: Why = Field(description="what moved the overall rate, if it moved: rates within segments or the mix of them")
    mix_dimension: Annotated[OutsideText, OneLine(40)] | None = Field(description="what shifted the mix most")
    payments_lost: int
    money_lost: tuple[Money, ...]
    slices_compared: int
    slices_changed: int
    segments: tuple[Segment, ...]
    bursts: tuple[Burst, ...]
