"""Arguments and result of `runbooks.match`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ..spec import Args, OneLine, OutsideText, Result

_Text = Annotated[str, Field(min_length=1, max_length=512)]


class MatchArgs(Args):
    """The runbook for an alert: by its own link, by its name, or by what is known of the incident."""

    alert: str | None = Field(default=None, max_length=256)
    entities: tuple[_Text, ...] = Field(default=(), max_length=10, strict=False)
    indicators: tuple[_Text, ...] = Field(default=(), max_length=10, strict=False)
    alerts: str | None = Field(
        default=None, max_length=64, description="artifact of alerts.active, for links in labels"
    )


class MatchResult(Result):
    """The runbook that fits, and the step to start with; `elsewhere` names one that is not among ours."""

    runbooks: int = Field(description="runbooks there are")
    matched_by: Literal["label", "name", "words", "elsewhere"] = Field(
        description="the alert's own link, the alert's name, or words in common"
    )
    name: Annotated[OutsideText, OneLine(60)]
    title: Annotated[OutsideText, OneLine(40)]
    section: Annotated[OutsideText, OneLine(30)] = Field(description="where the step stands; empty if it has none")
    step: Annotated[OutsideText, OneLine(100)] = Field(description="the first step; empty if it has none")
