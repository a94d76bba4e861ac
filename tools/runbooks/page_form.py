"""The typed parts of a runbook: what stands in its front matter, and in a checked block of a step.

A page is Markdown with YAML in front. `runbook: 1` there says that the page keeps to this form; without it a page is
read as it is, and what its front matter says is taken where it fits.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ..spec import Effect

Severity = Literal["critical", "warning", "info"]
Risk = Literal["low", "medium", "high"]
Comparison = Literal["below", "above", "equals", "contains"]

BLANKS = ("start", "end", "baseline_start", "baseline_end", "entity", "alert", "metric")
"""What an argument may leave to the incident: `$entity` stands for a whole value, never for a part of one."""
FENCE = "opswarden"
"""The language of a fenced block that is checked."""

_BLANK = re.compile(r"\$([a-z_]{1,32})")
_PATH = re.compile(r"[a-z_][a-z0-9_]*(?:\[[0-9]{1,3}\])?(?:\.[a-z_][a-z0-9_]*(?:\[[0-9]{1,3}\])?){0,5}")
_Line = Annotated[str, Field(min_length=1, max_length=500)]
_Name = Annotated[str, Field(min_length=1, max_length=200)]
_Names = Annotated[tuple[_Name, ...], Field(max_length=100, strict=False)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Front(_Form):
    """The front matter of a page of this form.

    Args:
        runbook: version of the form.
        title: else the first heading of level 1, else the file's name in words.
        alerts: names of the alerts that the page is for.
        services: entities that it speaks of, as the service catalogue names them.
        owner: the team that keeps it right.
        severity: of the alerts, where they all have one.
        risk: what following it can break at worst: low (reads only), medium (can be taken back), high (cannot).
        last_verified: the day on which somebody last went through it; `None` if nobody did.
        draft: whether code wrote it and nobody has gone through it yet.
        sources: where its statements come from; addresses or names.
    """

    runbook: Literal[1] = 1
    title: _Line | None = None
    alerts: _Names = ()
    services: _Names = ()
    owner: _Name | None = None
    severity: Severity | None = None
    risk: Risk | None = None
    last_verified: date | None = None
    draft: bool = False
    tags: _Names = ()
    sources: Annotated[tuple[_Line, ...], Field(max_length=200, strict=False)] = ()

    @field_validator("alerts", "services", "tags", "sources", mode="before")
    @classmethod
    def _several(cls, value: Any) -> Any:
        """One name may stand without a list."""
        return (value,) if isinstance(value, str) else value or ()


class Expected(_Form):
    """What a block should give.

    Args:
        text: for people.
        status: of the call; whatever it is unless given.
        path: into the result's summary, such as `series[0].last`.
        is_: how the value there compares with `value`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    text: _Line
    status: Literal["ok", "no_data"] | None = None
    path: Annotated[str, Field(max_length=200)] | None = None
    is_: Comparison | None = Field(default=None, alias="is")
    value: float | str | None = None

    @field_validator("path")
    @classmethod
    def _readable(cls, value: str | None) -> str | None:
        if value is not None and not _PATH.fullmatch(value):
            raise ValueError("a path is written like series[0].last")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        given = [self.path is not None, self.is_ is not None, self.value is not None]
        if any(given) and not all(given):
            raise ValueError("path, is and value belong together")
        if self.is_ in ("below", "above") and isinstance(self.value, str):
            raise ValueError("below and above compare with a number")
        return self

    @property
    def is_judged(self) -> bool:
        """Whether code can say if it holds; else a person does."""
        return self.status is not None or self.path is not None


class _Block(_Form):
    expect: Expected

    @field_validator("expect", mode="before")
    @classmethod
    def _worded(cls, value: Any) -> Any:
        return {"text": value} if isinstance(value, str) else value


class Query(_Block):
    """An expression over metrics: a selector (`error_rate{entity="gateway"}`), or PromQL where a system computes it."""

    query: Annotated[str, Field(min_length=1, max_length=4_000)]
    effect: Literal["read"] = "read"


class Call(_Block):
    """A call of a tool, through the gate."""

    call: _Name
    args: dict[str, Any] = Field(default_factory=dict, max_length=40)
    effect: Effect


class Command(_Block):
    """A command that a person types; opswarden never runs it."""

    command: Annotated[str, Field(min_length=1, max_length=2_000)]
    effect: Effect


class Decide(_Form):
    """A decision point.

    Args:
        decide: the question.
        when: answer: the number of the step to go on with, or `next`, `stop`, `escalate`. With the answers `held` and
            `not held`, what the block before gave answers it.
    """

    decide: _Line
    when: dict[_Name, int | Literal["next", "stop", "escalate"]] = Field(min_length=2, max_length=10)


class Rollback(_Block):
    """The way back of a step that writes: a call of a tool, or a command.

    Args:
        rollback: name of the tool, or the command.
        undoes: the number of the step that it takes back.
    """

    rollback: Annotated[str, Field(min_length=1, max_length=2_000)]
    undoes: int = Field(ge=1, le=500)
    args: dict[str, Any] | None = Field(default=None, max_length=40, description="of a tool; absent for a command")
    effect: Effect


Block: TypeAlias = Query | Call | Command | Decide | Rollback
BLOCKS: dict[str, type[Query] | type[Call] | type[Command] | type[Decide] | type[Rollback]] = {
    "query": Query,
    "call": Call,
    "command": Command,
    "decide": Decide,
    "rollback": Rollback,
}
"""Kinds of blocks, by the key that a block has of just one kind."""


def blanks_in(value: Any) -> set[str]:
    """The names of all blanks in arguments, known or not."""
    if isinstance(value, dict):
        return {name for part in value.values() for name in blanks_in(part)}
    if isinstance(value, list | tuple):
        return {name for part in value for name in blanks_in(part)}
    found = _BLANK.fullmatch(value) if isinstance(value, str) else None
    return {found[1]} if found else set()


def filled(value: Any, given: dict[str, Any]) -> Any:
    """Arguments with their blanks filled in; one that is not given stays as it is written."""
    if isinstance(value, dict):
        return {name: filled(part, given) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [filled(part, given) for part in value]
    found = _BLANK.fullmatch(value) if isinstance(value, str) else None
    return given.get(found[1], value) if found else value


def schema() -> dict[str, Any]:
    """JSON schema of the front matter and of every kind of block."""
    return {
        "front_matter": Front.model_json_schema(),
        "blocks": {name: model.model_json_schema() for name, model in BLOCKS.items()},
    }
