"""How log systems are configured."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from ....core.config import Section
from ....core.systems.settings import HttpSettings
from ...metrics.backends.promql import LABEL_NAME


class LokiSettings(HttpSettings):
    """A Loki."""

    kind: Literal["loki"] = "loki"
    environment: str = Field(min_length=1, max_length=64, description="what its credential reaches")
    scope: dict[str, str] = Field(
        default_factory=dict,
        max_length=16,
        description="labels that every stream read must have, with their values; without one: any first entity label",
    )
    entity_labels: tuple[str, ...] = Field(
        default=("service_name", "service", "app", "job"),
        min_length=1,
        description="labels that name the entity; the first one wins",
    )
    level_labels: tuple[str, ...] = Field(
        default=("level", "severity_text", "severity", "detected_level"),
        min_length=1,
        description="labels or structured metadata with the level; the first one wins, then the line itself",
    )
    page_lines: int = Field(
        default=5_000,
        ge=10,
        le=100_000,
        description="lines of one answer; at most Loki's `max_entries_limit_per_query`",
    )
    most_lines: int = Field(
        default=60_000, ge=100, le=2_000_000, description="lines that a search for patterns reads; beyond, a sample"
    )
    most_mb: int = Field(default=48, ge=1, le=1_024, description="what a search for patterns reads at most")

    @field_validator("entity_labels", "level_labels", "scope")
    @classmethod
    def _label_names(cls, names: Any) -> Any:
        for name in names:
            if not LABEL_NAME.fullmatch(name):
                raise ValueError(f"{str(name)[:64]!r} is no name of a label")
        return names


_FIELD = re.compile(r"[@A-Za-z_][@A-Za-z0-9_.-]{0,255}")
_INDEX = re.compile(r"[a-z0-9.*][a-z0-9._*-]{0,254}(?:,[a-z0-9.*][a-z0-9._*-]{0,254}){0,15}")


class ElasticsearchSettings(HttpSettings):
    """An Elasticsearch or OpenSearch with log lines; the fields are ECS' and OpenTelemetry's by default."""

    kind: Literal["elasticsearch"] = "elasticsearch"
    environment: str = Field(min_length=1, max_length=64, description="what its credential reaches")
    flavour: Literal["elasticsearch", "opensearch"] = Field(
        default="elasticsearch", description="they open a point in time in different ways"
    )
    index: str = Field(default="logs-*", max_length=2_000, description="indices, data streams or patterns of them")
    scope: dict[str, str] = Field(
        default_factory=dict, max_length=16, description="fields that every line read must have, with their values"
    )
    time_field: str = Field(default="@timestamp", description="when a line was written")
    entity_fields: tuple[str, ...] = Field(
        default=("service.name", "resource.attributes.service.name", "kubernetes.container.name"),
        min_length=1,
        description="keyword fields that name the entity; the first one wins",
    )
    level_fields: tuple[str, ...] = Field(
        default=("log.level", "severity_text"),
        min_length=1,
        description="keyword fields with the level; the first one wins, then the line itself",
    )
    body_fields: tuple[str, ...] = Field(
        default=("message", "body.text"), min_length=1, description="text fields with the line; the first one wins"
    )
    exact_body_field: str | None = Field(
        default=None, description="keyword or wildcard field with the line; without one, texts are found by whole words"
    )
    trace_fields: tuple[str, ...] = Field(default=("trace.id", "trace_id"), description="fields with the trace's id")
    span_fields: tuple[str, ...] = Field(default=("span.id", "span_id"), description="fields with the span's id")
    page_lines: int = Field(default=5_000, ge=10, le=10_000, description="lines of one answer")
    most_lines: int = Field(
        default=60_000, ge=100, le=2_000_000, description="lines that a search for patterns reads; beyond, a sample"
    )
    most_mb: int = Field(default=48, ge=1, le=1_024, description="what a search for patterns reads at most")

    @field_validator("entity_fields", "level_fields", "body_fields", "trace_fields", "span_fields", "scope")
    @classmethod
    def _field_names(cls, names: Any) -> Any:
        for name in names:
            _field_name(name)
        return names

    @field_validator("time_field", "exact_body_field")
    @classmethod
    def _name(cls, name: str | None) -> str | None:
        return None if name is None else _field_name(name)

    @field_validator("index")
    @classmethod
    def _index(cls, index: str) -> str:
        if not _INDEX.fullmatch(index):
            raise ValueError("`index` names indices in lower case, with `*` and `,` between several")
        return index


def _field_name(name: str) -> str:
    if not _FIELD.fullmatch(name):
        raise ValueError(f"{str(name)[:64]!r} is no name of a field")
    return name


class _Streamed(Section):
    """A source whose lines are read one after the other."""

    environment: str = Field(min_length=1, max_length=64, description="where the lines come from")
    most_mb: int = Field(default=512, ge=1, le=16_384, description="what one question may read; beyond, it fails")


class FilesSettings(_Streamed):
    """Log files in a folder of this machine: a JSON object on each line, or plain lines that begin with their time."""

    kind: Literal["files"] = "files"
    path: Path = Field(description="the folder; links in it are not followed")
    pattern: str = Field(default="**/*.log", max_length=200, description="names of files below the folder")
    most_files: int = Field(default=200, ge=1, le=10_000, description="files of one question; with more, it fails")
    entities: dict[str, str] = Field(
        default_factory=dict,
        max_length=500,
        description="pattern of names: the entity; the first that fits; a `*` there is what `*` matched",
    )
    entity_keys: tuple[str, ...] = Field(
        default=("service", "service.name", "app"),
        description="keys of JSON lines that name the entity, before `entities` and the name of the file",
    )
    time_keys: tuple[str, ...] = Field(
        default=("@timestamp", "timestamp", "time", "ts"), description="keys of JSON lines with the time"
    )
    level_keys: tuple[str, ...] = Field(
        default=("level", "severity", "log.level", "severity_text"), description="keys of JSON lines with the level"
    )
    body_keys: tuple[str, ...] = Field(
        default=("message", "msg", "body", "log", "event"),
        description="keys of JSON lines with the text; without one, it is the whole line",
    )

    @field_validator("pattern")
    @classmethod
    def _below(cls, pattern: str) -> str:
        if pattern.startswith("/") or ".." in pattern.split("/"):
            raise ValueError("a pattern of names below `path`")
        return pattern


class JournaldSettings(_Streamed):
    """The journal of systemd on this machine, or one in a folder."""

    kind: Literal["journald"] = "journald"
    directory: Path | None = Field(default=None, description="folder of a journal; without one, this machine's own")
