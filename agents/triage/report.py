"""Put the one report together from the state; everything in it has been through the gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .context import context_gaps
from .first_minute import first_minute
from .hypotheses import adopt, looked_at, weigh
from .parts import TriageParts
from .proposing import proposed
from .reliability import of_leading
from .state import TriageState, evidence_ids, evidence_of, incident_of, is_ours, own_evidence, summary_of
from .statistics import claims_of, gaps_of, ranking_of, summary_text, verdict_of
from .types import (
    Action,
    Claim,
    Cost,
    Diagnosis,
    DiagnosisClaim,
    Hypothesis,
    ModelUse,
    RankedCause,
    Refutation,
    TriageReport,
)
from .verify import check

NO_MODEL = "No language model was used; everything in this report was computed."


def build_report(parts: TriageParts, state: TriageState, *, with_model: bool) -> TriageReport:
    """The statistical report, or the whole one with the model's checked part; the same state gives the same report."""
    ranking, verdict, found = ranking_of(state), verdict_of(state), summary_of(state, "rank")
    claims = claims_of(state)
    diagnosis = Diagnosis.model_validate(state["diagnosis"]) if with_model and state.get("diagnosis") else None
    hypotheses: tuple[Hypothesis, ...] = ()
    effect = ""
    if diagnosis is not None:
        hypotheses = hypotheses_of(parts, state)
        ranking, verdict, effect = adopt(
            ranking, verdict, found, hypotheses, own_evidence(state), incident_of(state).alert_entity
        )
        if effect:
            hypotheses = tuple(
                one.model_copy(update={"note": effect}) if one.second_look != "not_done" else one for one in hypotheses
            )
        claims = check_claims(parts, state, diagnosis.claims) + claims
    spent = parts.gate.spent()
    return TriageReport(
        run_id=parts.gate.run.id,
        incident=incident_of(state),
        verdict=verdict,
        summary=summary_text(verdict, ranking, found),
        first_minute=first_minute(incident_of(state), ranking, evidence_of(state)),
        ranking=ranking,
        hypotheses=hypotheses,
        claims=claims,
        actions=_actions(parts, state, ranking),
        evidence=evidence_of(state),
        cost=Cost(
            model_calls=spent.prompts,
            tokens_in=spent.tokens_in,
            tokens_out=spent.tokens_out,
            usd=spent.microusd / 1e6,
            wall_s=round(state.get("wall_s", 0.0), 3),
        ),
        model=_model_use(parts, state, diagnosis, with_model=with_model),
        gaps=_gaps(parts, state),
        reliability=of_leading(state, ranking),
        synthetic="synthetic" in str(summary_of(state, "intake").get("source", "")).casefold(),
    )


def check_claims(parts: TriageParts, state: TriageState, claims: Sequence[DiagnosisClaim]) -> tuple[Claim, ...]:
    """A model's claims with their status."""
    evidence = {item.id: item for item in evidence_of(state)}
    return tuple(check(claim, evidence, parts.known_names) for claim in claims)


def hypotheses_of(parts: TriageParts, state: TriageState) -> tuple[Hypothesis, ...]:
    """The model's hypotheses as code finds them, the leading one with its second look if there was one."""
    if not state.get("diagnosis"):
        return ()
    diagnosis, evidence, names = Diagnosis.model_validate(state["diagnosis"]), evidence_of(state), parts.known_names
    alert_entity = incident_of(state).alert_entity
    found = weigh(diagnosis, evidence, ranking_of(state), names, alert_entity)
    if "hypothesis" not in state:
        return found
    told = state.get("refutation")
    refutation = Refutation.model_validate(told) if told else None
    return tuple(
        looked_at(one, refutation, evidence, own_evidence(state), names, alert_entity, state.get("second_note", ""))
        if one.entity == state["hypothesis"]["entity"]
        else one
        for one in found
    )


def actions_of(parts: TriageParts, state: TriageState, prefix: str = "") -> tuple[Action, ...]:
    """Calls of the model's that were refused, or that are no mere look: what became of each, in the order they came.

    Args:
        parts: with the gate whose tools they are.
        state: with their results.
        prefix: of the ids of the calls that count.
    """
    ids, results = evidence_ids(state), state.get("results", {})
    changing = {card.name for card in parts.gate.cards() if card.effect != "read"}
    actions = []
    for call_id in ids:
        result = results[call_id]
        is_action = result["status"] == "denied" or result["tool"] in changing
        if is_ours(call_id) or not is_action or not call_id.startswith(prefix):
            continue
        args: Mapping[str, Any] = result["args"]
        actions.append(
            Action(
                tool=result["tool"],
                args=args,
                decision=result["code"],
                roles=tuple(result.get("roles", ())),
                status=result["status"],
                approval_id=result.get("approval_id"),
            )
        )
    return tuple(actions)


def _actions(parts: TriageParts, state: TriageState, ranking: Sequence[RankedCause]) -> tuple[Action, ...]:
    """What a model asked for, and what code proposes besides."""
    asked = actions_of(parts, state)
    return (
        *asked,
        *(one for one in proposed(ranking, state.get("results", {})) if one.tool not in {a.tool for a in asked}),
    )


def _model_use(parts: TriageParts, state: TriageState, diagnosis: Diagnosis | None, *, with_model: bool) -> ModelUse:
    if parts.chat is None:
        return ModelUse(used=False, note=NO_MODEL)
    if not with_model:
        return ModelUse(used=False, note="This is the statistical report; a model is still reading the evidence.")
    use = ModelUse.model_validate(state.get("model") or {"used": False, "note": "the model took no part"})
    return use.model_copy(update={"verdict": diagnosis.verdict}) if diagnosis is not None else use


def _gaps(parts: TriageParts, state: TriageState) -> tuple[str, ...]:
    degraded = parts.gate.degraded()
    recorded = (
        (f"the ledger could not be written: {degraded}; records wait in the fallback journal",) if degraded else ()
    )
    return (
        *parts.gate.warnings(),
        *recorded,
        *gaps_of(state),
        *context_gaps(state.get("results", {})),
        *state.get("problems", ()),
    )
