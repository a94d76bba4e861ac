"""Programmes in which a scheme counts what comes back of payments: what counts, over what, from when, and its lines.

Their numbers change every few months and differ by region and contract, so they are a file that people keep, and none
is here.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ...core.errors import InputError
from ..plain_yaml import DocumentError, only_document
from .cohort_types import CountedClass

_Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
_Values = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=128)], ...], Field(min_length=1, max_length=50)]
_Conditions = Annotated[dict[Annotated[str, Field(min_length=1, max_length=64)], _Values], Field(max_length=8)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LeastAmount(_Entry):
    """An amount that has to come back before a line counts, in the smallest unit of one currency."""

    currency: str = Field(min_length=3, max_length=3)
    amount_minor: int = Field(gt=0)


class Tier(_Entry):
    """A line: a month is over it if everything that is given here is reached, on months that begin in its time.

    Args:
        ratio: counted over payments, 0.015 for 150 basis points.
        at_least: counted in the month.
        at_least_payments: payments that it is divided by.
        least_amount: of what is counted.
    """

    name: _Name
    since: date
    until: date | None = Field(default=None, description="the first month for which it no longer holds")
    ratio: float = Field(gt=0, lt=1)
    at_least: int = Field(default=1, ge=1)
    at_least_payments: int = Field(default=0, ge=0)
    least_amount: LeastAmount | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.until is not None and self.until <= self.since:
            raise ValueError("`until` is after `since`")
        return self

    def holds(self, month: date) -> bool:
        """Whether it holds in the month that begins on this day."""
        return self.since <= month and (self.until is None or month < self.until)


class Programme(_Entry):
    """What a scheme counts in a calendar month.

    Args:
        source: where people read its rules, and when.
        where: dimension: values; payments and what came back have to meet one of each.
        counts: classes of outcomes, in the month in which they came.
        only: dimension: values of which what came back has to meet one, such as the reasons of fraud.
        without: dimension: values of what came back that is not counted, such as a refund that went before.
        over: approved payments of the same month, or of the one before.
        warn_at: probability from which the daily check speaks of it.
    """

    name: _Name
    source: str = Field(min_length=1, max_length=500)
    where: _Conditions = Field(default_factory=dict)
    counts: Annotated[tuple[CountedClass, ...], Field(min_length=1, max_length=2)]
    only: _Conditions = Field(default_factory=dict)
    without: _Conditions = Field(default_factory=dict)
    over: Literal["same_month", "previous_month"]
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1, max_length=20)]
    warn_at: float = Field(default=0.2, gt=0, lt=1)


class ProgrammeBook(_Entry):
    """All programmes of one file."""

    version: Literal[1]
    programmes: Annotated[tuple[Programme, ...], Field(min_length=1, max_length=50)]

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        names = [each.name for each in self.programmes]
        if len(set(names)) < len(names):
            raise ValueError("two programmes have the same name")
        return self


def read_programmes(text: str) -> ProgrammeBook:
    """The book in a text.

    Raises:
        InputError: it is none.
    """
    try:
        return only_document(text, ProgrammeBook)
    except DocumentError as error:
        raise InputError(
            f"this is no file of programmes: {error}", remedy="docs/payments.md has one to begin with"
        ) from error
