"""Arguments and result of `runbooks.match`."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ..spec import Args, OneLine, OutsideText, Result

_Text = Annotated[str, Field(min_length=1, max_length=512)]
_Long = Annotated[str, Field(min_length=1, max_length=4_000)]


class MatchArgs(Args):
    """The runbook for an alert, by its own link, by its name, or by what is known; or the one for what is suspected."""

    about: Literal["alert", "cause"] = Field(
        default="alert", description="cause: by the signs of the first entity and its changes, whoever's page it is"
    )
    signs: tuple[_Text, ...] = Field(
        default=(), max_length=10, strict=False, description="of a cause: what stands out there, most telling first"
    )
    alert: str | None = Field(default=None, max_length=256)
    entities: tuple[_Text, ...] = Field(default=(), max_length=10, strict=False)
    indicators: tuple[_Text, ...] = Field(default=(), max_length=10, strict=False)
    changes: tuple[_Text, ...] = Field(
        default=(), max_length=10, strict=False, description="kinds of the changes that are suspected, such as deploy"
    )
    alerts: str | None = Field(
        default=None, max_length=64, description="artifact of alerts.active, for links in labels and summaries"
    )
    links: tuple[Annotated[str, Field(min_length=1, max_length=2_000)], ...] = Field(
        default=(), max_length=10, strict=False, description="pages that the alert itself names"
    )
    summary: _Long | None = Field(default=None, description="what the alert says, in one line")
    description: _Long | None = Field(default=None, description="what it says at length")
    expression: _Long | None = Field(default=None, description="of its rule; counts where it says nothing else")


class MatchResult(Result):
    """The runbook that fits, and the step to start with; `elsewhere` names one that is not among ours."""

    runbooks: int = Field(description="runbooks there are")
    about: Literal["alert", "cause"] = Field(default="alert", description="what the runbook was looked for by")
    entity: OutsideText = Field(default="", description="the suspect, where it was looked for by the cause")
    matched_by: Literal["label", "name", "declared", "words", "elsewhere"] = Field(
        description="the alert's own link or its rule's, its name, the page's list of alerts, or words in common"
    )
    name: Annotated[OutsideText, OneLine(60)]
    title: Annotated[OutsideText, OneLine(40)]
    section: Annotated[OutsideText, OneLine(30)] = Field(description="where the step stands; empty if it has none")
    step: Annotated[OutsideText, OneLine(100)] = Field(description="the first step; empty if it has none")
    shared: Annotated[OutsideText, OneLine(40)] = Field(
        default="", description="what was asked for and the page speaks of, the most telling first"
    )
    also: tuple[Annotated[OutsideText, OneLine(40)], ...] = Field(
        default=(), description="pages of the same name in other places"
    )
    or_else: Annotated[OutsideText, OneLine(40)] = Field(
        default="", description="title of another page that fits about as well, where words decided"
    )
    or_else_purpose: Annotated[OutsideText, OneLine(40)] = Field(default="", description="what that page says first")
    verified: date | None = Field(default=None, description="the day on which somebody last went through it")
    changed: AwareDatetime | None = Field(default=None, description="when it last changed, if that is known")
    checked: int = Field(default=0, description="blocks that `runbooks.follow` can hand out")
