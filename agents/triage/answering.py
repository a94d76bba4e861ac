"""A person's question about a triage that has ended: what is looked up for it, and the typed answer."""

from __future__ import annotations

from typing import Any

from .known import entities_in, known_of, look_ups
from .parts import TriageParts
from .phases import ASK
from .plan import PlannedCall
from .report import NO_MODEL, actions_of, check_claims
from .state import TriageState, evidence_of, incident_of
from .statistics import ranking_of
from .types import Answer, AnswerDraft, Claim, Cost, ModelUse

NEEDS_MODEL = (
    "Only a language model can answer a free question, and none took part; this is what the evidence holds about what"
    " the question names."
)
NOT_NAMED = "The question names no entity of this incident; this is what is known of the first suspect."


def new_question(
    parts: TriageParts, state: TriageState, words: str, entities: tuple[str, ...], evidence: tuple[str, ...]
) -> dict[str, Any]:
    """A question in plain form.

    Args:
        parts: of the run.
        state: of the triage that has ended.
        words: of the person, redacted.
        entities: that the person named beside the words.
        evidence: ids that the person wants to see.
    """
    named = tuple(dict.fromkeys([*entities, *entities_in(words, parts.known_names)]))
    is_elsewhere = bool(words) and not named
    first = tuple(cause.entity for cause in ranking_of(state)[:1]) if is_elsewhere else ()
    return {
        "number": len(state.get("talk", [])) + 1,
        "text": words,
        "entities": [*named, *first],
        "evidence": list(evidence),
        "is_elsewhere": is_elsewhere,
        "is_answered": False,
    }


def begin(state: TriageState) -> dict[str, Any]:
    """The update that begins a question: its phase, with a conversation of its own."""
    question = state["question"]
    return {
        "phase": f"{ASK}{question['number']}",
        "turn": 0,
        "messages": [],
        "requests": [],
        "outcome": None,
        "over": False,
        "ended": "",
        "model": ModelUse(used=False).model_dump(mode="json"),
    }


def calls_for(state: TriageState) -> list[PlannedCall]:
    """What is looked up for a question by code; what the run has looked up already is not asked again."""
    question, results = state["question"], state.get("results", {})
    done = [(result["tool"], result["args"]) for result in results.values()]
    prefix = f"{ASK}{question['number']}.known"
    calls = look_ups(prefix, incident_of(state), question["entities"])
    return [call for call in calls if call.call_id in results or (call.tool, dict(call.args)) not in done]


def build_answer(parts: TriageParts, state: TriageState) -> Answer:
    """The answer; the same state gives the same one."""
    question, evidence = state["question"], evidence_of(state)
    outcome = state.get("outcome")
    draft = AnswerDraft.model_validate(outcome) if outcome else None
    said = check_claims(parts, state, draft.sentences) if draft is not None else ()
    known = tuple(claim for entity in question["entities"] for claim in known_of(entity, evidence))
    cited = {name for claim in (*said, *known) for name in claim.evidence} | set(question["evidence"])
    spent = parts.gate.spent()
    return Answer(
        run_id=parts.gate.run.id,
        number=question["number"],
        question=question["text"],
        claims=said,
        known=known,
        unknown=_unknown(question, draft, known),
        shown=tuple(name for name in question["evidence"] if any(item.id == name for item in evidence)),
        evidence=tuple(item for item in evidence if item.id in cited),
        actions=actions_of(parts, state, f"{ASK}{question['number']}."),
        cost=Cost(
            model_calls=spent.prompts, tokens_in=spent.tokens_in, tokens_out=spent.tokens_out, usd=spent.microusd / 1e6
        ),
        model=_use(parts, state),
        gaps=tuple(parts.gate.warnings()),
    )


def remembered(answer: Answer) -> dict[str, Any]:
    """What later questions are told of this one."""
    sentences = [f"{claim.text} ({claim.status}; {' '.join(claim.evidence)})" for claim in answer.claims]
    return {"question": answer.question, "sentences": sentences or [claim.text for claim in answer.known[:6]]}


def _unknown(question: dict[str, Any], draft: AnswerDraft | None, known: tuple[Claim, ...]) -> tuple[str, ...]:
    found: list[str] = [] if draft is None else list(draft.unknown)
    if question["text"] and draft is None:
        found.append(NEEDS_MODEL)
    if question["is_elsewhere"]:
        found.append(NOT_NAMED)
    told = {claim.text.partition(":")[0] for claim in known}
    found += [f"Nothing is known of {name} here." for name in question["entities"] if name not in told]
    return tuple(found)


def _use(parts: TriageParts, state: TriageState) -> ModelUse:
    if parts.chat is None or not state["question"]["text"]:
        return ModelUse(used=False, note=NO_MODEL)
    return ModelUse.model_validate(state.get("model") or {"used": False})
