"""Two results on the same cases, case by case: which one is better, and could that be chance?

Pairing takes the difficulty of the cases out of the comparison; two intervals that overlap say much less.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import comb

from pydantic import BaseModel, ConfigDict

from ..core.errors import InputError
from .scoring.intervals import bootstrap_mean
from .suite import CaseScore, SuiteResult


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Difference(_Frozen):
    """The second result minus the first on one metric, over `n` pairs.

    Args:
        value: mean difference; above 0 the second is better.
        low: of its 95 % interval.
        high: of its 95 % interval.
        better: pairs in which the second is better.
        worse: pairs in which it is worse.
        p_value: exact two-sided sign test over the pairs that differ (McNemar's exact test if the values are 0 and 1).
            With few pairs trust it rather than the interval.
    """

    value: float
    low: float
    high: float
    n: int
    better: int
    worse: int
    p_value: float


class Comparison(_Frozen):
    """Two results side by side.

    Args:
        suite: of both.
        n: cases that both scored.
        broken: cases of both results that broke in one of them (or both); they are in no pair.
        unpaired: cases that only one of the results has.
        metrics: the difference per metric.
    """

    suite: str
    n: int
    broken: int
    unpaired: int
    metrics: Mapping[str, Difference]


def compare(a: SuiteResult, b: SuiteResult, *, seed: int = 0, clustered: bool = False) -> Comparison:
    """How `b` differs from `a` on the cases that both have, by id.

    Args:
        a: the result to compare with.
        b: the result in question.
        seed: of the bootstrap.
        clustered: draw whole sub-sets instead of cases; for a claim about other kinds of incidents than these.

    Raises:
        InputError: different suites, no case in common, or cases of the same id with different labels.
    """
    if a.suite != b.suite:
        raise InputError("the two results are of different suites", remedy="compare runs of the same suite")
    first, second = ({case.id: case for case in result.cases} for result in (a, b))
    shared = sorted(first.keys() & second.keys())
    if not shared:
        raise InputError("the two results have no case in common", remedy="run both on the same data")
    both = [(first[name], second[name]) for name in shared if not (first[name].error or second[name].error)]
    if any(one.details.get("truth") != other.details.get("truth") for one, other in both):
        raise InputError(
            "cases of the same id have different labels in the two results", remedy="run both on the same data"
        )
    pairs = [(one.metrics, other.metrics, one) for one, other in both]
    return Comparison(
        suite=a.suite,
        n=len(both),
        broken=len(shared) - len(both),
        unpaired=len(first.keys() ^ second.keys()),
        metrics=_differences(pairs, seed, clustered),
    )


def against_baseline(result: SuiteResult, name: str, *, seed: int = 0, clustered: bool = False) -> Comparison:
    """How the result differs from one of its own baselines, on the cases where the baseline has a value.

    Raises:
        InputError: the result has no such baseline.
    """
    scored = [case for case in result.cases if case.error is None]
    if not any(name in case.baseline for case in scored):
        raise InputError("the result has no such baseline", remedy=f"it has: {', '.join(sorted(result.baseline))}")
    both = [case for case in scored if name in case.baseline]
    return Comparison(
        suite=result.suite,
        n=len(both),
        broken=len(result.cases) - len(both),
        unpaired=0,
        metrics=_differences([(case.baseline[name], case.metrics, case) for case in both], seed, clustered),
    )


def sign_test(better: int, worse: int) -> float:
    """Two-sided probability of a split at least as uneven, if both directions were equally likely.

    Source: Conover, "Practical nonparametric statistics", the sign test; ties are left out.
    """
    n = better + worse
    if n == 0:
        return 1.0
    tail = sum(comb(n, k) for k in range(min(better, worse) + 1))
    return min(1.0, 2.0 * tail / (1 << n))


def _differences(
    pairs: list[tuple[Mapping[str, float], Mapping[str, float], CaseScore]], seed: int, clustered: bool
) -> dict[str, Difference]:
    found = {}
    for name in dict.fromkeys(name for _, values, _ in pairs for name in values):
        usable = [(one[name], other[name], case) for one, other, case in pairs if name in one and name in other]
        if not usable:
            continue
        changes = [other - one for one, other, _ in usable]
        clusters = [f"{case.set_name}|{case.group}" for _, _, case in usable] if clustered else None
        low, high = bootstrap_mean(changes, seed=seed, clusters=clusters)
        better, worse = sum(change > 0 for change in changes), sum(change < 0 for change in changes)
        found[name] = Difference(
            value=sum(changes) / len(changes),
            low=low,
            high=high,
            n=len(changes),
            better=better,
            worse=worse,
            p_value=sign_test(better, worse),
        )
    return found
