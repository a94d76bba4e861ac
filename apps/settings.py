"""The settings of an installation, joined from the sections of the folders. The file carries a version."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator

from ..agents.model.endpoints import ModelSettings
from ..core.config import RootSettings, Section, find_file, load
from ..policies.ledger.settings import LedgerSettings
from ..policies.settings import GateSettings
from ..redaction.settings import RedactionSettings
from ..tools.features.backends.settings import StoreSettings
from ..tools.mcp.settings import Name as ServerName
from ..tools.mcp.settings import ServerSettings
from ..tools.models.backends.settings import RegistrySettings
from ..tools.pipelines.backends.settings import PipelineSettings
from ..tools.rollouts.backends.settings import RolloutSettings, TrafficSettings
from .daily.settings import PlatformSettings
from .finops.settings import FinopsSettings, RunbookProposalSettings
from .gateway.settings import GatewaySettings
from .keeping.retention import RetentionSettings
from .live.incident import LiveSettings
from .live.systems import SystemSettings
from .mcp.settings import McpSettings
from .runbooks.settings import EmbeddingSettings
from .runner.settings import RunnerSettings
from .service.settings import RecurringSettings, ServiceSettings, WebhookName, WebhookSettings
from .slack.settings import SlackSettings
from .web.settings import WebSettings


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
    content: bool = Field(
        default=False, description="whether arguments, results, prompts and answers stand in spans, redacted"
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="of what processes that stay write to stderr, redacted"
    )


class CatalogueSettings(Section):
    """The service catalogue: whose each entity is."""

    path: Path | None = Field(default=None, description="a YAML file, or a folder of them")


class PersonSettings(Section):
    """What a person may approve, and what other systems call them."""

    roles: tuple[str, ...] = ()
    known_as: tuple[str, ...] = Field(
        default=(), description="ids and e-mail addresses in on-call schedules, identity tokens and Slack"
    )
    teams: tuple[str, ...] = Field(
        default=(), description="teams whose runs they see in the web view; that of the installation if empty"
    )


class ScheduleSettings(Section):
    """An on-call schedule, asked at the moment of an answer; it alone gives its role."""

    system: Literal["pagerduty", "opsgenie"]
    schedule: str = Field(min_length=1, max_length=128, description="its id")
    role: str = Field(
        default="oncall", pattern=r"^[a-z][a-z0-9_-]*$", description="what being on call makes of a person"
    )
    token_env: str = Field(description="variable with the token")
    endpoint: str | None = Field(default=None, description="another address of the system, such as the one in the EU")
    ca_file: Path | None = Field(default=None, description="PEM file of the only authorities to trust")
    timeout_s: float = Field(default=5.0, gt=0, le=60, description="how long one question may take")


class OidcSettings(Section):
    """The issuer whose identity tokens name people; none unless it is named."""

    issuer: str | None = Field(default=None, description="exactly as `iss` has it")
    audience: str = Field(default="opswarden", min_length=1, description="our client id, in `aud`")
    jwks_file: Path | None = Field(default=None, description="the issuer's keys; found by discovery if absent")
    person_claim: str = Field(default="email", min_length=1, description="claim that `people.NAME.known_as` lists")
    roles_claim: str = Field(default="groups", min_length=1, description="claim with the person's groups")
    roles: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="value of that claim: the roles it gives"
    )
    max_age_s: int = Field(default=3600, ge=60, le=86_400, description="how long after its issue a token is taken")
    ca_file: Path | None = Field(default=None, description="PEM file of the only authorities to trust")
    timeout_s: float = Field(default=5.0, gt=0, le=60, description="how long one question to the issuer may take")


class IdentitySettings(Section):
    """How people prove who they are, and where their roles come from beside `people`."""

    schedules: tuple[ScheduleSettings, ...] = ()
    oidc: OidcSettings = OidcSettings()
    cache_s: float = Field(default=10.0, ge=0, le=60, description="seconds that an answer about people holds")


class Settings(RootSettings):
    """Everything an operator can set; what is not set is safe."""

    version: Literal[1] = 1
    state_dir: Path = Field(default_factory=_default_state_dir)
    stop: Path | None = Field(default=None, description="file of what is stopped; `state_dir`/stop if absent")
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
    runbooks: Path | None = Field(default=None, description="a folder of runbooks: Markdown, exported HTML or zip")
    runbook_rules: Path | None = Field(
        default=None, description="Prometheus rule files whose `runbook_url` name runbooks: a file, or a folder"
    )
    runbook_proposals: RunbookProposalSettings = RunbookProposalSettings()
    runbook_embeddings: EmbeddingSettings = EmbeddingSettings()
    postmortems: Path | None = Field(default=None, description="a folder of Markdown postmortems")
    catalogue: CatalogueSettings = CatalogueSettings()
    gate: GateSettings = GateSettings()
    redaction: RedactionSettings = RedactionSettings()
    keys: KeySettings = KeySettings()
    database: DatabaseSettings = DatabaseSettings()
    reveal: RevealSettings = RevealSettings()
    ledger: LedgerSettings = LedgerSettings()
    retention: RetentionSettings = RetentionSettings()
    telemetry: TelemetrySettings = TelemetrySettings()
    models: ModelSettings = ModelSettings()
    identity: IdentitySettings = IdentitySettings()
    systems: dict[str, SystemSettings] = Field(default_factory=dict, description="name: a system that is read live")
    registries: dict[ServerName, RegistrySettings] = Field(
        default_factory=dict, description="name: the model registry of one environment"
    )
    feature_stores: dict[ServerName, StoreSettings] = Field(
        default_factory=dict, description="name: the feature store of one environment"
    )
    pipelines: dict[ServerName, PipelineSettings] = Field(
        default_factory=dict, description="name: what runs the pipelines of one environment"
    )
    model_checks: Path | None = Field(default=None, description="a folder of check files, `MODEL.yaml`")
    traffic: dict[ServerName, TrafficSettings] = Field(
        default_factory=dict, description="name: what shifts the traffic of models in one environment"
    )
    rollouts: RolloutSettings = RolloutSettings()
    live: LiveSettings = LiveSettings()
    mcp: McpSettings = McpSettings()
    gateway: GatewaySettings = GatewaySettings()
    runner: RunnerSettings = RunnerSettings()
    service: ServiceSettings = ServiceSettings()
    schedules: dict[WebhookName, RecurringSettings] = Field(
        default_factory=dict, description="name: what `opswarden serve` and its workers do again and again"
    )
    webhooks: dict[WebhookName, WebhookSettings] = Field(
        default_factory=dict, description="name: who may send alerts to `opswarden serve`"
    )
    slack: SlackSettings = SlackSettings()
    finops: FinopsSettings = FinopsSettings()
    platform: PlatformSettings = PlatformSettings()
    web: WebSettings = WebSettings()
    mcp_servers: dict[ServerName, ServerSettings] = Field(
        default_factory=dict, description="name: somebody else's MCP server, some of whose tools are ours to call"
    )
    people: dict[str, PersonSettings] = Field(default_factory=dict, description="name: what the person may approve")

    @model_validator(mode="after")
    def _embeddings_are_there(self) -> Settings:
        wanted = self.runbook_embeddings
        if wanted.endpoint is not None and wanted.endpoint not in {each.name for each in self.models.endpoints}:
            raise ValueError("`runbook_embeddings.endpoint` names no endpoint of `models.endpoints`")
        if wanted.local is not None and not self.packages:
            raise ValueError("`runbook_embeddings.local` names a model, and no package is listed that could add it")
        return self


def load_settings(folder: Path | None = None) -> Settings:
    """The settings in force: `OPSWARDEN_*` over `opswarden.toml` (in `folder`, or the working directory) over defaults.

    Raises:
        ConfigError: something in them is wrong.
    """
    return load(Settings, find_file(folder or Path.cwd()))
