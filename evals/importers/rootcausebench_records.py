"""The records of RootCauseBench files, as pydantic models."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, TypeAdapter


def in_utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(in_utc)]
"""A time; one without a zone is UTC."""


class Record(BaseModel):
    """A record of the set; keys beyond the named ones become attributes."""

    model_config = ConfigDict(extra="allow", frozen=True)

    def attributes(self) -> dict[str, str]:
        """The keys beyond the named ones, nested ones joined by a dot, as text."""
        return dict(_flat("", self.model_extra or {}))


class Alert(Record):
    service: str
    metric: str
    fired_at: Moment
    threshold: float | None = None
    observed: float | None = None
    severity: str | None = None
    monitor: str = "alert"
    summary: str = ""


class Log(Record):
    timestamp: Moment
    service: str
    severity_text: str | None = None
    msg: str = ""
    trace_id: str | None = None
    span_id: str | None = None


class Span(Record):
    trace_id: str
    span_id: str
    parent_id: str | None = None
    service: str
    name: str
    start: Moment
    duration_ms: float
    status: str = "UNSET"


class Commit(Record):
    sha: str
    timestamp: Moment
    author: str | None = None
    message: str = ""
    files_changed: tuple[str, ...] = ()
    diff: str | None = None


class Deploy(Record):
    timestamp: Moment
    service: str
    commit_sha: str
    version: str | None = None


class Flag(Record):
    timestamp: Moment
    flag: str
    service: str | None = None
    change: str | None = None
    actor: str | None = None


class Event(Record):
    timestamp: Moment
    status: str | None = None
    detail: str = ""


class Feed(Record):
    component: str | None = None
    source: str | None = None
    events: tuple[Event, ...]


class Answer(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    root_cause_commit: str
    first_failing_service: str


SPANS = TypeAdapter(tuple[Span, ...])
COMMITS = TypeAdapter(tuple[Commit, ...])
DEPLOYS = TypeAdapter(tuple[Deploy, ...])
FLAGS = TypeAdapter(tuple[Flag, ...])


def _flat(prefix: str, values: dict[str, Any]) -> Iterable[tuple[str, str]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(f"{prefix}{key}.", value)
        elif value is not None:
            yield f"{prefix}{key}", value if isinstance(value, str) else json.dumps(value)
