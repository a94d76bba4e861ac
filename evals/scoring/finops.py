"""The suite `finops`: what sizes of CPU and memory save and risk, one case per workload."""

from __future__ import annotations

from collections.abc import Mapping

from ...tools.rightsizing.backtest import ResourceBacktest
from ...tools.rightsizing.use import Floats, is_above
from ..suite import Metric, Suite

_RESOURCES = ("cpu", "memory")


def _metrics() -> tuple[Metric, ...]:
    found = []
    for name in _RESOURCES:
        bad = "more than 5 % of the time above" if name == "cpu" else "any moment above"
        found += [
            Metric(name=f"{name}.saved", kind="mean", description=f"{name}: share of what is reserved that is saved"),
            Metric(
                name=f"{name}.bad", kind="mean", description=f"{name}: share of weeks with {bad}", lower_is_better=True
            ),
            Metric(
                name=f"{name}.over_1_percent",
                kind="mean",
                description=f"{name}: share of weeks with more than 1 % of the time above",
                lower_is_better=True,
            ),
        ]
    return tuple(found)


SUITE = Suite(
    name="finops",
    description="sizes of CPU and memory replayed week by week, beside published rules",
    metrics=_metrics(),
)


def workload_scores(found: ResourceBacktest, sizes: Floats) -> Mapping[str, Mapping[str, float]]:
    """The metrics of every workload with judged weeks under one set of sizes, by its place as text."""
    weeks = found.weeks
    bad, over = is_above(weeks.hard, sizes), is_above(weeks.soft, sizes)
    scores: dict[str, Mapping[str, float]] = {}
    for place in dict.fromkeys(weeks.workload.tolist()):
        mine = weeks.workload == place
        scores[str(place)] = {
            f"{found.resource}.saved": float(1 - (sizes[mine] / weeks.reserved[mine]).mean()),
            f"{found.resource}.bad": float(bad[mine].mean()),
            f"{found.resource}.over_1_percent": float(over[mine].mean()),
        }
    return scores
