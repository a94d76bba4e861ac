"""How alerting systems are configured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import Field, field_validator

from ....core.systems.settings import HttpSettings


class AlertingSettings(HttpSettings):
    """What speaks Alertmanager's API."""

    environment: str = Field(min_length=1, max_length=64, description="what its credential reaches")
    scope: dict[str, str] = Field(
        default_factory=dict, max_length=16, description="labels that every alert read must have, with their values"
    )
    entity_labels: tuple[str, ...] = Field(
        default=("service", "app", "job"), min_length=1, description="labels that name the entity; the first one wins"
    )

    @field_validator("entity_labels", "scope")
    @classmethod
    def _label_names(cls, names: Any) -> Any:
        for name in names:
            if not name.isidentifier() or not name.isascii():
                raise ValueError(f"{str(name)[:64]!r} is no name of a label")
        return names


class AlertmanagerSettings(AlertingSettings):
    """An Alertmanager."""

    kind: Literal["alertmanager"] = "alertmanager"


class GrafanaSettings(AlertingSettings):
    """A Grafana that evaluates alert rules of its own."""

    kind: Literal["grafana"] = "grafana"


def entity_of(labels: Mapping[str, str], names: Sequence[str]) -> str:
    """The value of the first label that is there; empty if none is."""
    return next((labels[name] for name in names if labels.get(name)), "")
