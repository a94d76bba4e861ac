"""Put the one report together from the state; everything in it has been through the gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .parts import TriageParts
from .reliability import of_leading
from .state import TriageState, evidence_ids, evidence_of, incident_of, summary_of
from .statistics import claims_of, gaps_of, ranking_of, summary_text, verdict_of
from .types import Action, Claim, Cost, Diagnosis, ModelUse, RankedCause, TriageReport, Verdict
from .verify import check, mentions

NO_MODEL = "No language model was used; everything in this report was computed."


def build_report(parts: TriageParts, state: TriageState, *, with_model: bool) -> TriageReport:
    """The statistical report, or the whole one with the model's checked part; the same state gives the same report."""
    ranking, verdict = ranking_of(state), verdict_of(state)
    claims = claims_of(state)
    diagnosis = Diagnosis.model_validate(state["diagnosis"]) if with_model and state.get("diagnosis") else None
    if diagnosis is not None:
        checked = check_claims(parts, state, diagnosis)
        ranking, verdict = adopt(ranking, verdict, diagnosis, checked)
        claims = checked + claims
    spent = parts.gate.spent()
    return TriageReport(
        run_id=parts.gate.run.id,
        incident=incident_of(state),
        verdict=verdict,
        summary=summary_text(verdict, ranking, summary_of(state, "rank")),
        ranking=ranking,
        claims=claims,
        actions=actions_of(parts, state),
        evidence=evidence_of(state),
        cost=Cost(
            model_calls=spent.prompts,
            tokens_in=spent.tokens_in,
            tokens_out=spent.tokens_out,
            usd=spent.microusd / 1e6,
            wall_s=round(state.get("wall_s", 0.0), 3),
        ),
        model=_model_use(parts, state, with_model=with_model),
        gaps=_gaps(parts, state),
        reliability=of_leading(state, ranking),
        synthetic="synthetic" in str(summary_of(state, "intake").get("source", "")).casefold(),
    )


def check_claims(parts: TriageParts, state: TriageState, diagnosis: Diagnosis) -> tuple[Claim, ...]:
    """The model's claims with their status."""
    evidence = {item.id: item for item in evidence_of(state)}
    return tuple(check(claim, evidence, parts.known_names) for claim in diagnosis.claims)


def adopt(
    ranking: tuple[RankedCause, ...], verdict: Verdict, diagnosis: Diagnosis, claims: tuple[Claim, ...]
) -> tuple[tuple[RankedCause, ...], Verdict]:
    """Let the model's diagnosis count as far as it is checked.

    A cause moves to the front when statistics considered its entity too and a supported claim names it. A verdict is
    taken over from `inconclusive` to `cause_found` on the same ground, and from `cause_found` to `inconclusive`
    always (a doubt needs no proof), but a model alone can never declare a system healthy.
    """
    supported = [claim for claim in claims if claim.status == "supported"]
    by_entity = {cause.entity: cause for cause in ranking}
    front: list[RankedCause] = []
    for named in diagnosis.causes:
        cause = by_entity.get(named.entity)
        backing = [claim for claim in supported if mentions(claim.text, named.entity)]
        if cause is None or not backing or any(row.entity == cause.entity for row in front):
            continue
        cited = tuple(dict.fromkeys([*(name for claim in backing for name in claim.evidence), *cause.evidence]))
        front.append(cause.model_copy(update={"evidence": cited, "score": ranking[0].score}))
    rest = [cause for cause in ranking if cause.entity not in {row.entity for row in front}]
    if diagnosis.verdict == "inconclusive" and verdict == "cause_found":
        verdict = "inconclusive"
    elif diagnosis.verdict == "cause_found" and verdict == "inconclusive" and front:
        verdict = "cause_found"
    return (*front, *rest), verdict


def actions_of(parts: TriageParts, state: TriageState) -> tuple[Action, ...]:
    """Calls of the model's that were refused, or that are no mere look: what became of each, in the order they came."""
    ids, results = evidence_ids(state), state.get("results", {})
    changing = {card.name for card in parts.gate.cards() if card.effect != "read"}
    actions = []
    for call_id in ids:
        result = results[call_id]
        is_action = result["status"] == "denied" or result["tool"] in changing
        if not call_id.startswith("model.") or not is_action:
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


def _model_use(parts: TriageParts, state: TriageState, *, with_model: bool) -> ModelUse:
    if parts.chat is None:
        return ModelUse(used=False, note=NO_MODEL)
    if not with_model:
        return ModelUse(used=False, note="This is the statistical report; a model is still reading the evidence.")
    return ModelUse.model_validate(state.get("model") or {"used": False, "note": "the model took no part"})


def _gaps(parts: TriageParts, state: TriageState) -> tuple[str, ...]:
    degraded = parts.gate.degraded()
    recorded = (
        (f"the ledger could not be written: {degraded}; records wait in the fallback journal",) if degraded else ()
    )
    return (*parts.gate.warnings(), *recorded, *gaps_of(state), *state.get("problems", ()))
