"""Put the report or the answer together from the state; everything in it has been through the gate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from ...core.errors import BackendError
from ...tools.recommendations.answers import PlanResult, RealisedResult, Recorded
from ...tools.recommendations.backtests import KindBacktest
from ...tools.recommendations.types import Held, Recommendation
from ..triage.report import NO_MODEL
from ..triage.types import AnswerDraft, Cost, ModelUse
from .calls import BACKTEST, PLAN, REALISED, RECORD
from .explaining import checked_notes, checked_sentences
from .parts import FinopsParts
from .state import FinopsState, evidence_of, summary_of
from .statements import cost_claims, group_claims, plan_claims, stated_claim, unit_claims
from .types import CostAnswer, FinopsReport, SavingsDraft

NEEDS_MODEL = "No language model took part, so nothing but the computed answer is said."
_COSTS = ("costs.describe", "costs.unit", "costs.unit.model", "costs.decompose")


def build_report(parts: FinopsParts, state: FinopsState) -> FinopsReport:
    """The report; the same state gives the same one.

    Raises:
        BackendError: there is no plan, or it is of another form.
    """
    try:
        plan, withheld = _plan_of(summary_of(state, PLAN))
        realised = summary_of(state, REALISED)
        kinds = summary_of(state, BACKTEST).get("kinds", ())
        measured = RealisedResult.model_validate(realised) if realised else None
        backtests = tuple(KindBacktest.model_validate(each) for each in kinds)
        recorded = summary_of(state, RECORD)
        moved = Recorded.model_validate(recorded) if recorded else None
    except ValidationError as error:
        raise BackendError(
            "there is no plan to report", remedy="see `opswarden audit tail` for why an analysis gave none"
        ) from error
    draft = SavingsDraft.model_validate(state["draft"]) if state.get("draft") else None
    offered = {each.id: each.team for each in plan.offered}
    said = checked_sentences(parts, state, draft.sentences) if draft is not None else ()
    return FinopsReport(
        run_id=parts.gate.run.id,
        fleet=parts.fleet,
        plan=plan,
        backtests=backtests,
        realised=measured,
        costs={name: dict(summary_of(state, name)) for name in _COSTS if summary_of(state, name)},
        claims=(
            *said,
            *plan_claims(state, plan, measured),
            *cost_claims(parts, state, "costs.decompose"),
            *unit_claims(state),
        ),
        notes=checked_notes(parts, state, draft, offered) if draft is not None else (),
        evidence=evidence_of(state),
        cost=_cost(parts, state),
        model=_model(parts, state),
        recorded=moved,
        gaps=(*_gaps(parts, state), *withheld),
    )


def _plan_of(summary: Mapping[str, Any]) -> tuple[PlanResult, tuple[str, ...]]:
    """The plan, without what redaction has taken a number out of; and a sentence about that.

    Raises:
        ValidationError: it is no plan.
    """
    offered, gone = _whole(summary.get("offered", ()), Recommendation)
    examples, _ = _whole(summary.get("held_examples", ()), Held)
    told = (f"{gone} recommendations are not shown: a number in them looks like personal data",) if gone else ()
    return PlanResult.model_validate({**summary, "offered": offered, "held_examples": examples}), told


def _whole(rows: Iterable[Any], shape: type[BaseModel]) -> tuple[list[Any], int]:
    """Those that still have their form, and how many do not."""
    kept: list[Any] = []
    gone = 0
    for each in rows:
        try:
            shape.model_validate(each)
            kept.append(each)
        except ValidationError:
            gone += 1
    return kept, gone


def build_answer(parts: FinopsParts, state: FinopsState) -> CostAnswer:
    """The answer to a question; the same state gives the same one."""
    question = parts.question
    if question is None:
        raise ValueError("an answer needs a question")
    draft = AnswerDraft.model_validate(state["draft"]) if state.get("draft") else None
    about = _about(question.args)
    known = (
        *cost_claims(parts, state, "decompose.team", about),
        *stated_claim(parts, state, "decompose.team"),
        *(claim for by in ("team", "model", "country") for claim in group_claims(state, f"decompose.{by}", by)),
    )
    unknown = list(draft.unknown) if draft is not None else [NEEDS_MODEL]
    if not known:
        unknown.append("The bill of these days says nothing of it.")
    return CostAnswer(
        run_id=parts.gate.run.id,
        fleet=parts.fleet,
        question=question.words,
        claims=checked_sentences(parts, state, draft.sentences) if draft is not None else (),
        known=known,
        unknown=tuple(unknown),
        evidence=evidence_of(state),
        cost=_cost(parts, state),
        model=_model(parts, state),
        gaps=_gaps(parts, state),
    )


def _about(args: Mapping[str, Any]) -> str:
    words = [f"{name} {args[name]}" for name in ("team", "model", "country") if args.get(name)]
    if args.get("containing"):
        words.append(f"charges with {str(args['containing'])!r}")
    return f"The cost of {', '.join(words)}" if words else "The bill"


def _cost(parts: FinopsParts, state: FinopsState) -> Cost:
    spent = parts.gate.spent()
    return Cost(
        model_calls=spent.prompts,
        tokens_in=spent.tokens_in,
        tokens_out=spent.tokens_out,
        usd=spent.microusd / 1e6,
        wall_s=round(state.get("wall_s", 0.0), 3),
    )


def _model(parts: FinopsParts, state: FinopsState) -> ModelUse:
    if parts.chat is None:
        return ModelUse(used=False, note=NO_MODEL)
    return ModelUse.model_validate(state.get("model") or {"used": False})


def _gaps(parts: FinopsParts, state: FinopsState) -> tuple[str, ...]:
    found = [] if parts.spans is not None else ["The fleet has no bill, so costs are neither shown nor tied."]
    results = state.get("results", {})
    for call_id in state.get("order", []):
        result = results[call_id]
        if result["status"] == "no_data" and (call_id == REALISED or call_id.startswith("analysis.")):
            continue  # nothing applied is old enough, or the fleet has nothing of the kind: that is no gap
        if result["status"] in ("error", "denied", "truncated") or (
            result["status"] == "no_data" and result["message"]
        ):
            found.append(f"{result['tool']}: {result['status']}: {result['message'] or result['code']}")
    found += state.get("problems", [])
    if degraded := parts.gate.degraded():
        found.append(f"records go to the fallback journal: {degraded}")
    return (*dict.fromkeys(found), *parts.gate.warnings())
