"""Arguments and results of the runbook tools."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field

from ..spec import Args, OneLine, OutsideText, Paragraphs, Result

READ_TOKENS = 1_500


class SearchArgs(Args):
    """Words of the problem, in English, Spanish or Portuguese: the alert's name, what it says, the symptom."""

    query: str = Field(min_length=2, max_length=1_000)
    limit: int = Field(default=3, ge=1, le=5)


class Hit(Result):
    """A runbook and its section that fits best."""

    name: Annotated[OutsideText, OneLine(60)]
    title: Annotated[OutsideText, OneLine(40)]
    section: Annotated[OutsideText, OneLine(30)]
    snippet: Annotated[OutsideText, OneLine(120)]
    score: float = Field(description="comparable within one search only")
    is_suitable: bool = Field(description="whether it is about the question; else it is only the nearest")
    shared: Annotated[OutsideText, OneLine(40)] = Field(
        default="", description="what was asked for and the page speaks of, the most telling first"
    )
    also: tuple[Annotated[OutsideText, OneLine(40)], ...] = Field(
        default=(), description="pages of the same name in other places"
    )
    verified: date | None = Field(default=None, description="the day on which somebody last went through it")
    changed: AwareDatetime | None = Field(default=None, description="when it last changed, if that is known")
    purpose: Annotated[OutsideText, OneLine(40)] = Field(
        default="", description="what it says first, where it is one of those that fit alike"
    )


class SearchResult(Result):
    """How many runbooks there are, how many share a telling word with the query (at most 40), and the best.

    With `suitable` at 0 there is no suitable runbook; the hits are then the nearest ones.
    """

    runbooks: int
    matched: int
    suitable: int = Field(description="of the hits")
    alike: int = Field(
        default=1, description="so many of the hits fit about alike, from the first: words do not decide between them"
    )
    hits: tuple[Hit, ...]


class ReadArgs(Args):
    """One runbook by the name that `runbooks.search` gave."""

    name: str = Field(min_length=1, max_length=512)


class ReadResult(Result):
    """The text of a runbook, its middle left out if it is long."""

    name: Annotated[OutsideText, OneLine(60)]
    title: Annotated[OutsideText, OneLine(60)]
    characters: int
    text: Annotated[OutsideText, Paragraphs(READ_TOKENS)]
