"""The three things a model is asked in a triage: a diagnosis, a second look at it, and answers to a person's questions.

Each is a conversation of its own, with its own prompts, schema and number of turns; `reason` drives them all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from ...core.tokens import estimate_tokens, most_tokens
from ...tools.shown import shortened
from ...tools.spec import json_schema
from .briefing import incident_text, opening
from .fences import fence, fenced
from .parts import TriageParts
from .state import TriageState, incident_of
from .types import AnswerDraft, Diagnosis, Hypothesis, Refutation

DIAGNOSE, SECOND_LOOK, ASK = "model", "second", "ask."
"""A phase's id begins the ids of its calls; each question of a person is a phase of its own: `ask.1`, `ask.2`, …"""

_ANSWER_ROOM_TOKENS = 3_000
_LEAST_ROOM_TOKENS = 1_500
_REQUEST_TOKENS = 1_000
_HISTORY_TOKENS = 1_200
_COMMON = ("repair", "last_turn")


@dataclass(frozen=True)
class Phase:
    """One conversation with a model.

    Args:
        id: begins the ids of the calls that it makes.
        prompts_as: begins the ids of its requests to a model.
        prompt: the name of the prompt that it starts with.
        shape: what it ends with.
        turns: answers it may take, the last one without tools.
        absent: begins the note if it comes to nothing at all.
    """

    id: str
    prompts_as: str
    prompt: str
    shape: type[BaseModel]
    turns: int
    absent: str

    @property
    def prompts(self) -> tuple[str, ...]:
        """The names of every prompt that may stand in its requests."""
        return (self.prompt, *_COMMON)

    def parse(self, text: str) -> tuple[BaseModel | None, str]:
        """What it ends with, out of an answer."""
        return parse_object(text, self.shape)


def phase_of(parts: TriageParts, state: TriageState) -> Phase:
    """The phase that a run is in."""
    name, limits = state.get("phase") or DIAGNOSE, parts.limits
    if name == SECOND_LOOK:
        return Phase(name, "second", "refute", Refutation, limits.second_turns, "the second look was not done")
    if name.startswith(ASK):
        return Phase(name, name, "answer", AnswerDraft, limits.answer_turns, "the model gave no answer")
    return Phase(name, "reason", "diagnose", Diagnosis, limits.turns, "the model took no part")


def first_messages(parts: TriageParts, state: TriageState, tools: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """System and opening message, together no longer than the limit on what goes into a model at first."""
    phase = phase_of(parts, state)
    schema = json.dumps(json_schema(phase.shape), separators=(",", ":"))
    nonce = parts.nonce
    system = parts.prompts[phase.prompt].render(
        open=fence(nonce, "open"), close=fence(nonce, "close"), turns=phase.turns, schema=schema
    )
    room = context_room(parts, tools)
    limit = max(_LEAST_ROOM_TOKENS, min(room, parts.limits.opening_tokens) - most_tokens(system))
    before, after, named = _around(parts, state, phase)
    text = opening(state, nonce, limit, before=before, after=after, named=named)
    return [{"role": "system", "content": system}, {"role": "user", "content": text}]


def context_room(parts: TriageParts, tools: Sequence[Mapping[str, Any]]) -> int:
    """What every endpoint can take beside the tools and an answer."""
    room = min((endpoint.context_tokens for endpoint in parts.gate.endpoints()), default=16_384)
    return room - _ANSWER_ROOM_TOKENS - estimate_tokens(json.dumps(list(tools), default=str))


def parse_object(text: str, shape: type[BaseModel]) -> tuple[BaseModel | None, str]:
    """The object in an answer, or what is wrong with it. Text around the one object is tolerated."""
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end <= start:
        return None, "it holds no JSON object"
    try:
        return shape.model_validate_json(text[start : end + 1]), ""
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return None, f"{place}: {first['msg']}" if place else str(first["msg"])


def _around(parts: TriageParts, state: TriageState, phase: Phase) -> tuple[list[str], list[str], list[str]]:
    """What stands before and after the evidence, and the entities that it is about."""
    before, after, named = [incident_text(incident_of(state), parts.nonce)], [], []
    if phase.id == SECOND_LOOK:
        hypothesis = Hypothesis.model_validate(state["hypothesis"])
        named.append(hypothesis.entity)
        told = {
            name: value
            for name, value in hypothesis.model_dump(mode="json").items()
            if name in ("entity", "indicator", "change", "mechanism", "evidence", "refuted_by") and value
        }
        after += ["The hypothesis to refute:", fenced(json.dumps(told, ensure_ascii=False), parts.nonce)]
    elif phase.id.startswith(ASK):
        question = state["question"]
        named += question["entities"]
        before += _so_far(parts, state)
        after.append(f"The question: {shortened(question['text'], _REQUEST_TOKENS)}")
    elif request := parts.gate.run.request:
        before.insert(0, f"The person who started this asks: {shortened(request, _REQUEST_TOKENS)}")
    return before, after, named


def _so_far(parts: TriageParts, state: TriageState) -> list[str]:
    """The report's answer, and the questions and answers since, the newest whole."""
    report = state.get("report", {})
    lines = [f"The report says ({report.get('verdict')}): {report.get('summary', '')}"]
    lines += [
        f"- {item['entity']}: {item['mechanism']} ({item['status']}, second look: {item['second_look']})"
        for item in report.get("hypotheses", ())
    ]
    room, told = _HISTORY_TOKENS, []
    for item in reversed(state.get("talk", [])):
        text = f"Asked before: {item['question']}\nAnswered: {' '.join(item['sentences'])}"
        room -= most_tokens(text)
        if room < 0:
            told.append("Earlier questions are left out here.")
            break
        told.append(text)
    return [fenced("\n".join([*lines, *reversed(told)]), parts.nonce)]
