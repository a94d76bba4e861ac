"""Arguments and results of `outcomes.chargebacks` and `outcomes.programmes`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ..spec import Args, DerivedText, KeptText, OneLine, OutsideText, Result
from .types import Dimension, Money

CountedClass = Literal["chargeback", "fraud_report"]
"""What comes back of a payment: the money, or only the issuer's word that it was fraud."""

BreachState = Literal["over", "likely", "at_risk", "clear", "unknown"]
"""`over`: past both lines already. `likely`: in more than half of the cases. `unknown`: it cannot be told, which is no
health."""


class ChargebacksArgs(Args):
    """Compare what came back of the payments of each week with the weeks before it, at equal age."""

    until: AwareDatetime = Field(strict=False, description="what came later is not looked at")
    weeks: int = Field(default=40, ge=6, le=104, description="of payments that are looked at")
    recent_weeks: int = Field(default=8, ge=1, le=26, description="the newest weeks, which are judged")
    counts: CountedClass = "chargeback"
    limit: int = Field(default=10, ge=1, le=50)


class Cohort(Result):
    """The payments of one week, and what came back of them so far.

    `expected` is what earlier weeks had at the same age. `ultimate` is what will have come when the longest delay seen
    is over, with 95 %.
    """

    week: date = Field(description="its first day")
    payments: int
    returned: int
    money: tuple[Money, ...]
    developed: float = Field(description="share of all that will come that usually has come at this age")
    expected: float | None = Field(description="none without earlier weeks to compare with")
    ultimate: float
    ultimate_low: float
    ultimate_high: float
    is_worse: bool


class WorseSegment(Result):
    """Payments of one week with something in common, more of which came back than of earlier weeks at equal age."""

    week: date
    condition: Dimension
    payments: int
    returned: int
    expected: float


class Development(Result):
    """How much of all that comes has come so many weeks after the payment."""

    weeks: int
    share: float


class ChargebacksResult(Result):
    """The newest weeks first."""

    until: date
    cohorts: tuple[Cohort, ...]
    worse: tuple[WorseSegment, ...]
    worse_weeks: int
    judged_weeks: int
    development: tuple[Development, ...]
    longest_delay_weeks: int = Field(description="what comes later is in no figure")
    undated_share: float = Field(description="of what came back, without the day of its payment")
    not_looked_at: tuple[DerivedText, ...]


class ProgrammesArgs(Args):
    """Foretell whether this month and the next close over a line of a scheme's programme."""

    until: AwareDatetime = Field(strict=False, description="what came later is not looked at")
    programmes: tuple[str, ...] = Field(default=(), max_length=50, strict=False, description="all if empty")


class Forecast(Result):
    """One tier of a programme in one month.

    `allowed` more may come in this month without crossing it; below zero it is crossed. `probability` is that of the
    month closing over, `counted_low` and `counted_high` hold with 90 %.
    """

    programme: KeptText
    tier: KeptText
    month: date = Field(description="its first day")
    state: BreachState
    probability: float | None
    counted: int
    counted_low: float | None
    counted_high: float | None
    payments: float | None = Field(description="by which the count is divided, expected for the whole month")
    ratio: float | None = Field(description="expected at the end of the month")
    limit_ratio: float
    limit_count: int
    allowed: int | None
    why: Annotated[OutsideText, OneLine(40)]


class ProgrammesResult(Result):
    """What is nearest to its line first."""

    until: date
    forecasts: tuple[Forecast, ...]
    in_trouble: int
    unknown: int
