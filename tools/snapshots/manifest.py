"""`snapshot.json`: what the folder holds and which window the incident lies in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

MANIFEST_NAME = "snapshot.json"


class Window(BaseModel):
    """A half-open interval of time `[start, end)`, with a time zone, at least one microsecond long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start: AwareDatetime
    end: AwareDatetime

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.end <= self.start:
            raise ValueError("window ends before it starts")
        return self

    @property
    def length(self) -> timedelta:
        """How long the window lasts."""
        return self.end - self.start

    def contains(self, moment: datetime) -> bool:
        """Whether `moment` lies in `[start, end)`."""
        return self.start <= moment < self.end


class AlertRef(BaseModel):
    """The alert that opened the incident. Everything in it can be written by outsiders."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=256)
    entity: str | None = Field(default=None, max_length=512)
    metric: str | None = Field(default=None, max_length=256)
    severity: str | None = Field(default=None, max_length=64)
    summary: str = Field(default="", max_length=4096)
    ts: AwareDatetime | None = None


class Manifest(BaseModel):
    """The contract of `snapshot.json`, version 1.

    `window` is the time to explain; `baseline` is a quiet time to compare it with (absent: the data before `window`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    title: str = Field(max_length=256)
    environment: str = Field(min_length=1, max_length=64)
    window: Window
    baseline: Window | None = None
    alert: AlertRef | None = None
    source: str = Field(max_length=512)
    licence: str = Field(max_length=128)
