"""Arguments and results of the change tools."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from ..spec import OneLine, OutsideText, Result, TimeRange
from ..windows import ComparedWindows, EntityRange


class RecentArgs(EntityRange):
    """Changes in the time before a window and in it; `start` and `end` are the window's."""

    lookback_s: int = Field(default=86_400, ge=0, le=31 * 86_400, description="how far before the window to look")
    kinds: tuple[str, ...] = Field(default=(), max_length=20, strict=False, description="such as deploy, config, flag")
    limit: int = Field(default=12, ge=1, le=50)


class Change(Result):
    """One change; what it altered in detail is in the artifact."""

    ts: AwareDatetime
    before_start_s: int = Field(
        description="seconds from the change to the start of the window; below zero if inside it"
    )
    entity: Annotated[OutsideText, OneLine(40)]
    kind: Annotated[OutsideText, OneLine(20)]
    id: Annotated[OutsideText, OneLine(30)]
    summary: Annotated[OutsideText, OneLine(50)]
    author: Annotated[OutsideText, OneLine(20)]


class KindCount(Result):
    """How many changes of one kind there are."""

    kind: Annotated[OutsideText, OneLine(20)]
    count: int


class RecentResult(Result):
    """How many changes there are, and the newest."""

    changes: int
    in_window: int
    kinds: tuple[KindCount, ...]
    newest: tuple[Change, ...]


class SymptomsArgs(ComparedWindows):
    """Compare the words of log lines in a window with those of a quiet time before it."""


class SymptomsResult(Result):
    """How many words are new or more frequent.

    The words stay in the artifact: cut to stems they would pass redaction, whatever they were part of.
    """

    words: int
    lines_read: int


class VersionsArgs(ComparedWindows):
    """Compare the newest version of every entity with the older ones in the same minutes of a window."""

    limit: int = Field(default=8, ge=1, le=40)


class VersionPair(Result):
    """One metric of two versions that ran side by side."""

    entity: OutsideText
    metric: Annotated[OutsideText, OneLine(30)]
    newer: Annotated[OutsideText, OneLine(20)]
    minutes: int
    newer_level: float
    older_level: float
    effect: float = Field(description="how much worse the newer one is, in units of what older instances differ by")
    p_worse: float = Field(description="the chance of so many worse minutes if both were equal")


class VersionsResult(Result):
    """How many entities ran several versions, and where the newer one does worst."""

    entities_compared: int
    entities_with_one_version: int
    worse: tuple[VersionPair, ...]


class NoticesArgs(TimeRange):
    """What others say happened in a stretch of time and shortly before it."""

    lookback_s: int = Field(default=3_600, ge=0, le=7 * 86_400, description="how far before the start to look")
    limit: int = Field(default=8, ge=1, le=40)


class NoticeSeen(Result):
    """One notice."""

    ts: AwareDatetime
    entity: Annotated[OutsideText, OneLine(30)]
    kind: Annotated[OutsideText, OneLine(12)]
    reason: Annotated[OutsideText, OneLine(20)]
    message: Annotated[OutsideText, OneLine(40)]


class NoticesResult(Result):
    """How many notices there are, and the first of them; those of status pages before those of a cluster."""

    notices: int
    from_status_pages: int
    first: tuple[NoticeSeen, ...]
