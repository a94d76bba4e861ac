"""Arguments and results of the log tools."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ..spec import Args, OneLine, OutsideText, Result
from ..windows import ComparedWindows, EntityRange
from .families import Family
from .levels import Level

PatternKind = Literal["new", "surged", "vanished", "steady"]
"""`new`: not in the baseline. `surged`: three wobbles more often, or more. `vanished`: all but gone. Else `steady`."""


class SearchArgs(EntityRange):
    """Lines in a time range."""

    contains: str | None = Field(
        default=None, min_length=1, max_length=256, description="plain text that the line holds, upper or lower case"
    )
    levels: tuple[Literal["error", "warning", "info", "debug"], ...] = Field(default=(), strict=False)
    limit: int = Field(default=10, ge=1, le=50)


class Line(Result):
    """One line, shortened; `logs.read` gives all of it."""

    id: OutsideText
    ts: AwareDatetime
    entity: Annotated[OutsideText, OneLine(40)]
    level: Level
    body: Annotated[OutsideText, OneLine(50)]


class SearchResult(Result):
    """How many lines match, and some of them in order of time: the first and the last if not all are shown."""

    lines_matched: int
    lines: tuple[Line, ...]


class ReadArgs(Args):
    """Whole lines by the ids that `logs.search` and `logs.patterns` gave."""

    ids: tuple[str, ...] = Field(min_length=1, max_length=10, strict=False)


class WholeLine(Line):
    """One line with everything that was recorded with it."""

    body: Annotated[OutsideText, OneLine(900, together=900)]
    attributes: dict[Annotated[str, OneLine(20)], Annotated[OutsideText, OneLine(60, together=200)]]
    trace_id: Annotated[OutsideText, OneLine(16)] | None
    span_id: Annotated[OutsideText, OneLine(16)] | None


class ReadResult(Result):
    """The lines that exist, in order of time."""

    lines: tuple[WholeLine, ...]


class PatternsArgs(ComparedWindows):
    """Compare which kinds of lines each entity wrote with a quiet time before."""

    limit: int = Field(default=8, ge=1, le=50)


class Pattern(Result):
    """One kind of line of one entity.

    `score` counts usual wobbles, above zero for more and below for fewer; null where nothing is known of the past.
    """

    entity: Annotated[OutsideText, OneLine(40)]
    template: Annotated[OutsideText, OneLine(50)]
    level: Level = Field(description="the level most of its lines carry")
    kind: PatternKind | None
    score: float | None
    count_before: int
    count_after: int
    errors_after: int = Field(
        description="lines of the window at level error, or without a level and speaking of failure"
    )
    family: Family | None = Field(description="what kind of failure it speaks of")
    thrown: Annotated[OutsideText, OneLine(30)] | None = Field(
        description="exception and innermost own frame, if its example has a stack trace"
    )
    first_seen: AwareDatetime
    last_seen: AwareDatetime
    example_id: OutsideText
    example: Annotated[OutsideText, OneLine(40)]


class PatternsResult(Result):
    """The patterns that changed most, trouble first, and how many there are of each kind."""

    lines_before: int
    lines_after: int
    patterns: int
    patterns_new: int
    patterns_surged: int
    patterns_vanished: int
    top: tuple[Pattern, ...]
