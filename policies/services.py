"""What every gate of an installation shares, and the small protocols it leans on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import SecretStr

from ..core.clock import Clock
from ..core.database import Database
from ..core.ids import IdSource
from ..core.keys import KeyProvider
from ..redaction.types import Redactor
from ..tools.spec import AnyTool
from .approvals import ApprovalStore
from .artifacts import ArtifactStore
from .budgets import Limits
from .day_budgets import DayBudgets
from .embedding import Embedding
from .endorsements import Endorsements
from .engine import CedarEngine
from .environments import Environments
from .execution import BoundedThreads
from .freezes import Freezes
from .ledger.types import Ledger
from .records import Fallback
from .run_data import Residency
from .stages import StageSource
from .surroundings import Surroundings
from .switches import KillSwitch
from .types import ModelTransport, Run, Sender

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer


@dataclass(frozen=True)
class GateRules:
    """What an operator sets for the gates of an installation; the defaults bind what can be bound without knowing it.

    Args:
        days: what a team, an agent role or an environment may use in a day.
        stages: how far each tool may go; every write is only observed without it.
        freezes: when nothing is changed.
        surroundings: what else is so around a call, such as emergency access.
        owners: whose a named resource is.
        local_audiences: kinds of audience inside our own trust zone; they are told even while the ledger is down,
            because a triage must be able to report on the database it depends on.
        approval_ttl_s: how long a question to people stands.
        threads: how many calls of tools may run at the same time.
        residency: which data may go where; nothing is checked without it.
        environments: which there are.
        credentials: what tools are lent, by the tool's name.
        embedding: the model that makes vectors of texts for tools; none without it.
    """

    limits: Limits = field(default_factory=Limits)
    days: DayBudgets = field(default_factory=DayBudgets)
    stages: StageSource | None = None
    freezes: Freezes = field(default_factory=Freezes)
    surroundings: Surroundings = field(default_factory=Surroundings)
    owners: Mapping[str, str] = field(default_factory=dict[str, str])
    local_audiences: frozenset[str] = frozenset({"terminal", "file"})
    approval_ttl_s: float = 4 * 3600
    prompt_timeout_s: float = 120.0
    tell_timeout_s: float = 30.0
    threads: int = 16
    residency: Residency | None = None
    environments: Environments = field(default_factory=Environments)
    credentials: Mapping[str, SecretStr] = field(default_factory=dict[str, SecretStr])
    embedding: Embedding | None = None


@dataclass(frozen=True)
class Services:
    """The parts of an installation that its gates are made of.

    Args:
        redact_for: makes the redactor of a run.
        owners: whose a named resource is; what is not listed belongs to nobody in particular.
        local_audiences: kinds of audience inside our own trust zone, told even while the ledger is down.
        prompt_timeout_s: how long one request to a model may take.
        tell_timeout_s: how long one delivery may take.
        residency: which data may go where.
        tracer: makes spans; none without it.
        has_traced_content: whether redacted arguments, results, prompts and answers stand in spans.
        credentials: what tools with a `credential_env` are lent, by the tool's name.
        embedding: the model that makes vectors of texts for tools.
    """

    tools: Mapping[str, AnyTool]
    engine: CedarEngine
    redact_for: Callable[[Run], Redactor]
    ledger: Ledger
    database: Database
    keys: KeyProvider
    clock: Clock
    ids: IdSource
    transports: Mapping[str, ModelTransport]
    senders: Mapping[str, Sender]
    limits: Limits
    days: DayBudgets
    stages: StageSource
    freezes: Freezes
    surroundings: Surroundings
    artifacts: ArtifactStore
    approvals: ApprovalStore
    endorsements: Endorsements
    switch: KillSwitch
    fallback: Fallback
    threads: BoundedThreads
    owners: Mapping[str, str]
    local_audiences: frozenset[str]
    prompt_timeout_s: float
    tell_timeout_s: float
    tracer: Tracer | None
    has_traced_content: bool
    residency: Residency
    environments: Environments
    credentials: Mapping[str, SecretStr]
    embedding: Embedding | None
