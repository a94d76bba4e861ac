"""How a person reads one case of a result: was it right, and if not, in what way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal

from .suite import CaseScore

Outcome = Literal["right", "partly", "wrong", "error", "infrastructure"]

OUTCOMES: tuple[Outcome, ...] = ("wrong", "partly", "error", "infrastructure", "right")
"""In the order in which somebody who mends things wants to see them."""


def leading_metric(case: CaseScore) -> str | None:
    """The metric that decides whether a case is right: the first that applies to it."""
    return next(iter(case.metrics), None)


def outcome_of(case: CaseScore, lower_is_better: Collection[str] = ()) -> Outcome:
    """Right and wrong by the first metric that applies; `partly` lies between 0 and 1, as with repeats that differ."""
    if case.error is not None:
        return "infrastructure" if case.is_infrastructure else "error"
    name = leading_metric(case)
    if name is None:
        return "error"
    value = 1 - case.metrics[name] if name in lower_is_better else case.metrics[name]
    return "right" if value >= 1 else "wrong" if value <= 0 else "partly"


def explained(case: CaseScore) -> tuple[str, ...]:
    """Why a case is not right, in sentences made of the label and the answer; empty where neither says."""
    return tuple(_explained(case))


def _explained(case: CaseScore) -> Iterator[str]:
    if case.error is not None:
        yield case.error
        return
    truth, details = _mapping(case.details.get("truth")), case.details
    verdict, wanted = str(details.get("verdict") or ""), str(truth.get("verdict") or "")
    if wanted and wanted != "cause_found":
        if verdict and verdict != wanted:
            yield f"It says {_words(verdict)}; the label says {_words(wanted)}."
        return
    causes = [_mapping(cause) for cause in _items(truth.get("causes"))]
    true = [str(cause.get("entity")) for cause in causes]
    ranking = [str(name) for name in _items(details.get("ranking"))]
    if true and "ranking" in details:
        yield from _place_of(true, ranking)
    if verdict and wanted and verdict != wanted:
        yield f"It says {_words(verdict)}, although there is a cause."
    suspects = [_mapping(suspect) for suspect in _items(details.get("suspects"))]
    yield from _parts(causes, suspects)


def _place_of(true: list[str], ranking: list[str]) -> Iterator[str]:
    different = list(dict.fromkeys(ranking))
    if not different:
        yield "It names nobody."
        return
    places = [different.index(name) for name in true if name in different]
    if not places:
        yield f"It names {different[0]}; no true cause is among the {len(different)} it names here."
    elif min(places) > 0:
        found = different[min(places)]
        yield f"It names {different[0]} first; the true cause {found} is at place {min(places) + 1}."


def _parts(causes: list[Mapping[str, Any]], suspects: list[Mapping[str, Any]]) -> Iterator[str]:
    """Where the entity is right and its indicator or change is not."""
    if not suspects:
        return
    first = suspects[0]
    same = [cause for cause in causes if cause.get("entity") == first.get("entity")]
    for part in ("indicator", "change"):
        wanted = [str(cause[part]) for cause in same if cause.get(part)]
        if wanted and first.get(part) not in wanted:
            given = first.get(part) or "none"
            yield f"The entity is right; the {part} is {wanted[0]}, and it names {given}."


def _words(verdict: str) -> str:
    return verdict.replace("_", " ")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _items(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []
