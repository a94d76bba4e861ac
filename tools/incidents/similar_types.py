"""Arguments and result of `incidents.similar`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ..spec import Args, OneLine, OutsideText, Result
from .past import ReportWas

_Names = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=512)], ...], Field(max_length=50, strict=False)]


class SimilarArgs(Args):
    """What is known of the incident at hand; only incidents that began before it are compared."""

    before: AwareDatetime = Field(strict=False, description="when the incident began")
    alert: str | None = Field(default=None, max_length=256)
    entities: _Names = ()
    indicators: _Names = Field(default=(), description="metrics that moved")
    patterns: _Names = Field(default=(), description="log patterns that are new or surged")
    changes: _Names = Field(default=(), description="kinds of changes before it")
    limit: int = Field(default=3, ge=1, le=10)


class Similar(Result):
    """One past incident."""

    id: Annotated[OutsideText, OneLine(40)] = Field(description="the run, or the postmortem's file")
    source: Literal["run", "postmortem"]
    at: AwareDatetime | None
    title: Annotated[OutsideText, OneLine(40)]
    similarity: float = Field(description="0 to 1: weight of what is shared over the weight of what either has")
    shared: tuple[Annotated[OutsideText, OneLine(40)], ...] = Field(description="what they share, the rarest first")
    cause: Annotated[OutsideText, OneLine(80)] = Field(description="empty if none is known")
    is_confirmed: bool = Field(description="whether people say so, rather than an earlier triage")
    report_was: ReportWas | None = Field(
        default=None, description="what people say of the report that a triage made of it then"
    )
    resolution: Annotated[OutsideText, OneLine(80)] = Field(description="what solved it; empty if that is not known")


class Before(Result):
    """How often the same alert, at one of the same entities, came to nothing before."""

    looked_at: int = Field(description="past incidents and triages of it")
    nothing_wrong: int = Field(description="of these, nothing was out of order")
    by_people: int = Field(description="of these, people say so, rather than the triage alone")
    last: AwareDatetime = Field(description="when the last of these began")


class SimilarResult(Result):
    """How many incidents were compared, and those that are alike, the most alike first."""

    compared: int
    alike: tuple[Similar, ...]
    false_alarms: Before | None = Field(default=None, description="null if the alert never came to nothing")
