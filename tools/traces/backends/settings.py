"""How tracing systems are configured."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from ....core.config import Section
from ....core.systems.settings import HttpSettings

ATTRIBUTE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,127}")


class TracingSettings(HttpSettings):
    """A system whose traces are read as a sample."""

    environment: str = Field(min_length=1, max_length=64, description="what its credential reaches")
    scope: dict[str, str] = Field(
        default_factory=dict, max_length=16, description="attributes that traces read must have, with their values"
    )
    most_traces: int = Field(default=600, ge=12, le=20_000, description="traces of one comparison; beyond, a sample")

    @field_validator("scope")
    @classmethod
    def _attributes(cls, names: Any) -> Any:
        for name in names:
            if not ATTRIBUTE.fullmatch(name):
                raise ValueError(f"{str(name)[:64]!r} is no name of an attribute")
        return names


class TempoSettings(TracingSettings):
    """A Grafana Tempo; `scope` names attributes of resources."""

    kind: Literal["tempo"] = "tempo"
    spans_a_trace: int = Field(
        default=100, ge=3, le=10_000, description="of one answer; at most Tempo's `max_spans_per_span_set`"
    )


class JaegerSettings(TracingSettings):
    """A Jaeger; `scope` names tags of spans."""

    kind: Literal["jaeger"] = "jaeger"
    most_questions: int = Field(default=20, ge=4, le=200, description="questions of one comparison")


class OtlpFilesSettings(Section):
    """Files that the file exporter of an OpenTelemetry collector writes: an export request as JSON on each line."""

    kind: Literal["otlp-files"] = "otlp-files"
    environment: str = Field(min_length=1, max_length=64, description="where the spans come from")
    path: Path = Field(description="the folder; links in it are not followed")
    pattern: str = Field(default="**/*.jsonl", max_length=200, description="names of files below the folder")
    most_files: int = Field(default=200, ge=1, le=10_000, description="files of one question; with more, it fails")
    most_mb: int = Field(default=512, ge=1, le=16_384, description="what one question may read; beyond, it fails")
    most_traces: int = Field(default=600, ge=12, le=20_000, description="traces of one comparison; beyond, a sample")

    @field_validator("pattern")
    @classmethod
    def _below(cls, pattern: str) -> str:
        if pattern.startswith("/") or ".." in pattern.split("/"):
            raise ValueError("a pattern of names below `path`")
        return pattern
