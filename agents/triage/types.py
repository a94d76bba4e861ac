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
    is_live: bool = False
    began: str | None = Field(default=None, description="by the data; where they do not tell, `start` is all there is")
    quiet_until: str | None = Field(default=None, description="the end of the quiet time then")

    @property
    def windows(self) -> dict[str, str | None]:
        """What is compared with what: from the beginning by the data, if that is known."""
        return {
            "start": self.began or self.start,
            "end": self.end,
            "baseline_start": self.baseline_start,
            "baseline_end": self.quiet_until or self.baseline_end,
        }

    @property
    def absent(self) -> tuple[str, ...]:
        """What nothing is there for, a sentence each."""
        if self.is_live:
            return tuple(f"no system is configured that holds {name}" for name in self.missing_tables)
        return tuple(f"the snapshot has no table {name!r}" for name in self.missing_tables)


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
        step: the step of the runbook that it came from, and its block there: `3.1`; empty if from none.
    """

    id: str
    tool: str
    scope: Mapping[str, Any]
    status: EvidenceStatus
    summary: Any = None
    seq: int = -1
    artifact_id: str | None = None
    message: str = ""
    step: str = ""


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


class Objection(_Frozen):
    """What the second look holds against a hypothesis; `status` and `weight` are set by code.

    Args:
        kind: what it says about the hypothesis.
        entity: another one that it speaks of.
        weight: `refutes` where code found the contradiction in the data, `weakens` where the cited evidence bears the
            words out and no more, `none` where it does not.
    """

    kind: str
    text: str
    entity: str | None = None
    evidence: tuple[str, ...] = ()
    status: Literal["supported", "unsupported"]
    weight: Literal["refutes", "weakens", "none"]
    problem: str = ""


SecondLook = Literal["stands", "weakened", "refuted", "not_done"]
"""What became of a hypothesis that was to be refuted."""


class Hypothesis(_Frozen):
    """How a model explains the incident; `status` is set by code.

    Args:
        place: of its entity in the statistical ranking, from 1; absent if statistics did not consider it.
        mechanism: how its trouble became what people saw.
        refuted_by: what would refute it, in the model's words.
        second_look: `not_done` for all but the leading one.
        searched: what the second look says it looked at.
        note: why a second look was not done, or what the hypothesis changed in the report.
    """

    entity: str
    indicator: str | None = None
    change: str | None = None
    mechanism: str
    evidence: tuple[str, ...]
    refuted_by: str = ""
    place: int | None = None
    status: Literal["supported", "unsupported"]
    problem: str = ""
    second_look: SecondLook = "not_done"
    objections: tuple[Objection, ...] = ()
    searched: str = ""
    note: str = ""


class ModelUse(_Frozen):
    """Which model took part, or why none did.

    Args:
        prompts: hashes of our texts that it was given, by their names.
        verdict: its own, which binds nobody.
    """

    used: bool
    endpoint: str | None = None
    model: str | None = None
    fallbacks: tuple[str, ...] = ()
    note: str = ""
    prompts: Mapping[str, str] = Field(default_factory=dict)
    verdict: Verdict | None = None


class FirstMinute(_Frozen):
    """One line of what an on-call engineer needs in the first minute.

    Args:
        kind: what it is about; a report has at most one line of each.
        text: the line.
        evidence: ids of what it was read from; never empty.
    """

    kind: Literal["impact", "slo", "owner", "blast_radius", "change", "similar", "runbook"]
    text: str
    evidence: tuple[str, ...] = Field(min_length=1)


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
    first_minute: tuple[FirstMinute, ...] = Field(default=(), description="impact, owner, and what to do first")
    ranking: tuple[RankedCause, ...]
    hypotheses: tuple[Hypothesis, ...] = Field(default=(), description="a model's, the leading one first")
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


class Answer(_Frozen):
    """The answer to a person's question about a triage that has ended. Version 1 of the contract.

    Args:
        number: of the question in this run, from 1.
        claims: a model's sentences, checked; together they are its answer.
        known: what code read from the evidence about the entities that the question is about.
        unknown: what cannot be said, and why.
        shown: ids of evidence that was asked for by number.
        evidence: everything that is cited or asked for; numbers go on from those of the report.
        cost: of the run up to here.
    """

    version: Literal[1] = 1
    run_id: str
    number: int
    question: str
    claims: tuple[Claim, ...] = ()
    known: tuple[Claim, ...] = ()
    unknown: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    actions: tuple[Action, ...] = ()
    cost: Cost
    model: ModelUse
    gaps: tuple[str, ...] = ()


class DiagnosisClaim(_Frozen):
    """A claim as a model hands it in."""

    text: str = Field(max_length=600)
    evidence: tuple[str, ...] = Field(default=(), max_length=12)
    quotes: tuple[str, ...] = Field(default=(), max_length=6)


class DiagnosisHypothesis(_Frozen):
    """A hypothesis as a model hands it in."""

    entity: str = Field(max_length=512, description="where it began, spelled as in the evidence")
    indicator: str | None = Field(default=None, max_length=256)
    change: str | None = Field(default=None, max_length=256)
    mechanism: str = Field(default="", max_length=600, description="how its trouble became what people saw")
    evidence: tuple[str, ...] = Field(default=(), max_length=12, description="ids of evidence about this entity")
    quotes: tuple[str, ...] = Field(default=(), max_length=6, description="words that stand in that evidence")
    refuted_by: str = Field(default="", max_length=400, description="what would refute it")


class Diagnosis(_Frozen):
    """What a model answers at the end."""

    verdict: Verdict
    hypotheses: tuple[DiagnosisHypothesis, ...] = Field(default=(), max_length=5)
    claims: tuple[DiagnosisClaim, ...] = Field(default=(), max_length=20)


ObjectionKind = Literal["began_later", "did_not_move", "change_too_late", "explained_by_another", "other"]
"""`began_later`: the entity's trouble began after that of `entity`. `did_not_move`: its series, spans and logs are as
usual. `change_too_late`: the change came after the onset. `explained_by_another`: `entity` explains more."""


class RefutationObjection(_Frozen):
    """An objection as a model hands it in."""

    kind: ObjectionKind
    text: str = Field(max_length=600)
    entity: str | None = Field(default=None, max_length=512, description="the other entity, where the kind names one")
    evidence: tuple[str, ...] = Field(default=(), max_length=12)
    quotes: tuple[str, ...] = Field(default=(), max_length=6)


class Refutation(_Frozen):
    """What the second look answers."""

    objections: tuple[RefutationObjection, ...] = Field(default=(), max_length=6)
    searched: str = Field(default="", max_length=600, description="what was looked at")


class AnswerDraft(_Frozen):
    """What a model answers to a person's question; the sentences are checked like claims."""

    sentences: tuple[DiagnosisClaim, ...] = Field(default=(), max_length=20)
    unknown: tuple[str, ...] = Field(default=(), max_length=6, description="what the evidence does not show")
