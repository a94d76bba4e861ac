"""From the scores of the cases to figures with intervals, over everything, per data set and per sub-set."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from .repeats import lost, pooled_spread, total
from .scoring.intervals import bootstrap_mean, wilson
from .suite import CaseScore, Drawn, Estimate, GroupResult, Metric, NothingScored, Suite, SuiteResult

MIN_BOOTSTRAP = 10
"""With fewer values the percentile bootstrap is clearly too narrow; Wilson's interval is then the cautious choice."""


def summarise(suite: Suite, scores: Sequence[CaseScore], *, seed: int, drawn: Drawn = "case") -> SuiteResult:
    """The result of a run.

    Args:
        suite: whose metrics are computed.
        scores: of the cases.
        seed: of the bootstrap.
        drawn: what the intervals take as independent. Cases of one sub-set often repeat one fault; drawing whole
            sub-sets then speaks of further faults.

    Raises:
        NothingScored: every case broke; the error carries the result without figures.
    """
    whole = _group(suite, scores, seed, drawn)
    groups = {}
    for set_name, members in _split(scores, lambda score: score.set_name).items():
        parts = _split(members, lambda score: score.group)
        inner = {name: _group(suite, part, seed, drawn) for name, part in parts.items()} if len(parts) > 1 else {}
        groups[set_name] = _group(suite, members, seed, drawn).model_copy(update={"groups": inner})
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
        cost=total(score.cost for score in scores),
        repeats=max((len(score.repeats) for score in scores), default=0) or 1,
        infrastructure_errors=sum(score.is_infrastructure for score in scores),
        lost_repeats=lost(scores),
        spread=pooled_spread(scores),
        drawn=drawn,
        lower_is_better=suite.lower_is_better,
    )
    if not result.n:
        first = next((score.error for score in scores if score.error), "there was no case")
        raise NothingScored(
            f"no score: all {len(scores)} cases broke; the first: {first}",
            result=result,
            remedy="mend what broke and run again; a run without a scored case has no figures",
        )
    return result


def estimate(kind: str, values: Sequence[float], *, seed: int, clusters: Sequence[str] | None = None) -> Estimate:
    """The mean of values in [0, 1] with its interval.

    Wilson's interval where every value is 0 or 1, where all are the same (resampling would claim certainty) and where
    there are fewer than `MIN_BOOTSTRAP`; for values between 0 and 1 it is too wide rather than too narrow. The
    bootstrap otherwise.

    Args:
        kind: of the metric.
        values: at least one.
        seed: of the bootstrap.
        clusters: for each value what it belongs to; whole clusters are then drawn. With fewer than `MIN_BOOTSTRAP` of
            them, or values that are all the same, Wilson's interval of as many draws as there are clusters: as if the
            members of a cluster told nothing that one of them does not (the limit of Kish's design effect, "Survey
            sampling", 1965, section 5.4).

    Raises:
        ValueError: no value.
    """
    if not values:
        raise ValueError("no value to estimate from")
    n, mean = len(values), math.fsum(values) / len(values)
    draws = len(set(clusters)) if clusters is not None else n
    is_binary = clusters is None and kind == "proportion" and set(values) <= {0.0, 1.0}
    if is_binary or len(set(values)) == 1 or draws < MIN_BOOTSTRAP:
        low, high = wilson(min(mean * draws, draws), draws)
    else:
        low, high = bootstrap_mean(values, seed=seed, clusters=clusters)
    return Estimate(value=mean, low=low, high=high, n=n)


def _group(suite: Suite, scores: Sequence[CaseScore], seed: int, drawn: Drawn) -> GroupResult:
    scored = [score for score in scores if score.error is None]
    clusters = [f"{score.set_name}|{score.group}" for score in scored] if drawn == "group" else None
    names = list(dict.fromkeys(name for score in scored for name in score.baseline))
    baseline = {}
    for name in names:
        if all(name in score.silent or name not in score.baseline for score in scored):
            continue  # It had nothing to say anywhere in this group: no figure is more honest than 0.
        baseline[name] = _estimates(suite.metrics, [score.baseline.get(name, {}) for score in scored], seed, clusters)
    return GroupResult(
        n=len(scored),
        errors=len(scores) - len(scored),
        metrics=_estimates(suite.metrics, [score.metrics for score in scored], seed, clusters),
        baseline=baseline,
    )


def _estimates(
    metrics: Sequence[Metric], rows: Sequence[Mapping[str, float]], seed: int, clusters: Sequence[str] | None
) -> dict[str, Estimate]:
    found = {}
    for metric in metrics:
        places = [place for place, row in enumerate(rows) if metric.name in row]
        if places:
            values = [rows[place][metric.name] for place in places]
            members = [clusters[place] for place in places] if clusters is not None else None
            found[metric.name] = estimate(metric.kind, values, seed=seed, clusters=members)
    return found


def _split(scores: Sequence[CaseScore], key: Callable[[CaseScore], str]) -> dict[str, list[CaseScore]]:
    parts: dict[str, list[CaseScore]] = defaultdict(list)
    for score in scores:
        parts[key(score)].append(score)
    return dict(sorted(parts.items()))
