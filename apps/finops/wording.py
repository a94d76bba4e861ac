"""Business language for kinds, reasons and sizes; the same words on every surface."""

from __future__ import annotations

from collections.abc import Mapping

from ...tools.recommendations.amounts import said
from ...tools.recommendations.backtests import KindBacktest
from ...tools.recommendations.types import Estimate, Holding, Recommendation, RecommendationKind
from ..reports.cleaning import clean, middle, shown

KINDS: Mapping[RecommendationKind, str] = {
    "rightsize": "Another size",
    "replicas": "Fewer replicas",
    "schedule": "Off when nobody needs it",
    "decommission": "Stop and delete",
    "commitment": "Commit to what is used",
    "spot": "Spot capacity",
    "llm": "Language models",
}
REASONS: Mapping[Holding, str] = {
    "short_history": "too short a history",
    "gaps": "gaps in what was measured",
    "recently_changed": "changed lately",
    "autoscaler_owns_it": "an autoscaler sets it",
    "memory_grows": "memory grows: find the leak first",
    "peak_ahead": "a peak is ahead",
    "failover": "needed if something fails",
    "latency_budget": "would break the latency budget",
    "shared": "shared with others",
    "already_paid": "paid for by a commitment already",
    "needed": "somebody needs it",
    "not_watched": "nobody watches whether it is used",
    "too_small": "not worth the work",
    "backtest_failed": "this kind failed its backtest here",
    "dismissed": "dismissed",
    "snoozed": "snoozed",
    "another_option": "something better for the same thing",
    "at_the_floor": "as small as it gets",
    "fits": "the size is right",
    "no_price": "no price is known",
    "unknown": "the data cannot tell",
}
REVERSALS: Mapping[str, str] = {
    "at_once": "undone at once",
    "with_a_restart": "undone by a restart",
    "from_a_backup": "undone from a backup",
    "never": "cannot be undone",
}
_NAMES = {
    "cpu": "CPU",
    "memory": "memory",
    "gpu": "GPUs",
    "gpu_partition": "GPU slice",
    "gpu_type": "card",
    "partition": "slice",
    "cache": "cache",
    "instance_type": "instance type",
    "replicas": "replicas",
    "replicas_least": "least replicas",
    "replicas_most": "most replicas",
    "autoscaler_target": "autoscaler target",
    "on": "on",
    "hours_off": "hours off a week",
    "state": "state",
    "grace_days": "days of grace",
}
_QUIET = frozenset({"timezone", "replicas_on", "share", "kind", "cards"})
_GIB = 2**30


def size(name: str, value: float | str) -> str:
    """A size in the unit that people speak of it: `2.5 cores`, `4 GiB`, `3`."""
    if isinstance(value, str):
        return shown(value, 80)
    if name == "memory":
        return f"{value / _GIB:,.4g} GiB"
    if name == "cpu":
        return f"{value:,.4g} cores" if value != 1 else "1 core"
    return f"{value:,.4g}"


def change(recommendation: Recommendation) -> str:
    """From what to what: `CPU 4 cores → 2.5 cores`."""
    parts = []
    for name, new in recommendation.proposed.items():
        old = recommendation.current.get(name)
        if name in _QUIET or old == new:
            continue
        label = _NAMES.get(name, clean(name).replace("_", " "))
        parts.append(f"{label} {size(name, new)}" if old is None else f"{label} {size(name, old)} → {size(name, new)}")
    return "; ".join(parts) or KINDS[recommendation.kind].lower()


def money(estimate: Estimate) -> str:
    """The amount with its period: `1,200 EUR a month`."""
    period = "once" if estimate.period == "once" else f"a {estimate.period}"
    return f"{said(estimate.expected, estimate.currency)} {period}"


def interval(estimate: Estimate) -> str:
    """How sure an amount is: `90 %: 900 to 1,500`."""
    low, high = (said(end, "").strip() for end in (estimate.low, estimate.high))
    return f"90 %: {low} to {high}"


def risk(recommendation: Recommendation) -> str:
    """What could go wrong next week, with its chance and on what it rests."""
    found = recommendation.risk
    if found.probability is None:
        return f"not measured: {shown(found.of, 120)}"
    share = f"{found.probability:.2%}" if found.probability < 0.1 else f"{found.probability:.0%}"
    basis = (
        f"{found.low:.1%} to {found.high:.1%}, {found.weeks:,} weeks of this fleet" if found.weeks else "not measured"
    )
    return f"{share} chance next week of {shown(found.of, 120)} ({basis})"


def backtest_name(each: KindBacktest) -> str:
    """The kind, and of what."""
    return f"{KINDS[each.kind]}{f' ({_NAMES.get(each.resource, each.resource)})' if each.resource else ''}"


def backtest_word(each: KindBacktest) -> str:
    """Withheld where even the low end is above what is allowed; unsure where the high end is."""
    if not each.is_passed:
        return "withheld"
    return "offered, unsure" if each.weeks and each.high > each.most else "offered"


def name(text: str, limit: int = 60) -> str:
    """A name as in the data, on one line; a dash where there is none."""
    return middle(clean(text), limit) or "–"
