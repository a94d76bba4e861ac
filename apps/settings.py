"""The settings of an installation, joined from the sections of the folders. The file carries a version."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field

from ..agents.model.endpoints import ModelSettings
from ..core.config import RootSettings, Section, find_file, load
from ..policies.settings import GateSettings


def _default_state_dir() -> Path:
    """XDG's place for state that should survive a restart but is no document."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "opswarden"


class RedactionSettings(Section):
    """How long what was taken out can be put back by its run, and how much text is taken at once."""

    vault_ttl_s: int = Field(default=3 * 86_400, ge=3_600)
    size_limit_bytes: int = Field(default=8_000_000, ge=10_000, le=256_000_000)


class TelemetrySettings(Section):
    """Where traces go; nowhere unless an endpoint is named."""

    otlp_endpoint: str | None = None


class PersonSettings(Section):
    """What a person may approve."""

    roles: tuple[str, ...] = ()


class Settings(RootSettings):
    """Everything an operator can set; what is not set is safe."""

    version: Literal[1] = 1
    state_dir: Path = Field(default_factory=_default_state_dir)
    team: str = Field(default="platform", min_length=1, max_length=64)
    packages: tuple[str, ...] = Field(
        default=(), description="`module:function` of packages that add tools and the like"
    )
    backends: dict[str, str] = Field(
        default_factory=dict, description="domain: name of the package's backend that stands in for the snapshot's"
    )
    runbooks: Path | None = Field(default=None, description="a folder of Markdown runbooks")
    gate: GateSettings = GateSettings()
    redaction: RedactionSettings = RedactionSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    models: ModelSettings = ModelSettings()
    people: dict[str, PersonSettings] = Field(default_factory=dict, description="name: what the person may approve")


def load_settings(folder: Path | None = None) -> Settings:
    """The settings in force: `OPSWARDEN_*` over `opswarden.toml` (in `folder`, or the working directory) over defaults.

    Raises:
        ConfigError: something in them is wrong.
    """
    return load(Settings, find_file(folder or Path.cwd()))
