"""The words of the cost agent: a fleet, what a model may say of the numbers, and the report that people sign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from ...tools.recommendations.answers import PlanResult, RealisedResult, Recorded
from ...tools.recommendations.backtests import KindBacktest
from ..triage.types import Claim, Cost, DiagnosisClaim, Evidence, ModelUse


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FleetFacts(_Frozen):
    """What is looked at; days are ISO 8601, `end` is the day after the last."""

    title: str
    environment: str
    currency: str
    start: str
    end: str
    source: str = ""
    synthetic: bool = False


class OwnerDraft(_Frozen):
    """Words for one team, as a model hands them in."""

    team: str = Field(max_length=200)
    text: str = Field(max_length=800)
    recommendations: tuple[str, ...] = Field(default=(), max_length=20, description="ids of recommendations")
    evidence: tuple[str, ...] = Field(default=(), max_length=12)


class GroupDraft(_Frozen):
    """Recommendations that belong together, as a model hands them in."""

    title: str = Field(max_length=120)
    text: str = Field(default="", max_length=600)
    recommendations: tuple[str, ...] = Field(max_length=40)
    evidence: tuple[str, ...] = Field(default=(), max_length=12)


class SavingsDraft(_Frozen):
    """What a model hands in about a week's plan; everything in it is checked by code."""

    sentences: tuple[DiagnosisClaim, ...] = Field(default=(), max_length=12)
    groups: tuple[GroupDraft, ...] = Field(default=(), max_length=8)
    owners: tuple[OwnerDraft, ...] = Field(default=(), max_length=12)
    unknown: tuple[str, ...] = Field(default=(), max_length=6)


class Note(_Frozen):
    """A model's words about some recommendations, with what code found of them."""

    kind: Literal["group", "owner"]
    title: str
    claim: Claim
    recommendations: tuple[str, ...]


class FinopsReport(_Frozen):
    """The one result of a weekly run, rendered for every surface. Version 1 of the contract.

    Args:
        plan: what is recommended and held; amounts per month.
        backtests: of every kind, replayed on this fleet.
        realised: what applied recommendations really save; absent where nothing is old enough.
        costs: results of the cost tools by name, as evidence has them.
        claims: sentences; of statistics, and of a model where one took part.
        notes: a model's words for groups and owners.
        evidence: every result, numbered.
        cost: what this run itself took.
        recorded: what was moved in the book; absent where nothing was written.
        gaps: what was missing, denied or failed.
    """

    version: Literal[1] = 1
    run_id: str
    fleet: FleetFacts
    plan: PlanResult
    backtests: tuple[KindBacktest, ...]
    realised: RealisedResult | None
    costs: Mapping[str, Any]
    claims: tuple[Claim, ...]
    notes: tuple[Note, ...]
    evidence: tuple[Evidence, ...]
    cost: Cost
    model: ModelUse
    recorded: Recorded | None
    gaps: tuple[str, ...]


class CostAnswer(_Frozen):
    """The answer to a question about the bill. Version 1 of the contract.

    Args:
        claims: a model's sentences, checked; empty where none took part.
        known: what code says, from the same evidence.
    """

    version: Literal[1] = 1
    run_id: str
    fleet: FleetFacts
    question: str
    claims: tuple[Claim, ...]
    known: tuple[Claim, ...]
    unknown: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    cost: Cost
    model: ModelUse
    gaps: tuple[str, ...]
