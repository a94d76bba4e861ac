"""From the scores of the cases to figures with intervals, over everything, per data set and per sub-set."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from .scoring.intervals import bootstrap_mean, wilson
from .suite import CaseScore, Estimate, GroupResult, Metric, NothingScored, Suite, SuiteResult

MIN_BOOTSTRAP = 10
"""With fewer values the percentile bootstrap is clearly too narrow; Wilson's interval is then the cautious choice."""


def summarise(suite: Suite, scores: Sequence[CaseScore], *, seed: int) -> SuiteResult:
    """The result of a run.

    Raises:
        NothingScored: every case broke; the error carries the result without figures.
    """
    whole = _group(suite, scores, seed)
    groups = {}
    for set_name, members in _split(scores, lambda score: score.set_name).items():
        parts = _split(members, lambda score: score.group)
        inner = {name: _group(suite, part, seed) for name, part in parts.items()} if len(parts) > 1 else {}
        groups[set_name] = _group(suite, members, seed).model_copy(update={"groups": inner})
    costs: dict[str, list[float]] = defaultdict(list)
    for score in scores:
        for name, amount in score.cost.items():
            costs[name].append(amount)
    result = SuiteResult(
        suite=suite.name,
        n=whole.n,
        errors=whole.errors,
        metrics=whole.metrics,
        baseline=whole.baseline,
        groups=groups,
        cases=tuple(scores),
        seed=seed,
        models=tuple(sorted({model for score in scores for model in score.models})),
        cost={name: math.fsum(amounts) for name, amounts in sorted(costs.items())},
    )
    if not result.n:
        first = next((score.error for score in scores if score.error), "there was no case")
        raise NothingScored(
            f"no score: all {len(scores)} cases broke; the first: {first}",
            result=result,
            remedy="mend what broke and run again; a run without a scored case has no figures",
        )
    return result


def estimate(kind: str, values: Sequence[float], *, seed: int) -> Estimate:
    """The mean of values in [0, 1] with its interval.

    Wilson's interval where every value is 0 or 1, where all are the same (resampling would claim certainty) and where
    there are fewer than `MIN_BOOTSTRAP`; for values between 0 and 1 it is too wide rather than too narrow. The
    bootstrap otherwise.

    Raises:
        ValueError: no value.
    """
    if not values:
        raise ValueError("no value to estimate from")
    n, total = len(values), math.fsum(values)
    is_binary = kind == "proportion" and set(values) <= {0.0, 1.0}
    if is_binary or len(set(values)) == 1 or n < MIN_BOOTSTRAP:
        low, high = wilson(min(total, n), n)
    else:
        low, high = bootstrap_mean(values, seed=seed)
    return Estimate(value=total / n, low=low, high=high, n=n)


def _group(suite: Suite, scores: Sequence[CaseScore], seed: int) -> GroupResult:
    scored = [score for score in scores if score.error is None]
    names = list(dict.fromkeys(name for score in scored for name in score.baseline))
    baseline = {}
    for name in names:
        if all(name in score.silent or name not in score.baseline for score in scored):
            continue  # It had nothing to say anywhere in this group: no figure is more honest than 0.
        baseline[name] = _estimates(suite.metrics, [score.baseline.get(name, {}) for score in scored], seed)
    return GroupResult(
        n=len(scored),
        errors=len(scores) - len(scored),
        metrics=_estimates(suite.metrics, [score.metrics for score in scored], seed),
        baseline=baseline,
    )


def _estimates(metrics: Sequence[Metric], rows: Sequence[Mapping[str, float]], seed: int) -> dict[str, Estimate]:
    found = {}
    for metric in metrics:
        values = [row[metric.name] for row in rows if metric.name in row]
        if values:
            found[metric.name] = estimate(metric.kind, values, seed=seed)
    return found


def _split(scores: Sequence[CaseScore], key: Callable[[CaseScore], str]) -> dict[str, list[CaseScore]]:
    parts: dict[str, list[CaseScore]] = defaultdict(list)
    for score in scores:
        parts[key(score)].append(score)
    return dict(sorted(parts.items()))
