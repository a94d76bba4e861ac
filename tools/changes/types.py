"""Arguments and results of the change tools."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, Field

from ..spec import OneLine, OutsideText, Result
from ..windows import EntityRange


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
