"""Simple answers to the same cases: a score says something only beside them.

`constant` and `constant_hindsight` read no telemetry at all, `alert` and `recent_change` read one line of it, `random`
is the expected value of guessing, `nsigma` and `baro` are published rankings by metrics alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from ..cases import Truth
from .chance import random_values
from .rca import Pair, RcaAnswer, score
from .view import CaseView
from .zscores import baro_ranking, nsigma_ranking

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True)
class BaselineScore:
    """A baseline's value per metric; `is_silent` if it had nothing to say, so that its values are misses."""

    values: Mapping[str, float]
    is_silent: bool


@dataclass(frozen=True)
class Baseline:
    """A simple method.

    Args:
        name: as it stands in the result.
        description: one line of what it does.
        measure: its score on a case.
    """

    name: str
    description: str
    measure: Callable[[CaseView], BaselineScore]


def _answering(answer: Callable[[CaseView], RcaAnswer]) -> Callable[[CaseView], BaselineScore]:
    def measure(view: CaseView) -> BaselineScore:
        given = answer(view)
        return BaselineScore(score(view.truth, given), given.is_silent)

    return measure


def constant(view: CaseView) -> RcaAnswer:
    """What was most often the answer in the *other* cases of the sub-set, then of the data set; ties by name.

    Leaving the case itself out keeps its label unseen. It also means that answers which are all equally frequent score
    below their share, since the one left out is then the rarest; `constant_hindsight` has no such bias.
    """
    return _most_frequent(view.group_peers, view.set_peers)


def constant_hindsight(view: CaseView) -> RcaAnswer:
    """The one order of names that fits all labels of the data set best, this case's among them.

    It knows the labels: no answer that is the same for every case of the set scores more where each has one cause.
    """
    everything = (*view.set_peers, view.truth)
    return _most_frequent(everything, everything)


def alert(view: CaseView) -> RcaAnswer:
    """Always the entity on which the alert fired."""
    return RcaAnswer(entities=(view.alert_entity,) if view.alert_entity else ())


def recent_change(view: CaseView) -> RcaAnswer:
    """Always the latest change before the alert, and the entity it was made on."""
    return RcaAnswer(
        entities=tuple(change.entity for change in view.changes if change.entity),
        changes=tuple(change.id for change in view.changes),
    )


def nsigma(view: CaseView) -> RcaAnswer:
    """The entity with the largest |z| of any metric."""
    return _by_metrics(nsigma_ranking(view.columns))


def baro(view: CaseView) -> RcaAnswer:
    """BARO's ranking."""
    return _by_metrics(baro_ranking(view.columns))


def _random(view: CaseView) -> BaselineScore:
    return BaselineScore(random_values(view.truth, view), is_silent=False)


BASELINES: tuple[Baseline, ...] = (
    Baseline("constant", "the most frequent answer of the other cases; reads no telemetry", _answering(constant)),
    Baseline(
        "constant_hindsight",
        "the best single answer, chosen with the labels known; reads no telemetry",
        _answering(constant_hindsight),
    ),
    Baseline("alert", "the entity that alerts", _answering(alert)),
    Baseline("recent_change", "the latest change before the alert and its entity", _answering(recent_change)),
    Baseline("random", "expected value of a random order of all candidates", _random),
    Baseline("nsigma", "largest |z| of any metric of the entity", _answering(nsigma)),
    Baseline("baro", "BARO's RobustScorer: largest signed (x - median) / IQR", _answering(baro)),
)


def _by_metrics(ranking: Sequence[Pair]) -> RcaAnswer:
    return RcaAnswer(entities=tuple(dict.fromkeys(entity for entity, _ in ranking)), indicators=tuple(ranking))


def _most_frequent(near: Sequence[Truth], far: Sequence[Truth]) -> RcaAnswer:
    def order(names: Callable[[Truth], Iterable[Name]]) -> tuple[Name, ...]:
        close, wide = (Counter(name for truth in part for name in set(names(truth))) for part in (near, far))
        return tuple(sorted(close | wide, key=lambda name: (-close[name], -wide[name], str(name))))

    verdicts = order(lambda truth: (truth.verdict,))
    return RcaAnswer(
        entities=order(lambda truth: (cause.entity for cause in truth.causes)),
        indicators=order(lambda truth: ((cause.entity, cause.indicator) for cause in truth.causes if cause.indicator)),
        changes=order(lambda truth: (cause.change for cause in truth.causes if cause.change)),
        verdict=verdicts[0] if verdicts else None,
    )
