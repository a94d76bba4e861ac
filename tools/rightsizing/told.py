"""A backtest as a document: what `--format json` prints and the report's kinds are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from ..fleets.replay import wilson90
from ..recommendations.backtests import CriticalityBacktest, KindBacktest
from .backtest import LEAST_WEEKS, Interval, ResourceBacktest
from .calibration import Decile
from .use import is_above
from .weeks import CRITERIA

_MOST_OVER = 1.5
"""How far above what was stated the observed risk may surely lie before the kind is withheld."""


def kind_backtest(found: ResourceBacktest) -> KindBacktest:
    """Whether sizes of a resource may be recommended here.

    The kind fails with fewer than 50 judged workload-weeks, and when the 90 % interval of the observed share of bad
    weeks lies above one and a half times what was stated: then what the recommendations promise does not hold here.
    """
    whole = _whole(found)
    most = min(max(_MOST_OVER * whole.stated, 0.01), 1.0)
    enough = whole.n >= LEAST_WEEKS
    passed = enough and whole.low <= most
    why = "" if passed else _why(enough, whole)
    return KindBacktest(
        kind="rightsize",
        resource=found.resource,
        rule="least reserved at the risk of the reference rule"
        if found.is_learnt
        else "the reference rule and a floor",
        subjects=found.workloads,
        weeks=whole.n,
        saved=found.ours.saved.value,
        violated=whole.observed,
        low=whole.low,
        high=whole.high,
        stated=whole.stated,
        overrun=None if found.ours.outcome.overrun != found.ours.outcome.overrun else found.ours.outcome.overrun,
        most=most,
        is_passed=passed,
        why=why,
        calibration=tuple((one.stated, one.observed, one.n) for one in found.calibration),
    )


def by_criticality(
    found: ResourceBacktest, names: Sequence[str], criticality: Mapping[str, str]
) -> tuple[CriticalityBacktest, ...]:
    """The replay by criticality, in order of the words; empty where nobody knows any.

    Args:
        found: the replay.
        names: of the workloads, as the usage that was replayed has them.
        criticality: by name.
    """
    weeks = found.weeks
    places: list[int] = weeks.workload.tolist()
    of_week = np.array([criticality.get(names[place], "") for place in places])
    bad, parts = is_above(weeks.hard, found.sizes), []
    for word in sorted(set(of_week.tolist())):
        here = of_week == word
        wrong, n = int(bad[here].sum()), int(here.sum())
        low, high = wilson90(wrong, n)
        parts.append(
            CriticalityBacktest(
                criticality=word,
                subjects=len(np.unique(weeks.workload[here])),
                weeks=n,
                saved=float(1 - found.sizes[here].sum() / weeks.reserved[here].sum()),
                violated=wrong / n,
                low=low,
                high=high,
                stated=float(found.stated[here].mean()),
            )
        )
    return tuple(parts) if any(part.criticality for part in parts) else ()


def _why(enough: bool, whole: Decile) -> str:
    if not enough:
        return f"only {whole.n} workload-weeks could be judged; {LEAST_WEEKS} are needed"
    return f"went wrong in {whole.observed:.1%} of {whole.n} past weeks here; {whole.stated:.1%} was stated"


def _whole(found: ResourceBacktest) -> Decile:
    bad = int(is_above(found.weeks.hard, found.sizes).sum())
    n = len(found.weeks)
    return Decile(float(found.stated.mean()), bad / n, *wilson90(bad, n), n)


def document(found: ResourceBacktest) -> dict[str, Any]:
    """Everything that was measured, as plain values; shares from 0 to 1, intervals of 90 %."""
    kind = kind_backtest(found)
    return {
        "resource": found.resource,
        "folds": len(found.weeks.days),
        "workloads": found.workloads,
        "workload_weeks": len(found.weeks),
        "is_learnt": found.is_learnt,
        "is_passed": kind.is_passed,
        "why": kind.why,
        "rules": [
            {
                "rule": row.name,
                "says": row.says,
                "saved": asdict(row.saved),
                "risks": {name: asdict(value) for name, value in zip(CRITERIA, row.risks, strict=True)},
                "below_seen_peak": row.outcome.below_peak,
                "overrun": _number(row.outcome.overrun),
            }
            for row in found.rules
        ],
        "at_equal_risks": [
            {
                "than": one.than,
                "criteria": list(one.criteria),
                "more_saved": asdict(one.more),
                "risks": dict(zip(CRITERIA, one.risks, strict=True)),
            }
            for one in found.equal
        ],
        "calibration": {
            "deciles": [_decile(one) for one in found.calibration],
            "deciles_that_hold": sum(one.holds for one in found.calibration),
            "folds": [_decile(one) for one in found.folds],
            "folds_that_hold": sum(one.holds for one in found.folds),
            "foretold": [{**asdict(one), "holds": one.holds} for one in found.foretold],
            "foretold_that_hold": sum(one.holds for one in found.foretold),
        },
    }


def _decile(one: Decile) -> dict[str, Any]:
    return {**asdict(one), "holds": one.holds}


def _number(value: float) -> float | None:
    return value if value == value else None


def percent(one: Interval) -> str:
    """`63.4 [56.4, 70.0]`."""
    return f"{100 * one.value:.1f} [{100 * one.low:.1f}, {100 * one.high:.1f}]"
