"""Arguments and results of the cost tools. Amounts are rounded to cents such that parts still add up."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from ..recommendations.types import Considered
from ..spec import Args, DerivedText, KeptText, OneLine, OutsideText, Result
from .invoice import InvoicePart
from .lines import CostBasis
from .periods import MovePart

GroupBy = Literal["team", "workload", "model", "country", "service"]
UnitBy = Literal["model", "country"]

_LONGEST = timedelta(days=400)


class Days(Args):
    """The days `[start, end)`, at most 400."""

    start: date = Field(strict=False)
    end: date = Field(strict=False, description="the day after the last")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _check(self.start, self.end)
        return self


def _check(start: date, end: date) -> None:
    if not timedelta(0) < end - start <= _LONGEST:
        raise ValueError("days end after they start, and there are at most 400 of them")


class DescribeArgs(Days):
    """What things cost in some days, by whom, and whether it ties to the invoices."""

    by: GroupBy = "team"
    limit: int = Field(default=15, ge=1, le=60, description="the rest is one group")


class DecomposeArgs(Args):
    """Why the cost of `[start, end)` is another than that of `[before_start, before_end)`."""

    before_start: date = Field(strict=False)
    before_end: date = Field(strict=False)
    start: date = Field(strict=False)
    end: date = Field(strict=False)
    by: GroupBy = "team"
    basis: CostBasis = "effective"
    team: str = Field(default="", max_length=100, description="only costs of this team")
    model: str = Field(default="", max_length=200)
    country: str = Field(default="", max_length=100)
    containing: str = Field(
        default="", max_length=100, description="only charges whose service, SKU, size or description contains this"
    )
    limit: int = Field(default=10, ge=1, le=100)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _check(self.before_start, self.before_end)
        _check(self.start, self.end)
        if self.before_end > self.start:
            raise ValueError("the earlier period ends before the later one starts")
        return self


class UnitArgs(Days):
    """What one unit of business costs."""

    by: tuple[UnitBy, ...] = Field(default=("model",), max_length=2, strict=False)
    basis: CostBasis = "effective"


class LlmArgs(Days):
    """What language models cost."""

    limit: int = Field(default=20, ge=1, le=200)


class RateUsed(Result):
    """An exchange rate: one `base` was `value` of `quote` on `day`."""

    base: KeptText
    quote: KeptText
    value: float
    day: date
    through: KeptText = ""


class NotExchanged(Result):
    """What is in no sum, because there is no rate for its days."""

    currency: KeptText
    billed: float
    lines: int


class CostGroup(Result):
    """What one team, workload, model, country or service cost; an empty name is what nobody owns."""

    name: Annotated[OutsideText, OneLine(30)]
    effective: float
    billed: float
    listed: float = Field(description="at list price, of what has one")
    share: float | None = Field(description="of the effective cost")


class InvoiceShown(Result):
    """One invoice, and what it is made of; the parts sum to `billed`."""

    issuer: Annotated[OutsideText, OneLine(20)]
    period: date
    currency: KeptText
    rows: int
    billed: float
    parts: dict[InvoicePart, float]
    residual: float = Field(description="billed less the parts: zero, or something was lost")
    invoice: float
    is_given: bool = Field(description="whether the invoice's own total was given; if not, it is the sum in cents")
    rounding: float = Field(description="invoice less the exact sum of the lines")
    ties: bool


class ProblemShown(Result):
    """Rows with the same thing wrong."""

    file: Annotated[OutsideText, OneLine(30)]
    what: DerivedText
    rows: int
    first_row: int
    is_set_aside: bool = Field(description="whether the rows are in no sum")


class ReplacedShown(Result):
    """An earlier delivery that a later one replaced."""

    file: Annotated[OutsideText, OneLine(30)]
    period: date
    rows: int
    billed: float
    currency: KeptText


class CommitmentShown(Result):
    """All commitments together; amounts at effective cost."""

    number: int
    coverage: float | None
    utilisation: float | None
    unused: float
    net_saving: float = Field(description="list cost of what they covered, less all that they cost")
    reservations_unused: float


class DescribeResult(Result):
    """What things cost: effective, billed and list side by side, and how it ties."""

    currency: KeptText
    days: int
    effective: float
    billed: float
    listed: float
    by: GroupBy
    groups: tuple[CostGroup, ...]
    rest: CostGroup | None = Field(description="of the groups that are not shown")
    invoices: tuple[InvoiceShown, ...]
    commitments: CommitmentShown
    shared_rules: tuple[Annotated[DerivedText, OneLine(40)], ...]
    own_usd: float | None = Field(description="what this toolkit's own model requests cost; beside the bill, not in it")
    rates: tuple[RateUsed, ...] = Field(description="the first and the last of each currency")
    not_exchanged: tuple[NotExchanged, ...]
    rows: int
    versions: tuple[KeptText, ...] = Field(description="of FOCUS, by the columns that are there")
    problems: tuple[ProblemShown, ...]
    replaced: tuple[ReplacedShown, ...]
    duplicate_rows: int = Field(description="equal to another in every column; they are in the sums")
    duplicate_billed: dict[str, float]


class PartShown(Result):
    """One reason, and how much of the difference it is."""

    part: MovePart
    amount: float


class GroupMoved(Result):
    """How the cost of a group moved, and why."""

    name: Annotated[OutsideText, OneLine(30)]
    before: float
    after: float
    difference: float
    parts: tuple[PartShown, ...]


class EvidenceRow(Result):
    """Where a charge stands in the bill."""

    file: Annotated[OutsideText, OneLine(30)]
    first_row: int
    rows: int


class Mover(Result):
    """A workload, or a service of an account, whose cost moved; what it used in the unit it is mainly billed in."""

    workload: Annotated[OutsideText, OneLine(30)]
    team: Annotated[OutsideText, OneLine(20)]
    service: Annotated[OutsideText, OneLine(30)]
    before: float
    after: float
    difference: float
    parts: tuple[PartShown, ...]
    unit: Annotated[OutsideText, OneLine(10)]
    quantity_before: float
    quantity_after: float
    evidence: tuple[EvidenceRow, ...]


class DecomposeResult(Result):
    """Why a bill moved. The parts sum to the difference, to the cent."""

    currency: KeptText
    basis: CostBasis
    before_days: int
    days: int
    before: float
    after: float
    difference: float
    change: float | None = Field(description="relative to before")
    parts: tuple[PartShown, ...]
    by: GroupBy
    groups: tuple[GroupMoved, ...]
    movers: tuple[Mover, ...]
    bill_first: date | None = Field(description="first day that the bill has; a period may begin before it")
    bill_last: date | None
    is_idle_known: bool = Field(description="whether usage told what was idle; without it, waste is unused commitments")
    not_exchanged: tuple[NotExchanged, ...]


class UnitShown(Result):
    """What a number of units cost."""

    measure: Annotated[OutsideText, OneLine(20)]
    per: int
    model: Annotated[OutsideText, OneLine(30)]
    country: Annotated[OutsideText, OneLine(10)]
    unit_cost: float | None
    cost: float
    count: float
    weekly_trend: float | None = Field(description="relative change a week, over whole weeks")
    weeks: int


class UnitResult(Result):
    """Unit costs, the costliest first."""

    currency: KeptText
    basis: CostBasis
    units: tuple[UnitShown, ...]
    not_exchanged: tuple[NotExchanged, ...]


class ModelUseShown(Result):
    """What one team asked of one model for one use."""

    team: Annotated[OutsideText, OneLine(20)]
    use: Annotated[OutsideText, OneLine(20)]
    model: Annotated[OutsideText, OneLine(20)]
    requests: int
    tokens_in: int
    tokens_cached: int
    tokens_out: int
    usd: float
    repeated: int


class LlmResult(Result):
    """What language models cost, and what-ifs that say what they assume."""

    usd: float
    requests: int
    uses: tuple[ModelUseShown, ...]
    considered: Considered
