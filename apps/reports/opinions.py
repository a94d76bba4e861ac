"""A model's hypotheses in words: what it holds, what the second look made of it, and what speaks against it."""

from __future__ import annotations

from collections.abc import Iterator

from ...agents.triage.types import Hypothesis, SecondLook
from .cleaning import shown

_OUTCOMES: dict[SecondLook, str] = {
    "stands": "The second look found nothing against it",
    "weakened": "The second look found something that speaks against it",
    "refuted": "The second look refuted it",
    "not_done": "There was no second look",
}
_WEIGHTS = {"refutes": "the data contradict it", "weakens": "borne out by its evidence", "none": "not borne out"}


def lines_of(one: Hypothesis) -> Iterator[tuple[str, bool, tuple[str, ...], str]]:
    """A hypothesis and every objection to it: text, whether it is supported, evidence, problem."""
    about = " · ".join(shown(text, 160) for text in (one.entity, one.indicator, one.change) if text)
    place = f"number {one.place} of the ranking" if one.place else "not in the ranking"
    parts = [f"{about} ({place}): {_sentence(shown(one.mechanism, 600) if one.mechanism else 'no mechanism')}"]
    if one.refuted_by:
        parts.append(f"It would be refuted by: {_sentence(shown(one.refuted_by, 400))}")
    if one.status == "supported":
        looked = f"; it looked at: {shown(one.searched, 400)}" if one.searched else ""
        parts.append(_sentence(f"{_OUTCOMES[one.second_look]}{looked}"))
    if one.note:
        parts.append(_sentence(shown(one.note[:1].upper() + one.note[1:], 400)))
    yield " ".join(parts), one.status == "supported", one.evidence, one.problem
    for objection in one.objections:
        text = f"Against {shown(one.entity, 160)}, {_WEIGHTS[objection.weight]}: {shown(objection.text, 600)}"
        yield text, objection.status == "supported", objection.evidence, objection.problem


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
