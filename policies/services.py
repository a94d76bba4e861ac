"""What every gate of an installation shares, and the small protocols it leans on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
