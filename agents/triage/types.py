"""The words of a triage: incident, evidence, claims, and the report that others build on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Verdict = Literal["cause_found", "inconclusive", "healthy"]
EvidenceStatus = Literal["ok", "no_data", "error", "truncated", "denied"]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Incident(_Frozen):
    """What is to be explained. Every text has been through redaction. Times are ISO 8601 in UTC."""

    title: str
    environment: str
    start: str
    end: str
    baseline_start: str | None = None
    baseline_end: str | None = None
    alert_name: str | None = None
    alert_entity: str | None = None
    alert_metric: str | None = None
    alert_severity: str | None = None
    alert_summary: str = ""
    missing_tables: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Evidence(_Frozen):
    """One result of one tool call, as a report cites it.

    Args:
        id: `E1`, `E2`, … in plan order.
        tool: `domain.verb`.
        scope: what it covers.
        status: kept apart to the last line.
        summary: the redacted result.
        seq: its entry in the ledger; -1 while the ledger was down.
        artifact_id: the full rows, readable by tools only.
        message: why it is not `ok`.
    """

    id: str
    tool: str
    scope: Mapping[str, Any]
    status: EvidenceStatus
    summary: Any = None
    seq: int = -1
    artifact_id: str | None = None
    message: str = ""


class RankedCause(_Frozen):
    """One suspect in the report; `evidence` holds ids of evidence that speaks for it."""

    entity: str
    indicator: str | None
    change: str | None
    score: float
    evidence: tuple[str, ...]
    reasons: tuple[str, ...] = ()


class Claim(_Frozen):
    """A sentence and what it rests on; `status` is set by code."""

    text: str
    evidence: tuple[str, ...]
    status: Literal["supported", "unsupported"]
    author: Literal["statistics", "model"] = "statistics"
    problem: str = ""


class Action(_Frozen):
    """Something that was proposed or done, and what the gate decided."""

    tool: str
    args: Mapping[str, Any]
    decision: str
    roles: tuple[str, ...] = ()
    status: str = ""
    approval_id: str | None = None


class Cost(_Frozen):
    """What the triage took."""

    model_calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    usd: float = 0.0
    wall_s: float = 0.0


class ModelUse(_Frozen):
    """Which model took part, or why none did."""

    used: bool
    endpoint: str | None = None
    model: str | None = None
    fallbacks: tuple[str, ...] = ()
    note: str = ""


class HowOftenRight(_Frozen):
    """What the leading suspect's score is worth in this installation.

    Args:
        right: labelled incidents of the installation in which a leading suspect with such a score was a true cause.
        of: labelled incidents in which one had such a score.
        low: of Wilson's 95 % interval of the share.
        high: of the same.
    """

    right: int
    of: int
    low: float
    high: float


class TriageReport(_Frozen):
    """The one result of a triage, rendered for every surface. Version 1 of the contract."""

    version: Literal[1] = 1
    run_id: str
    incident: Incident
    verdict: Verdict
    summary: str
    ranking: tuple[RankedCause, ...]
    claims: tuple[Claim, ...]
    actions: tuple[Action, ...] = ()
    evidence: tuple[Evidence, ...]
    cost: Cost
    model: ModelUse
    gaps: tuple[str, ...] = Field(default=(), description="what was missing, denied or failed, and so not looked at")
    synthetic: bool = Field(default=False, description="whether the incident was made by the sandbox world")
    reliability: HowOftenRight | None = Field(
        default=None, description="what the leading score is worth here; absent until enough incidents are labelled"
    )


class DiagnosisClaim(_Frozen):
    """A claim as a model hands it in."""

    text: str = Field(max_length=600)
    evidence: tuple[str, ...] = Field(default=(), max_length=12)
    quotes: tuple[str, ...] = Field(default=(), max_length=6)


class DiagnosisCause(_Frozen):
    """A cause as a model names it."""

    entity: str = Field(max_length=512)
    indicator: str | None = Field(default=None, max_length=256)
    change: str | None = Field(default=None, max_length=256)


class Diagnosis(_Frozen):
    """What a model answers at the end."""

    verdict: Verdict
    causes: tuple[DiagnosisCause, ...] = Field(default=(), max_length=5)
    claims: tuple[DiagnosisClaim, ...] = Field(default=(), max_length=20)
