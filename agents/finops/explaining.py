"""The one turn in which a model explains, groups and drafts; what it hands in is checked by code, as in a triage."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from langchain_core.messages.utils import convert_to_messages
from langchain_core.runnables import RunnableConfig
from pydantic import BaseModel

from ...core.errors import CallDenied, ModelError, RedactionError
from ...core.tokens import estimate_tokens
from ...tools.shown import shortened
from ..triage.fences import fence, fenced
from ..triage.phases import parse_object
from ..triage.types import AnswerDraft, Claim, DiagnosisClaim, Evidence, ModelUse
from ..triage.verify import check
from .parts import FinopsParts
from .state import FinopsState, evidence_of
from .types import Note, SavingsDraft

SAVINGS, BILL = "savings", "bill"
"""The prompts: about a week's plan, and about a question."""
_TURNS = 2
_NAMING = ("workload", "subject", "team", "model", "country", "name")
_SHOWN_OF_PLAN = ("id", "kind", "subject", "resource", "team", "owner", "current", "proposed", "why", "steps")
_MOST_LISTED = 24


def explain(parts: FinopsParts, state: FinopsState) -> dict[str, Any]:
    """Ask the model; a refusal, a failure or an unusable answer leaves the computed report as it is, with a note."""
    if parts.chat is None:
        return {}
    prompt, shape = (SAVINGS, SavingsDraft) if parts.question is None else (BILL, AnswerDraft)
    messages = _messages(parts, state, prompt, shape)
    use: dict[str, Any] = ModelUse(used=False).model_dump(mode="json")
    problem = ""
    for turn in range(1, _TURNS + 1):
        metadata = {"call_id": f"{prompt}.{turn}", "prompts": parts.prompts.hashes(prompt, "repair")}
        config: RunnableConfig = {"metadata": metadata}
        try:
            reply = parts.chat.invoke(convert_to_messages(messages), config=config)
        except (ModelError, CallDenied, RedactionError) as error:
            return _without(use, f"the model took no part: {error.message}")
        text = reply.content if isinstance(reply.content, str) else json.dumps(reply.content)
        use = _use(parts, prompt, reply.response_metadata)
        outcome, problem = parse_object(text, shape)
        if outcome is not None:
            return {"draft": outcome.model_dump(mode="json"), "model": use}
        repair = parts.prompts["repair"].render(problem=problem)
        messages = [*messages, {"role": "assistant", "content": text}, {"role": "user", "content": repair}]
    return _without(use, f"the model's answer could not be used: {problem}")


def checked_sentences(parts: FinopsParts, state: FinopsState, sentences: Sequence[DiagnosisClaim]) -> tuple[Claim, ...]:
    """A model's sentences with their status."""
    evidence = {item.id: for_checking(item) for item in evidence_of(state)}
    return tuple(check(claim, evidence, parts.known_names) for claim in sentences)


def checked_notes(
    parts: FinopsParts, state: FinopsState, draft: SavingsDraft, offered: Mapping[str, str]
) -> tuple[Note, ...]:
    """A model's words for groups and teams, with what code found of them.

    Args:
        parts: of the run.
        state: with the evidence.
        draft: as the model handed it in.
        offered: team by id of every recommendation that is shown.
    """
    found: list[Note] = []
    for group in draft.groups:
        found.append(
            _note(parts, state, "group", group.title, group.text, group.recommendations, group.evidence, offered)
        )
    for owner in draft.owners:
        note = _note(parts, state, "owner", owner.team, owner.text, owner.recommendations, owner.evidence, offered)
        strange = [name for name in note.recommendations if offered.get(name) != owner.team]
        if strange and not note.claim.problem:
            problem = "names a recommendation of another team"
            claim = note.claim.model_copy(update={"status": "unsupported", "problem": problem})
            note = note.model_copy(update={"claim": claim})
        found.append(note)
    return tuple(found)


def for_checking(item: Evidence) -> Evidence:
    """Evidence whose rows say whose they are under the name that the checker looks for."""
    return item.model_copy(update={"summary": _named(item.summary)})


def _named(value: Any) -> Any:
    if isinstance(value, Mapping):
        row = {key: _named(item) for key, item in value.items()}
        name = next((value[key] for key in _NAMING if isinstance(value.get(key), str) and value[key]), None)
        return {**row, "entity": name} if name is not None and "entity" not in row else row
    if isinstance(value, list | tuple):
        return [_named(item) for item in value]
    return value


def _note(
    parts: FinopsParts,
    state: FinopsState,
    kind: str,
    title: str,
    text: str,
    ids: Sequence[str],
    evidence: Sequence[str],
    offered: Mapping[str, str],
) -> Note:
    (claim,) = checked_sentences(
        parts, state, [DiagnosisClaim(text=text or title, evidence=tuple(dict.fromkeys(evidence)))]
    )
    if any(name not in offered for name in ids) and not claim.problem:
        problem = "names a recommendation that does not exist"
        claim = claim.model_copy(update={"status": "unsupported", "problem": problem})
    known = tuple(name for name in dict.fromkeys(ids) if name in offered)
    return Note.model_validate({"kind": kind, "title": title, "claim": claim, "recommendations": known})


def _messages(parts: FinopsParts, state: FinopsState, prompt: str, shape: type[BaseModel]) -> list[dict[str, Any]]:
    schema = json.dumps(shape.model_json_schema(), separators=(",", ":"))
    nonce = parts.nonce
    system = parts.prompts[prompt].render(open=fence(nonce, "open"), close=fence(nonce, "close"), schema=schema)
    room = parts.most_tokens - estimate_tokens(system)
    lines: list[str] = []
    if parts.question is not None:
        lines.append(f"The question: {shortened(parts.question.words, 600)}")
    for item in evidence_of(state):
        text = _evidence_text(item, nonce)
        size = estimate_tokens(text)
        if size > room:
            text = f"{item.id} {item.tool}: left out here, it is too long"
            size = estimate_tokens(text)
        room -= size
        lines.append(text)
    return [{"role": "system", "content": system}, {"role": "user", "content": "\n".join(lines)}]


def _evidence_text(item: Evidence, nonce: str) -> str:
    if item.status not in ("ok", "truncated"):
        return f"{item.id} {item.tool}: {item.status}"
    summary = item.summary
    if item.tool == "recommendations.plan" and isinstance(summary, Mapping):
        summary = _short_plan(summary)
    return f"{item.id} {item.tool}\n{fenced(json.dumps(summary, ensure_ascii=False, default=str), nonce)}"


def _short_plan(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The plan as a model needs it: the greatest savings, each with what it saves and risks."""
    offered = [
        {
            **{key: one.get(key) for key in _SHOWN_OF_PLAN if one.get(key) not in (None, [], "")},
            "saves_a_month": one["saving"]["effective"]["expected"],
            "risk": one["risk"]["probability"],
        }
        for one in list(summary.get("offered", ()))[:_MOST_LISTED]
    ]
    short = {key: value for key, value in summary.items() if key not in ("offered", "states", "held_examples", "new")}
    return {**short, "offered": offered}


def _use(parts: FinopsParts, prompt: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    return ModelUse(
        used=True,
        endpoint=facts.get("endpoint"),
        model=facts.get("model"),
        fallbacks=tuple(map(str, facts.get("fallbacks", ()))),
        prompts=parts.prompts.hashes(prompt),
    ).model_dump(mode="json")


def _without(use: Mapping[str, Any], note: str) -> dict[str, Any]:
    return {"draft": None, "model": {**use, "note": note}, "problems": [note]}
