"""Arguments and results of the runbook tools."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ..spec import Args, OneLine, OutsideText, Paragraphs, Result

READ_TOKENS = 1_500


class SearchArgs(Args):
    """Words of the problem: the alert's name, the entity, the symptom."""

    query: str = Field(min_length=2, max_length=1_000)
    limit: int = Field(default=3, ge=1, le=5)


class Hit(Result):
    """A runbook and its section that fits best."""

    name: Annotated[OutsideText, OneLine(60)]
    title: Annotated[OutsideText, OneLine(40)]
    section: Annotated[OutsideText, OneLine(30)]
    snippet: Annotated[OutsideText, OneLine(120)]
    score: float = Field(description="BM25; comparable within one search only")


class SearchResult(Result):
    """How many runbooks share a word with the query, and the best."""

    runbooks: int
    matched: int
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
