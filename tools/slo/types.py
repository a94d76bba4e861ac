"""Arguments and result of `slo.burn`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..spec import DerivedText, OneLine, OutsideText, Result
from ..windows import EntityRange

SloState = Literal["page", "ticket", "within", "no_data", "error"]
"""`page`: burning so fast that a person is woken. `ticket`: too fast, and it can wait. `within`: neither.
`no_data`: the metrics hold nothing to read it from. `error`: it is declared in a way that cannot be read."""


class BurnArgs(EntityRange):
    """Burn rates at the end of an incident, and before its start; of every objective or of some entities'."""


class WindowRate(Result):
    """The burn rate of one window; 1 uses the budget up exactly at the end of the objective's window."""

    window_s: int
    rate: float | None = Field(description="null if no sample came from the window")
    covered: float = Field(description="share of the window that samples came from")


class SloBurn(Result):
    """One objective and the state of its error budget."""

    entity: Annotated[OutsideText, OneLine(40)]
    name: Annotated[OutsideText, OneLine(30)]
    objective: float | None = Field(description="share of good that is promised")
    window_s: int | None = Field(description="seconds over which it is promised")
    state: SloState
    basis: Literal["requests", "time"] | None = Field(
        default=None, description="whether requests are counted, or every sample alike"
    )
    rates: tuple[WindowRate, ...] = ()
    rate_before: float | None = Field(default=None, description="burn rate before the incident")
    budget_spent: float | None = Field(
        default=None, description="share of the budget that is used up, at least: time without samples counts as good"
    )
    seen: float | None = Field(default=None, description="share of the objective's window that samples came from")
    left_s: float | None = Field(
        default=None, description="seconds that the rest lasts at the rate of the last half hour; null: it does not end"
    )
    problem: DerivedText = Field(default="", description="why it could not be read")


class BurnResult(Result):
    """How many objectives there are, and those that burn fastest, the most urgent first."""

    slos: int
    paging: int
    ticketing: int
    within: int
    without_data: int
    unreadable: int
    objectives: tuple[SloBurn, ...]
