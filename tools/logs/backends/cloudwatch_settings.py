"""How the logs of a CloudWatch are configured."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, field_validator

from ....core.systems.aws_api import AwsSettings

_GROUP = re.compile(r"[.\-_/#A-Za-z0-9]{1,512}")
_FIELD = re.compile(r"[@A-Za-z_][@A-Za-z0-9_.-]{0,127}")


class CloudwatchLogsSettings(AwsSettings):
    """Groups of a CloudWatch Logs in one region."""

    kind: Literal["cloudwatch-logs"] = "cloudwatch-logs"
    environment: str = Field(min_length=1, max_length=64, description="what its credential reaches")
    log_groups: tuple[str, ...] = Field(min_length=1, max_length=50, description="the groups that are read")
    reads: Literal["insights", "events"] = Field(
        default="insights",
        description="`insights` counts and filters there, and Amazon charges what it scans; `events` reads every line",
    )
    scope: dict[str, str] = Field(
        default_factory=dict, max_length=16, description="fields that every line read must have, with their values"
    )
    entity_fields: tuple[str, ...] = Field(
        default=("service", "service.name", "kubernetes.labels.app", "kubernetes.container_name"),
        min_length=1,
        description="fields of JSON lines that name the entity, before `entities` and the name of the group",
    )
    entities: dict[str, str] = Field(
        default_factory=dict,
        max_length=500,
        description="pattern of names of groups: the entity; the first that fits; a `*` there is what `*` matched",
    )
    level_fields: tuple[str, ...] = Field(
        default=("level", "log.level", "severity", "severity_text"),
        min_length=1,
        description="fields of JSON lines with the level; the first one wins, then the line itself",
    )
    body_fields: tuple[str, ...] = Field(
        default=("message", "msg", "log", "body"),
        min_length=1,
        description="fields of JSON lines with the text; the first one wins, else it is the whole line",
    )
    trace_fields: tuple[str, ...] = Field(
        default=("trace_id", "trace.id", "traceId"), description="fields with the trace's id"
    )
    span_fields: tuple[str, ...] = Field(default=("span_id", "span.id", "spanId"), description="fields with the span's")
    page_lines: int = Field(default=5_000, ge=10, le=10_000, description="lines of one answer")
    most_lines: int = Field(
        default=50_000, ge=100, le=66_000, description="lines that a search for patterns reads; beyond, a sample"
    )
    most_mb: int = Field(default=48, ge=1, le=1_024, description="what one question reads at most")

    @classmethod
    def host_part(cls) -> str:
        """`logs`."""
        return "logs"

    @field_validator("log_groups")
    @classmethod
    def _are_groups(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not _GROUP.fullmatch(name):
                raise ValueError(f"{name[:64]!r} is no name of a group of logs")
        if len(set(names)) < len(names):
            raise ValueError("`log_groups` names a group twice")
        return names

    @field_validator("entity_fields", "level_fields", "body_fields", "trace_fields", "span_fields", "scope")
    @classmethod
    def _are_fields(cls, names: Any) -> Any:
        for name in names:
            if not _FIELD.fullmatch(name):
                raise ValueError(f"{str(name)[:64]!r} is no name of a field")
        return names
