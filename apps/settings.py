"""The settings of an installation, joined from the sections of the folders. The file carries a version."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr

from ..agents.model.endpoints import ModelSettings
from ..core.config import RootSettings, Section, find_file, load
from ..policies.ledger.settings import LedgerSettings
from ..policies.settings import GateSettings
from ..redaction.settings import RedactionSettings


def _default_state_dir() -> Path:
    """XDG's place for state that should survive a restart but is no document."""
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "opswarden"


class KeySettings(Section):
    """Where the installation's keys come from: a file on this machine, or a key service that wraps them."""

    service: Literal["file", "aws-kms", "google-kms", "vault-transit"] = "file"
    key: str | None = Field(default=None, description="what wraps: ARN, alias or id; Google's name; Transit's name")
    installation: str = Field(default="opswarden", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")
    endpoint: str | None = Field(default=None, description="another address of the service; Vault needs one")
    region: str | None = Field(default=None, description="of AWS; from the ARN if absent")
    ca_file: Path | None = Field(default=None, description="PEM file of the only authorities to trust")
    timeout_s: float = Field(default=5.0, gt=0, le=60, description="how long one question to the service may take")
    token_env: str | None = Field(default=None, description="variable with the token for Vault or Google")
    token_file: Path | None = Field(default=None, description="file with the token for Vault or Google")
    mount: str = Field(default="transit", description="where Transit is mounted")
    namespace: str | None = Field(default=None, description="namespace of Vault Enterprise")


class DatabaseSettings(Section):
    """Where the records lie: a file in the state directory, or a PostgreSQL that several machines share."""

    url: SecretStr | None = Field(
        default=None, description="`postgresql://…` of the writer; SQLite in the state directory if absent"
    )
    timeout_s: float = Field(default=10.0, gt=0, description="how long a writer waits for another")


class RevealSettings(Section):
    """Who may be shown a value from the vault."""

    roles: frozenset[str] = Field(default=frozenset({"reveal"}), description="one of these roles is enough")


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
    environment: Literal["development", "production"] = Field(
        default="development",
        description="what this installation is for; `doctor` refuses keys in a file in production",
    )
    packages: tuple[str, ...] = Field(
        default=(), description="`module:function` of packages that add tools and the like"
    )
    backends: dict[str, str] = Field(
        default_factory=dict, description="domain: name of the package's backend that stands in for the snapshot's"
    )
    runbooks: Path | None = Field(default=None, description="a folder of Markdown runbooks")
    gate: GateSettings = GateSettings()
    redaction: RedactionSettings = RedactionSettings()
    keys: KeySettings = KeySettings()
    database: DatabaseSettings = DatabaseSettings()
    reveal: RevealSettings = RevealSettings()
    ledger: LedgerSettings = LedgerSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    models: ModelSettings = ModelSettings()
    people: dict[str, PersonSettings] = Field(default_factory=dict, description="name: what the person may approve")


def load_settings(folder: Path | None = None) -> Settings:
    """The settings in force: `OPSWARDEN_*` over `opswarden.toml` (in `folder`, or the working directory) over defaults.

    Raises:
        ConfigError: something in them is wrong.
    """
    return load(Settings, find_file(folder or Path.cwd()))
