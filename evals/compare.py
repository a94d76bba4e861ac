"""Two results on the same cases, case by case: which one is better, and could that be chance?

Pairing takes the difficulty of the cases out of the comparison; two intervals that overlap say much less.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ..core.errors import InputError
from .circumstances import Changed, what_changed
from .repeats import total
from .scoring.intervals import bootstrap_mean
from .scoring.pairs import holm, sign_flip_test, sign_test
from .suite import CaseScore, SuiteResult

__all__ = ["Comparison", "Difference", "Flip", "against_baseline", "compare", "sign_test"]

LEVEL = 0.05
"""The chance of calling anything better or worse in a comparison where nothing is."""

_ROUNDING = 1e-9

Call = Literal["better", "worse", "cannot tell"]
Values = Mapping[str, float]


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Difference(_Frozen):
    """The second result minus the first on one metric, over `n` pairs.

    Args:
        value: mean difference.
        low: of its 95 % interval.
        high: of its 95 % interval.
        better: pairs in which the second is better, whichever direction is good.
        worse: pairs in which it is worse.
        test: `sign` is the exact sign test over the pairs that differ (McNemar's exact test), where every value is 0
            or 1; `sign flip` is the randomisation test of the mean difference. With few pairs trust it rather than the
            interval.
        p_value: of the test, two-sided.
        p_adjusted: the same after Holm, for as many metrics as are compared.
        call: `better` or `worse` where `p_adjusted` is at most 0.05.
        lower_is_better: whether a difference below 0 is good.
    """

    value: float
    low: float
    high: float
    n: int
    better: int
    worse: int
    test: Literal["sign", "sign flip"] = "sign"
    p_value: float
    p_adjusted: float = 1.0
    call: Call = "cannot tell"
    lower_is_better: bool = False


class Flip(_Frozen):
    """A case whose value of a metric differs."""

    case: str
    metric: str
    before: float
    after: float
    is_better: bool


class Comparison(_Frozen):
    """Two results side by side.

    Args:
        suite: of both.
        n: cases that both scored.
        broken: cases of both results that broke in one of them (or both); they are in no pair.
        unpaired: cases that only one of the results has.
        metrics: the difference per metric.
        call: `worse` if any metric is, else `better` if any is, else `cannot tell`.
        drawn: what was taken as independent.
        flips: every case that changed, by metric.
        costs: per kind of cost its mean for one answer, before and after.
        changed: what differs in the circumstances: models, prompts, configuration, versions.
        note: how to read the calls.
    """

    suite: str
    n: int
    broken: int
    unpaired: int
    metrics: Mapping[str, Difference]
    call: Call = "cannot tell"
    drawn: Literal["case", "group"] = "case"
    flips: tuple[Flip, ...] = ()
    costs: Mapping[str, tuple[float, float]] = Field(default_factory=dict)
    changed: tuple[Changed, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class _Pair:
    case: CaseScore
    before: Values
    after: Values

    def change(self, name: str) -> float:
        """By how much the metric differs; means of repeats that differ by rounding alone do not."""
        change = self.after[name] - self.before[name]
        return 0.0 if abs(change) < _ROUNDING else change


def compare(
    a: SuiteResult,
    b: SuiteResult,
    *,
    seed: int = 0,
    clustered: bool = False,
    metrics: Sequence[str] = (),
    common_only: bool = False,
) -> Comparison:
    """How `b` differs from `a`, case by case.

    Args:
        a: the result to compare with.
        b: the result in question.
        seed: of the bootstrap and of drawn signs.
        clustered: take whole sub-sets as independent instead of cases; for a claim about other kinds of incidents.
        metrics: compare only these; fewer metrics, chosen before looking, leave more to be seen.
        common_only: compare the cases that both have, where the two were run on different ones.

    Raises:
        InputError: different suites or cases, cases of the same id with different labels, an unknown metric.
    """
    if a.suite != b.suite:
        raise InputError("the two results are of different suites", remedy="compare runs of the same suite")
    first, second = ({case.id: case for case in result.cases} for result in (a, b))
    shared = sorted(first.keys() & second.keys())
    unpaired = len(first.keys() ^ second.keys())
    if not shared:
        raise InputError("the two results have no case in common", remedy="run both on the same data")
    if unpaired and not common_only:
        raise InputError(
            f"the two results are of different cases: {len(shared)} are in both, {unpaired} in one",
            remedy="run both on the same data, or add --common to compare the cases that are in both",
        )
    both = [(first[name], second[name]) for name in shared if not (first[name].error or second[name].error)]
    if any(one.details.get("truth") != other.details.get("truth") for one, other in both):
        raise InputError(
            "cases of the same id have different labels in the two results", remedy="run both on the same data"
        )
    pairs = [_Pair(one, one.metrics, other.metrics) for one, other in both]
    lower = frozenset((*a.lower_is_better, *b.lower_is_better))
    differences = _differences(_chosen(pairs, metrics), lower, seed, clustered)
    costs = [_cost_of_one([pair[place] for pair in both]) for place in (0, 1)]
    return Comparison(
        suite=a.suite,
        n=len(both),
        broken=len(shared) - len(both),
        unpaired=unpaired,
        metrics=differences,
        call=_overall(differences.values()),
        drawn="group" if clustered else "case",
        flips=_flips(pairs, differences, lower),
        costs={name: (costs[0].get(name, 0.0), costs[1].get(name, 0.0)) for name in {**costs[0], **costs[1]}},
        changed=what_changed(a, b),
        note=_note(len(differences), clustered=clustered),
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
    pairs = [_Pair(case, case.baseline[name], case.metrics) for case in both]
    lower = frozenset(result.lower_is_better)
    differences = _differences(pairs, lower, seed, clustered)
    return Comparison(
        suite=result.suite,
        n=len(both),
        broken=len(result.cases) - len(both),
        unpaired=0,
        metrics=differences,
        call=_overall(differences.values()),
        drawn="group" if clustered else "case",
        flips=_flips(pairs, differences, lower),
        note=_note(len(differences), clustered=clustered),
    )


def _cost_of_one(cases: Sequence[CaseScore]) -> dict[str, float]:
    answers = sum(len(case.repeats) or 1 for case in cases)
    return {name: amount / answers for name, amount in total(case.cost for case in cases).items()}


def _chosen(pairs: Sequence[_Pair], metrics: Sequence[str]) -> list[_Pair]:
    """The pairs with the wanted metrics alone."""
    known = {name for pair in pairs for name in pair.after}
    unknown = [name for name in metrics if name not in known]
    if unknown:
        raise InputError(
            f"no case of the two results has a metric {unknown[0]!r}", remedy=f"metrics: {', '.join(sorted(known))}"
        )
    if not metrics:
        return list(pairs)

    def only(values: Values) -> Values:
        return {name: value for name, value in values.items() if name in metrics}

    return [_Pair(pair.case, only(pair.before), only(pair.after)) for pair in pairs]


def _differences(pairs: Sequence[_Pair], lower: Collection[str], seed: int, clustered: bool) -> dict[str, Difference]:
    found = {}
    for name in dict.fromkeys(name for pair in pairs for name in pair.after):
        usable = [pair for pair in pairs if name in pair.before and name in pair.after]
        if usable:
            found[name] = _difference(name, usable, name in lower, seed, clustered)
    adjusted = holm({name: difference.p_value for name, difference in found.items()})
    return {
        name: difference.model_copy(update={"p_adjusted": adjusted[name], "call": _called(difference, adjusted[name])})
        for name, difference in found.items()
    }


def _difference(name: str, pairs: Sequence[_Pair], is_lower_better: bool, seed: int, clustered: bool) -> Difference:
    changes = [pair.change(name) for pair in pairs]
    clusters = [f"{pair.case.set_name}|{pair.case.group}" for pair in pairs] if clustered else None
    low, high = bootstrap_mean(changes, seed=seed, clusters=clusters)
    rises, falls = sum(change > 0 for change in changes), sum(change < 0 for change in changes)
    is_binary = all({pair.before[name], pair.after[name]} <= {0.0, 1.0} for pair in pairs)
    by_signs = is_binary and not clustered
    return Difference(
        value=sum(changes) / len(changes),
        low=low,
        high=high,
        n=len(changes),
        better=falls if is_lower_better else rises,
        worse=rises if is_lower_better else falls,
        test="sign" if by_signs else "sign flip",
        p_value=sign_test(rises, falls) if by_signs else sign_flip_test(changes, seed=seed, clusters=clusters),
        lower_is_better=is_lower_better,
    )


def _called(difference: Difference, p_adjusted: float) -> Call:
    if p_adjusted > LEVEL or difference.value == 0:
        return "cannot tell"
    return "better" if (difference.value < 0) == difference.lower_is_better else "worse"


def _overall(differences: Collection[Difference]) -> Call:
    calls = {difference.call for difference in differences}
    return "worse" if "worse" in calls else "better" if "better" in calls else "cannot tell"


def _flips(pairs: Sequence[_Pair], differences: Mapping[str, Difference], lower: Collection[str]) -> tuple[Flip, ...]:
    return tuple(
        Flip(
            case=pair.case.id,
            metric=name,
            before=pair.before[name],
            after=pair.after[name],
            is_better=(pair.after[name] < pair.before[name]) == (name in lower),
        )
        for name in differences
        for pair in pairs
        if name in pair.before and name in pair.after and pair.change(name)
    )


def _note(count: int, *, clustered: bool) -> str:
    unit = "sub-set" if clustered else "case"
    several = f", adjusted for {count} metrics (Holm)" if count > 1 else ""
    return (
        f"better or worse: a chance of at most 5 % that a call in this comparison is luck{several}; "
        f"each {unit} is taken as independent; cannot tell is no proof that nothing changed"
    )
