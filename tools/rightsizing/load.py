"""How much load one replica can carry: what its resources allow, and what has been seen within the latency budget."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..fleets.half_hours import HalfHours
from ..fleets.subjects import Floats, Subject
from .gpu_need import ENGINE_MOST

CPU_MOST = 0.8
"""Share of its CPU request that a replica may use at the peak."""
MEMORY_MOST = 0.9
STEP = 1.5
"""How far beyond a load that was seen to go well one may go at once: fewer replicas are tried in steps of a third."""
CALM = 0.6
"""Of the latency budget: where latency at the greatest load seen is below, a larger load is worth trying."""
MOST_LATE = 0.01
"""Share of half hours that may be beyond the budget among those with about as much load."""
_NEAR = 0.9
_LEAST_LOAD = 0.1


@dataclass(frozen=True)
class Carried:
    """What a replica carries.

    Args:
        load: of the whole workload, every half hour, in `unit`; NaN where it was not seen.
        per_replica: that may be put on one replica; infinite where nothing limits it.
        seen: the greatest load of a replica that went well.
        limit: what limits it: `cpu`, `gpu`, `memory`, `latency` or `seen`.
        unit: requests per second, cores or GPUs.
    """

    load: Floats
    per_replica: float
    seen: float
    limit: str
    unit: str


def carried(subject: Subject, usage: HalfHours) -> Carried | None:
    """What one replica carries by all that is known; `None` without a measure of load.

    Load is requests per second; without them, GPUs or cores of the busiest replica times replicas, which is at least
    what all use together. Of a workload with GPUs, CPU is no limit: it can be had for a hundredth of the price.
    """
    replicas = subject.replicas(usage.times_us)
    load, unit = load_of(subject, usage)
    if load is None or not np.isfinite(load).any() or float(np.nanmax(load)) <= 0:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(replicas > 0, load / replicas, np.nan)
    limits: dict[str, float] = {}
    for resource in ("gpu", "memory") if subject.gpu_type else ("cpu", "memory"):
        found = _limit(subject, usage, load, resource)
        if found is not None:
            limits[resource] = found
    seen, is_calm = _within_budget(subject, usage, each)
    limits["latency" if not is_calm else "seen"] = seen * (STEP if is_calm else 1.0)
    name = min(limits, key=lambda one: limits[one])
    return Carried(load, limits[name], seen, name, unit)


def cores_for(subject: Subject, usage: HalfHours, load: Floats, each: float) -> float | None:
    """The CPU request with which a replica carries so much load; `None` if CPU does not follow load."""
    cpu = usage.of(subject.name, "cpu")
    line = None if cpu is None else _line(subject, usage, load, cpu)
    return None if line is None else (line[0] + line[1] * each) / CPU_MOST


def load_of(subject: Subject, usage: HalfHours) -> tuple[Floats | None, str]:
    """The load of the whole workload every half hour, and its unit; `None` if nothing tells it."""
    replicas = subject.replicas(usage.times_us)
    requests = usage.of(subject.name, "requests")
    if requests is not None and np.nan_to_num(requests).any():
        return requests, "requests per second"
    for resource, unit in (("gpu", "GPUs"), ("cpu", "cores")):
        most = usage.of(subject.name, resource)
        if most is not None and np.nan_to_num(most).any():
            return np.asarray(most * replicas), unit
    return None, ""


def _limit(subject: Subject, usage: HalfHours, load: Floats, resource: str) -> float | None:
    """The load of a replica at which a resource reaches its share of the size; `None` if it does not follow load."""
    size, most = subject.size(resource), usage.of(subject.name, resource)
    share = {"cpu": CPU_MOST, "gpu": ENGINE_MOST, "memory": MEMORY_MOST}[resource]
    line = None if not size or most is None else _line(subject, usage, load, most)
    return None if line is None or not size else max((share * size - line[0]) / line[1], 0.0)


def _line(subject: Subject, usage: HalfHours, load: Floats, most: Floats) -> tuple[float, float] | None:
    """Height and slope of a line above what a replica used at every load of it; `None` where it does not rise.

    Its slope is the least squares one, its height that of the highest residuals.
    """
    replicas = subject.replicas(usage.times_us)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(replicas > 0, load / replicas, np.nan)
    known = np.isfinite(most) & np.isfinite(each)
    if known.sum() < 2:
        return None
    x, y = each[known], most[known]
    spread = float(x.var())
    slope = float(((x - x.mean()) * (y - y.mean())).mean() / spread) if spread > 0 else 0.0
    return (float(np.quantile(y - slope * x, 0.99)), slope) if slope > 0 else None


def _within_budget(subject: Subject, usage: HalfHours, each: Floats) -> tuple[float, bool]:
    """The greatest load of a replica that went well, and whether latency was calm there.

    Without a latency budget, every load that was seen went well.
    """
    latency = usage.of(subject.name, "latency_p99")
    known = np.isfinite(each)
    if subject.latency_budget_ms is None or latency is None:
        return float(each[known].max()), True
    known &= np.isfinite(latency)
    if not known.any():
        return 0.0, False
    order = np.argsort(each[known])
    x, late = each[known][order], latency[known][order] > subject.latency_budget_ms / 1000
    y = latency[known][order]
    total = np.concatenate([[0], np.cumsum(late)])
    first = np.searchsorted(x, _NEAR * x)
    place = np.arange(x.size)
    share = (total[place + 1] - total[first]) / (place + 1 - first)
    # Where there is hardly any load, latency says nothing of it.
    good = (share <= MOST_LATE) & (x >= _LEAST_LOAD * x[-1])
    if not good.any():
        return 0.0, False
    best = int(np.flatnonzero(good)[-1])
    near = y[first[best] : best + 1]
    return float(x[best]), bool(np.quantile(near, 0.99) <= CALM * subject.latency_budget_ms / 1000)
