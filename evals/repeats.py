"""Several answers to one case, put together: the mean counts, the spread is told, and a lost answer is none.

The case stays the unit of every interval: repeats of one case are not independent, and more of them make its own
value steadier, not the cases more numerous.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, stdev

from .suite import CaseScore, Repeat


def merge(answers: Sequence[CaseScore]) -> CaseScore:
    """One score of the answers to the same case, in the order in which they were given.

    Args:
        answers: at least one. A single one is returned as it is.

    Raises:
        ValueError: no answer.
    """
    if not answers:
        raise ValueError("a case without an answer cannot be scored")
    if len(answers) == 1:
        return answers[0]
    scored = [answer for answer in answers if answer.error is None]
    shown = scored[0] if scored else answers[0]
    values: dict[str, list[float]] = defaultdict(list)
    for answer in scored:
        for name, value in answer.metrics.items():
            values[name].append(value)
    return shown.model_copy(
        update={
            "metrics": {name: fmean(found) for name, found in values.items()},
            "spread": {name: stdev(found) for name, found in values.items() if len(found) > 1},
            # Where any answer broke for a reason of ours, that reason is told, not the endpoint's.
            "is_infrastructure": not scored and all(answer.is_infrastructure for answer in answers),
            "error": None if scored else _reason(answers),
            "cost": total(answer.cost for answer in answers),
            "models": tuple(dict.fromkeys(model for answer in answers for model in answer.models)),
            "repeats": tuple(_repeat(answer) for answer in answers),
        }
    )


def total(costs: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The sums by name, names in order."""
    amounts: dict[str, list[float]] = defaultdict(list)
    for cost in costs:
        for name, amount in cost.items():
            amounts[name].append(amount)
    return {name: math.fsum(found) for name, found in sorted(amounts.items())}


def pooled_spread(scores: Sequence[CaseScore]) -> dict[str, float]:
    """The standard deviation of each metric between answers to one case, over the cases: root of the mean variance."""
    variances: dict[str, list[float]] = defaultdict(list)
    for score in scores:
        for name, value in score.spread.items():
            variances[name].append(value * value)
    return {name: math.sqrt(fmean(found)) for name, found in variances.items()}


def lost(scores: Sequence[CaseScore]) -> int:
    """Answers that are missing from cases that were scored."""
    return sum(repeat.error is not None for score in scores if score.error is None for repeat in score.repeats)


def _reason(answers: Sequence[CaseScore]) -> str:
    own = next((answer.error for answer in answers if answer.error and not answer.is_infrastructure), None)
    return own or next(answer.error for answer in answers if answer.error) or ""


def _repeat(answer: CaseScore) -> Repeat:
    return Repeat(
        metrics=answer.metrics,
        error=answer.error,
        is_infrastructure=answer.is_infrastructure,
        cost=answer.cost,
        details={name: value for name, value in answer.details.items() if name != "truth"},
    )
