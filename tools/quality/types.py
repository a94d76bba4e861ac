"""Arguments and results of `quality.check`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..spec import Args, DerivedText, OneLine, OutsideText, Result
from .naming import Fault


class CheckArgs(Args):
    """Judge the newest day of a table by its rules and its past."""

    table: str = Field(min_length=1, max_length=200)
    limit: int = Field(default=10, ge=1, le=100)


class NamedFault(Result):
    """One thing that is wrong with a day."""

    fault: Fault
    columns: Annotated[OutsideText, OneLine(60)] = Field(description="that it concerns; empty for the whole table")
    what: DerivedText
    value: float | None
    usual: float | None = Field(description="over the past days")
    reach: float = Field(description="share of the day's rows that it concerns")
    words: Annotated[OutsideText, OneLine(60)] = Field(description="values of the data that belong to it")


class CheckResult(Result):
    """What is wrong with a day; nothing found means that every rule holds."""

    table: Annotated[OutsideText, OneLine(60)]
    day: Annotated[OutsideText, OneLine(40)]
    rows: int
    rules: int = Field(description="rules that were looked at")
    past_days: int
    found: int
    faults: tuple[NamedFault, ...]
