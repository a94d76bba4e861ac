"""What an operator can set about the gate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from ..core.config import Section
from .budgets import Limits
from .data_labels import DataSettings
from .day_budgets import DayBudget
from .emergencies import EmergencySettings
from .environments import EnvironmentSettings
from .escalation_steps import EscalationStep
from .freezes import Freeze
from .residency import DestinationSettings, ResidencySettings
from .types import Stage


class TicketSettings(Section):
    """Where change tickets are kept; nowhere unless a system is named."""

    system: Literal["none", "folder", "servicenow"] = "none"
    folder: Path | None = Field(default=None, description="of `ID.json` files, for `folder`")
    endpoint: str | None = Field(default=None, description="the instance: `https://example.service-now.com`")
    token_env: str | None = Field(default=None, description="variable with a bearer token")
    teams: dict[str, str] = Field(default_factory=dict, description="assignment group: our team")
    ca_file: Path | None = Field(default=None, description="PEM file of the only authorities to trust")
    timeout_s: float = Field(default=5.0, gt=0, le=60, description="how long one question may take")
    cache_s: float = Field(default=10.0, ge=0, le=60, description="seconds that an answer holds")


class StormLimits(Section):
    """What all runs of a team together may ask of models in any hour; beyond it they go on without one."""

    prompts: int | None = Field(default=None, ge=1, description="requests to models")
    tokens: int | None = Field(default=10_000_000, ge=1, description="tokens to and from models together")
    microusd: int | None = Field(default=20_000_000, ge=1, description="micro-USD: 20 USD")

    def with_others(self, budgets: Sequence[DayBudget]) -> tuple[DayBudget, ...]:
        """The budgets of an installation with this one among them; a team's own of an hour goes before it."""
        if not any((self.prompts, self.tokens, self.microusd)):
            return tuple(budgets)
        storm = DayBudget(team="*", per="hour", prompts=self.prompts, tokens=self.tokens, microusd=self.microusd)
        return (*budgets, storm)


class GateSettings(Section):
    """The section `gate` of the configuration; the defaults let agents read and nothing else."""

    policy_folders: tuple[Path, ...] = Field(
        default=(), description="folders of .cedar files, loaded after the built-in ones"
    )
    limits: Limits = Field(default_factory=Limits, description="what one run may use")
    budgets: tuple[DayBudget, ...] = Field(
        default=(), description="what a team, an agent role or an environment may use in a day, a month or an hour"
    )
    storm: StormLimits = Field(
        default_factory=StormLimits, description="what models may cost a team in any hour, however many incidents"
    )
    stages: dict[str, dict[str, dict[str, Stage]]] = Field(
        default_factory=dict, description="stage of a tool: team, then environment (`*` for any), then the tool's name"
    )
    raise_stages: Literal["configuration", "recorded"] = Field(
        default="configuration",
        description="whether `stages` may let a write or send act, or only an approved, recorded step may",
    )
    stage_owners: frozenset[str] = Field(
        default=frozenset({"stage-owner"}), description="one of these roles approves that a stage is raised"
    )
    raise_after: int = Field(
        default=10, ge=1, le=10_000, description="how many judged proposals a step that raises a stage must cite"
    )
    freezes: tuple[Freeze, ...] = Field(
        default=(), description="times in which nothing is changed; see the gate's page"
    )
    environments: dict[str, EnvironmentSettings] = Field(
        default_factory=dict, description="every environment there is; with none, any name will do"
    )
    data: DataSettings = Field(default_factory=DataSettings, description="whose data come from where")
    residency: ResidencySettings = Field(default_factory=ResidencySettings, description="which data may go where")
    destinations: DestinationSettings = Field(
        default_factory=DestinationSettings, description="what is declared about where data can go"
    )
    emergency: EmergencySettings = EmergencySettings()
    tickets: TicketSettings = TicketSettings()
    owners: dict[str, str] = Field(default_factory=dict, description="team that a named resource belongs to")
    approval_ttl_s: int = Field(
        default=4 * 3600, ge=60, le=7 * 86_400, description="how long a question to people stands, in seconds"
    )
    escalation: tuple[EscalationStep, ...] = Field(
        default=(), description="whom to tell, and after how long, while nobody answers"
    )
    prompt_timeout_s: float = Field(default=120, gt=0, description="how long one request to a model may take")
    tell_timeout_s: float = Field(default=30, gt=0, description="how long one delivery to people may take")
    settle_roles: frozenset[str] = Field(
        default=frozenset({"oncall"}), description="roles of which one is needed to say what an unknown effect came to"
    )
    artifact_ttl_s: int = Field(default=7 * 86_400, ge=3600, description="how long full results can be read; one week")
    threads: int = Field(default=16, ge=1, le=256, description="how many calls of tools may run at the same time")
    local_audiences: frozenset[str] = Field(
        default=frozenset({"terminal", "file"}),
        description="kinds of audience inside our own trust zone, told even while the ledger is down",
    )

    @field_validator("escalation")
    @classmethod
    def _steps_differ(cls, steps: tuple[EscalationStep, ...]) -> tuple[EscalationStep, ...]:
        if len({step.after_minutes for step in steps}) < len(steps):
            raise ValueError("two steps of the escalation fall due at the same time: join them")
        return steps
