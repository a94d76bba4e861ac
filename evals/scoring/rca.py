"""Scores an answer to "what caused this incident?" against its label.

The figures are those of the field, so that published numbers can be laid beside them: top-k is AC@k or HR@k, Avg@5 is
the mean of AC@1 to AC@5 (RCAEval, BARO, Nezha, PetShop). Names must match exactly as they stand in the data.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ...agents.triage.types import TriageReport
from ...core.errors import InputError
from ..cases import Truth, Verdict
from ..cutting import QUIET_FAULT
from ..suite import Metric, Suite

AVG_DEPTH = 5

SUITE = Suite(
    name="rca",
    description="name the entity, the indicator and the change that caused an incident, and know when there is none",
    metrics=(
        Metric(name="top1", kind="proportion", description="a true cause is ranked first (cases with a cause)"),
        Metric(name="top3", kind="proportion", description="a true cause is among the first three"),
        Metric(name="avg5", kind="mean", description="mean over k = 1 to 5 of: a true cause is among the first k"),
        Metric(name="indicator_top1", kind="proportion", description="the first candidate names entity and indicator"),
        Metric(name="change_top1", kind="proportion", description="the first change that is named is the true one"),
        Metric(name="change_top3", kind="proportion", description="a true change is among the first three named"),
        Metric(name="verdict_found", kind="proportion", description="cases with a cause: the verdict is cause_found"),
        Metric(name="verdict_right", kind="proportion", description="cases without a cause: the verdict is right"),
        Metric(
            name="false_alarm",
            kind="proportion",
            description="quiet time before an incident (`--quiet-time`): a cause is found; lower is better",
            lower_is_better=True,
        ),
        Metric(
            name="same_first",
            kind="proportion",
            description="start told two minutes off (`--moved-start`): the first suspect stays the same",
        ),
    ),
)

Name = TypeVar("Name", bound=Hashable)
Pair = tuple[str, str | None]
"""An entity and one of its indicators."""


@dataclass(frozen=True)
class RcaAnswer:
    """What a method says about a case. A field that is `None` is a question the method does not answer at all.

    Args:
        entities: best first; what is not in it counts as never found.
        indicators: (entity, indicator) of the candidates, best first.
        changes: ids of changes, best first.
        verdict: what it makes of the case as a whole.
    """

    entities: tuple[str, ...]
    indicators: tuple[Pair, ...] | None = None
    changes: tuple[str, ...] | None = None
    verdict: Verdict | None = None

    @property
    def is_silent(self) -> bool:
        """Whether it names nothing."""
        return not (self.entities or self.indicators or self.changes or self.verdict)


def answer_of(report: TriageReport) -> RcaAnswer:
    """The answer in a triage report. The ranking counts whatever the verdict: an unsure ranking may still be right."""
    return RcaAnswer(
        entities=tuple(cause.entity for cause in report.ranking),
        indicators=tuple((cause.entity, cause.indicator) for cause in report.ranking),
        changes=tuple(cause.change for cause in report.ranking if cause.change is not None),
        verdict=report.verdict,
    )


def hit(ranking: Sequence[Name], wanted: Collection[Name], k: int) -> float:
    """1 if one of the `wanted` is among the first `k` different names of the ranking, else 0.

    Ties are in the order of the ranking. With several true causes one of them is enough, as a person who is led to any
    of them is led to the incident; `k` is not stretched.
    """
    first = list(dict.fromkeys(ranking))[:k]
    return float(any(name in wanted for name in first))


def mean_hit(ranking: Sequence[Name], wanted: Collection[Name]) -> float:
    """The mean of `hit` over k = 1 to 5."""
    return sum(hit(ranking, wanted, k) for k in range(1, AVG_DEPTH + 1)) / AVG_DEPTH


def score(truth: Truth, answer: RcaAnswer) -> Mapping[str, float]:
    """The metrics of `SUITE` that apply: the label speaks of it, and the method answers it.

    Raises:
        InputError: the label contradicts itself.
    """
    if is_quiet_time(truth):
        return {} if answer.verdict is None else {"false_alarm": float(answer.verdict == "cause_found")}
    if truth.verdict != "cause_found":
        return {} if answer.verdict is None else {"verdict_right": float(answer.verdict == truth.verdict)}
    entities, indicators, changes = true_names(truth)
    values = {
        "top1": hit(answer.entities, entities, 1),
        "top3": hit(answer.entities, entities, 3),
        "avg5": mean_hit(answer.entities, entities),
    }
    if indicators and answer.indicators is not None:
        values["indicator_top1"] = hit(answer.indicators, indicators, 1)
    if changes and answer.changes is not None:
        values["change_top1"] = hit(answer.changes, changes, 1)
        values["change_top3"] = hit(answer.changes, changes, 3)
    if answer.verdict is not None:
        values["verdict_found"] = float(answer.verdict == "cause_found")
    return values


def is_quiet_time(truth: Truth) -> bool:
    """Whether a case was cut out of the quiet time before an incident."""
    return truth.verdict == "healthy" and truth.fault == QUIET_FAULT


def true_names(truth: Truth) -> tuple[frozenset[str], frozenset[Pair], frozenset[str]]:
    """The true entities, (entity, indicator) pairs and changes of a case with a cause.

    Raises:
        InputError: the label says that there is a cause and names none.
    """
    if not truth.causes:
        raise InputError("the label says cause_found and names no cause", remedy="mend truth.json")
    return (
        frozenset(cause.entity for cause in truth.causes),
        frozenset((cause.entity, cause.indicator) for cause in truth.causes if cause.indicator is not None),
        frozenset(cause.change for cause in truth.causes if cause.change is not None),
    )
