"""How log systems are configured."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, field_validator

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
