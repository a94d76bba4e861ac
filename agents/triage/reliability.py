"""What the leading suspect's score is worth in this installation, where its labelled incidents say so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .parts import TriageParts
from .state import TriageState
from .statistics import ranking_of
from .types import HowOftenRight, RankedCause


def how_often_right(parts: TriageParts, state: TriageState) -> dict[str, Any] | None:
    """In plain form, for the state; `None` where nothing can be said."""
    ranking = ranking_of(state)
    if parts.reliability is None or not ranking:
        return None
    found = parts.reliability.such_scores(ranking[0].score)
    if found is None:
        return None
    right, of, low, high = found
    return HowOftenRight(right=right, of=of, low=low, high=high).model_dump(mode="json")


def of_leading(state: TriageState, ranking: Sequence[RankedCause]) -> HowOftenRight | None:
    """For the report: only while the suspect that leads is the one whose score was looked up.

    One that a model moved to the front got there by other means than its score.
    """
    found, statistical = state.get("reliability"), ranking_of(state)
    if not found or not ranking or not statistical or ranking[0].entity != statistical[0].entity:
        return None
    return HowOftenRight.model_validate(found)
