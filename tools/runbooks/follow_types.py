"""Arguments and result of `runbooks.follow`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from ..spec import Args, OneLine, OutsideText, Result

_Name = Annotated[str, Field(min_length=1, max_length=512)]


class FollowArgs(Args):
    """One runbook, and what stands for the blanks in its steps."""

    name: str = Field(min_length=1, max_length=512)
    start: AwareDatetime | None = Field(default=None, strict=False)
    end: AwareDatetime | None = Field(default=None, strict=False)
    baseline_start: AwareDatetime | None = Field(default=None, strict=False)
    baseline_end: AwareDatetime | None = Field(default=None, strict=False)
    entity: _Name | None = None
    alert: _Name | None = None
    metric: _Name | None = None


class FollowBlock(Result):
    """A checked block of a step: what is to be called, and what it should give."""

    kind: Literal["query", "call", "command", "decide", "rollback"]
    tool: OutsideText = Field(description="to be called; empty for a command and a decision")
    arguments: OutsideText = Field(description="of the tool, as JSON, its blanks filled in")
    effect: Literal["read", "write", "send"]
    text: Annotated[OutsideText, OneLine(40)] = Field(description="what it should give; of a decision, the question")
    status: Literal["ok", "no_data"] | None = None
    path: OutsideText | None = None
    comparison: Literal["below", "above", "equals", "contains"] | None = None
    value: float | OutsideText | None = None
    held: int | Literal["next", "stop", "escalate"] | None = Field(default=None, description="where `held` leads")
    not_held: int | Literal["next", "stop", "escalate"] | None = Field(
        default=None, description="where it leads if not"
    )
    problem: Annotated[OutsideText, OneLine(40)] = Field(default="", description="why it cannot be called as it is")


class FollowStep(Result):
    """A step."""

    number: int
    section: Annotated[OutsideText, OneLine(20)]
    text: Annotated[OutsideText, OneLine(60)]
    blocks: tuple[FollowBlock, ...]


class FollowResult(Result):
    """The steps of a runbook, ready to be taken one by one through the gate."""

    name: Annotated[OutsideText, OneLine(60)]
    title: Annotated[OutsideText, OneLine(40)]
    steps: tuple[FollowStep, ...]
