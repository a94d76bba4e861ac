"""Scores an answer to "which change did it, if any?" against its label, and simple answers to lay beside it.

HR@k and the reciprocal rank are those of ChangeRCA (Yu et al., FSE 2024). `right` and `decoy_named` ask more: a method
has to know when none of the changes did it, and to name no innocent one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ...agents.triage.types import TriageReport
from ..cases import Truth
from ..suite import Metric, Suite
from .baselines import Baseline, BaselineScore
from .chance import expected_hit
from .rca import hit
from .view import CaseView

SUITE = Suite(
    name="changes",
    description="name the change that caused an incident, name none where none did, and never an innocent one",
    metrics=(
        Metric(name="right", kind="proportion", description="the change that is named is the true one, or none is"),
        Metric(
            name="decoy_named",
            kind="proportion",
            description="a change that did not do it is named (lower is better)",
            lower_is_better=True,
        ),
        Metric(name="hr1", kind="proportion", description="HR@1: a true change is ranked first (cases with one)"),
        Metric(name="hr3", kind="proportion", description="HR@3: a true change is among the first three"),
        Metric(name="mrr", kind="mean", description="mean of 1 / rank of the first true change, 0 if it is not ranked"),
        Metric(name="none_right", kind="proportion", description="cases that no change caused: none is named"),
    ),
)

JUDGING_TOOL = "attribution.changes"


@dataclass(frozen=True)
class ChangesAnswer:
    """What a method says of the changes.

    Args:
        named: the change that did it; `None` if none did.
        ranking: ids of suspects, best first, whether they are named or not.
    """

    named: str | None
    ranking: tuple[str, ...]


def answer_of(report: TriageReport) -> ChangesAnswer:
    """The answer in a triage report: the first change its ranking names, and the suspects in its evidence."""
    named = next((cause.change for cause in report.ranking if cause.change is not None), None)
    judged: list[str] = []
    for item in report.evidence:
        if item.tool == JUDGING_TOOL and isinstance(item.summary, Mapping):
            judged += [row["change"] for row in item.summary.get("changes", ()) if row["probability"] > 0]
    order = ([named] if named is not None else []) + judged
    return ChangesAnswer(named, tuple(dict.fromkeys(order)))


def score(truth: Truth, answer: ChangesAnswer) -> Mapping[str, float]:
    """The metrics of `SUITE` that apply: those of the ranking only where a change did it."""
    true = frozenset(cause.change for cause in truth.causes if cause.change is not None)
    is_right = answer.named in true if true else answer.named is None
    values = {"right": float(is_right), "decoy_named": float(answer.named is not None and answer.named not in true)}
    if not true:
        return values | {"none_right": float(is_right)}
    place = next((place for place, change in enumerate(answer.ranking, start=1) if change in true), None)
    return values | {
        "hr1": hit(answer.ranking, true, 1),
        "hr3": hit(answer.ranking, true, 3),
        "mrr": 1 / place if place else 0.0,
    }


def latest(view: CaseView) -> ChangesAnswer:
    """Always the latest change before the alert."""
    return _newest(tuple(change.id for change in view.changes))


def alert_latest(view: CaseView) -> ChangesAnswer:
    """Always the latest change of the entity that alerts."""
    return _newest(tuple(change.id for change in view.changes if change.entity == view.alert_entity))


def always_none(view: CaseView) -> ChangesAnswer:
    """Never names a change."""
    return ChangesAnswer(None, ())


def _newest(changes: tuple[str, ...]) -> ChangesAnswer:
    order = tuple(dict.fromkeys(changes))
    return ChangesAnswer(order[0] if order else None, order)


def _random(view: CaseView) -> BaselineScore:
    """The expected value of drawing one of the changes before the alert, or none, all alike."""
    pool = frozenset(change.id for change in view.changes)
    true = frozenset(cause.change for cause in view.truth.causes if cause.change is not None)
    wanted = len(pool & true)
    right = (wanted if true else 1) / (len(pool) + 1)
    values = {"right": right, "decoy_named": (len(pool) - wanted) / (len(pool) + 1)}
    if not true:
        return BaselineScore(values | {"none_right": right}, is_silent=False)
    reciprocal = sum(
        (expected_hit(len(pool), wanted, k) - (expected_hit(len(pool), wanted, k - 1) if k > 1 else 0.0)) / k
        for k in range(1, len(pool) + 1)
    )
    hits = {f"hr{k}": expected_hit(len(pool), wanted, k) for k in (1, 3)}
    return BaselineScore(values | hits | {"mrr": min(reciprocal, 1.0)}, is_silent=False)


def _answering(answer: Callable[[CaseView], ChangesAnswer]) -> Callable[[CaseView], BaselineScore]:
    def measure(view: CaseView) -> BaselineScore:
        given = answer(view)
        return BaselineScore(score(view.truth, given), is_silent=not given.ranking)

    return measure


BASELINES: tuple[Baseline, ...] = (
    Baseline("latest", "the latest change before the alert", _answering(latest)),
    Baseline("alert_latest", "the latest change of the entity that alerts", _answering(alert_latest)),
    Baseline("always_none", "no change is ever named", _answering(always_none)),
    Baseline("random", "expected value of naming one of the changes before the alert, or none", _random),
)
