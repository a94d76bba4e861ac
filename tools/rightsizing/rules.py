"""Sizing rules of other tools, as they publish them, and simple ones: the baselines of every backtest.

Every rule looks at the days before a day and gives a size per workload; a backtest never lets a size exceed what is
reserved. Sources: robusta-dev/krr (strategies `simple` and `simple_limit`), kubernetes/autoscaler (VPA recommender),
Rzadca et al., "Autopilot: workload autoscaling at Google", EuroSys 2020 (moving-window recommender), AWS Compute
Optimizer's documentation of thresholds and headroom.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from .use import Floats, SizedResource, Use

MIB = 2.0**20
_VPA_GROWTH = 1.05
_VPA_FIRST: dict[SizedResource, float] = {"cpu": 0.01, "memory": 1e7}
_LEVELS = np.linspace(0.0025, 1.0, 400)


@dataclass(frozen=True)
class Rule:
    """A named way to a size.

    Args:
        name: short, for options and tables.
        resource: what it sizes.
        days: of history that it looks at.
        size: from the usage and a day, the size per workload for the days from then on; NaN where it cannot tell.
        says: one line.
    """

    name: str
    resource: SizedResource
    days: int
    size: Callable[[Use, int], Floats]
    says: str


def vpa_confidence(days: float) -> tuple[float, float]:
    """What VPA multiplies its lower and upper bounds with, after so many days of history."""
    return (1 + 0.001 / days) ** -2, 1 + 1 / days


def _quantile(resource: SizedResource, name: str, q: float, factor: float, floor: float, says: str) -> Rule:
    def size(use: Use, day: int) -> Floats:
        return np.fmax(use.quantiles((q,), day - 14, day)[:, 0] * factor, floor)

    return Rule(name, resource, 14, size, says)


def _peak(name: str, days: int, factor: float, floor: float, says: str) -> Rule:
    def size(use: Use, day: int) -> Floats:
        return np.fmax(use.quantiles((1.0,), day - days, day)[:, 0] * factor, floor)

    return Rule(name, "memory", days, size, says)


def _bucket_end(values: Floats, first: float) -> Floats:
    """The end of the exponential bucket of VPA's histogram that a value lies in."""
    n = np.floor(np.log1p(np.maximum(values, 0) * (_VPA_GROWTH - 1) / first) / np.log(_VPA_GROWTH)) + 1
    return np.asarray(first * (np.power(_VPA_GROWTH, n) - 1) / (_VPA_GROWTH - 1), np.float64)


def _vpa_cpu(use: Use, day: int) -> Floats:
    target = _bucket_end(use.quantiles((0.9,), day - 8, day, fading=1.0)[:, 0], _VPA_FIRST["cpu"])
    return np.fmax(target * 1.15, 0.025)


def _vpa_memory(use: Use, day: int) -> Floats:
    """The 90th percentile of eight daily peaks, each counting half of the one after it."""
    first = max(day - 8, 0)
    peaks = use.most[:, first:day]
    weight = np.where(np.isfinite(peaks), np.exp2(-(day - first - 1 - np.arange(day - first)) * 1.0), 0.0)
    order = np.argsort(peaks, axis=1)
    ordered, heavy = np.take_along_axis(peaks, order, axis=1), np.take_along_axis(weight, order, axis=1)
    upto = np.cumsum(heavy, axis=1)
    place = np.minimum((upto < 0.9 * upto[:, -1:] * (1 - 1e-9)).sum(axis=1), peaks.shape[1] - 1)
    target = _bucket_end(ordered[np.arange(len(peaks)), place], _VPA_FIRST["memory"])
    return np.fmax(target * 1.15, 250e6)


def _autopilot_cpu(use: Use, day: int) -> Floats:
    """The load-adjusted 95th percentile: a sample counts as much as it is large, and half after 12 hours."""
    values = np.nan_to_num(use.quantiles(tuple(_LEVELS), day - 14, day, fading=0.5))
    upto = np.cumsum(values, axis=1)
    place = np.minimum((upto < 0.95 * upto[:, -1:]).sum(axis=1), len(_LEVELS) - 1)
    return np.asarray(values[np.arange(len(values)), place] * 1.15, np.float64)


def _daily_p95(use: Use, day: int) -> Floats:
    with np.errstate(invalid="ignore"):
        top = np.fmax.reduce(use.daily(0.95)[:, max(day - 14, 0) : day], axis=1)
    return np.asarray(top * 1.15, np.float64)


def _autopilot_memory(use: Use, day: int) -> Floats:
    return use.quantiles((0.98,), day - 14, day, fading=2.0)[:, 0] * 1.15


OPTIMIZER_CPU = "p99.5/0.8"
PEAK_MEMORY = "max14d x1.5"

RULES: tuple[Rule, ...] = (
    _quantile("cpu", "krr simple", 0.95, 1.0, 0.01, "95th percentile of 14 days, at least 10m"),
    _quantile("cpu", "krr simple-limit", 0.66, 1.0, 0.01, "66th percentile of 14 days, at least 10m"),
    Rule("vpa", "cpu", 8, _vpa_cpu, "90th percentile, half-life 24 h, 5 % buckets, 15 % margin, at least 25m"),
    Rule("autopilot-like", "cpu", 14, _autopilot_cpu, "load-adjusted 95th percentile, half-life 12 h, 15 % margin"),
    _quantile("cpu", "p95 x1.15", 0.95, 1.15, 0.0, "95th percentile of 14 days and 15 %"),
    Rule("daily p95 x1.15", "cpu", 14, _daily_p95, "largest daily 95th percentile of 14 days and 15 %"),
    _quantile("cpu", "p99 x1.15", 0.99, 1.15, 0.0, "99th percentile of 14 days and 15 %"),
    _quantile("cpu", OPTIMIZER_CPU, 0.995, 1 / 0.8, 0.0, "99.5th percentile of 14 days at 80 %, as Compute Optimizer"),
    _quantile("cpu", "max x1.15", 1.0, 1.15, 0.0, "maximum of 14 days and 15 %"),
    _peak("krr", 14, 1.15, 100e6, "maximum of 14 days and 15 %, at least 100 MB"),
    Rule("vpa", "memory", 8, _vpa_memory, "90th percentile of daily peaks, half-life 24 h, 15 % margin"),
    Rule("autopilot-like", "memory", 14, _autopilot_memory, "98th percentile, half-life 48 h, 15 % margin"),
    _peak("max2d x1.15", 2, 1.15, 0.0, "maximum of 2 days and 15 %"),
    _peak("max14d/0.8", 14, 1.25, 0.0, "maximum of 14 days at 80 %, as Compute Optimizer"),
    _peak("max14d x1.3", 14, 1.3, 0.0, "maximum of 14 days and 30 %"),
    _peak("max28d x1.15", 28, 1.15, 0.0, "maximum of 28 days and 15 %"),
    _peak(PEAK_MEMORY, 14, 1.5, 0.0, "maximum of 14 days and 50 %"),
)

REFERENCE: dict[SizedResource, str] = {"cpu": OPTIMIZER_CPU, "memory": PEAK_MEMORY}
"""The rule that ours is held against at equal risks."""


def rules_of(resource: SizedResource) -> tuple[Rule, ...]:
    """The rules of a resource."""
    return tuple(rule for rule in RULES if rule.resource == resource)
