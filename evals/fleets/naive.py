"""What a spreadsheet would recommend: a few percentiles and percentages. The baseline of the suite `fleets`.

Its rules are those that are met most often: p95 × 1.15 for sizes, below 5 % is idle, nights and weekends are off,
below 30 % a GPU is halved, replicas by the 95th percentile, unattached is unused, unused for 30 days is dead.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...tools.decommission.items import Item
from ...tools.fleets.list_prices import units_of
from ...tools.fleets.subjects import Floats, Subject
from ...tools.fleets.view import FleetView
from ...tools.recommendations.types import (
    Estimate,
    Recommendation,
    RecommendationKind,
    Risk,
    Saving,
    recommendation_id,
)

_IDLE = 0.05
_MARGIN = 1.15
_LESS = 0.9
_LOW_GPU = 0.3
_DEAD_DAYS = 30.0
_NIGHT = "Mon-Fri 08:00-20:00"


def naive(view: FleetView, items: Sequence[Item]) -> list[Recommendation]:
    """Every recommendation of the spreadsheet."""
    found: list[Recommendation] = []
    for subject in view.subjects:
        found += _of_workload(view, subject)
    for item in items:
        is_unused = item.unused_days is None or item.unused_days > _DEAD_DAYS
        runs_as = view.by_name.get(item.workload or "")
        if item.kind in ("volume", "snapshot"):
            if item.attached_to is None:
                found.append(_made(view, "decommission", item.id, "", {"state": "deleted"}, _storage(view, item)))
        elif is_unused:
            saved = _whole(view, runs_as) if runs_as is not None else _storage(view, item)
            found.append(_made(view, "decommission", item.id, "", {"state": "deleted"}, saved))
    return found


def _of_workload(view: FleetView, subject: Subject) -> list[Recommendation]:
    found: list[Recommendation] = []
    for resource in ("cpu", "memory"):
        size, p95 = subject.size(resource), _quantile(view.usage.of(subject.name, resource), 0.95)
        if size and p95 is not None and p95 * _MARGIN < _LESS * size:
            found.append(_made(view, "rightsize", subject.name, resource, {resource: p95 * _MARGIN}, 0.0))
    cpu, size = view.usage.of(subject.name, "cpu"), subject.size("cpu")
    p95 = _quantile(cpu, 0.95)
    if size and p95 is not None and p95 < _IDLE * size:
        found.append(_made(view, "decommission", subject.name, "", {"state": "deleted"}, _whole(view, subject)))
    if cpu is not None and size and _nights(view, cpu) < _IDLE * size:
        found.append(_made(view, "schedule", subject.name, "replicas", {"on": _NIGHT}, 0.0))
    gpu = _quantile(view.usage.of(subject.name, "gpu"), 0.5)
    devices = subject.size("gpu")
    if devices and gpu is not None and gpu < _LOW_GPU * devices:
        found.append(_made(view, "rightsize", subject.name, "gpu", {"share": 0.5}, 0.0))
    replicas = subject.size("replicas") or 1.0
    if replicas > 1 and size and p95 is not None and p95 < 0.5 * size:
        fewer = max(round(replicas * p95 * _MARGIN / size), 1)
        if fewer < replicas:
            found.append(_made(view, "replicas", subject.name, "replicas", {"replicas": float(fewer)}, 0.0))
    return found


def _nights(view: FleetView, cpu: Floats) -> float:
    """The mean between 20 and 8 o'clock UTC; what is missing counts as nothing."""
    hour = view.usage.times_us // 3_600_000_000 % 24
    return float(np.nan_to_num(cpu[(hour >= 20) | (hour < 8)]).mean())


def _quantile(values: Floats | None, share: float) -> float | None:
    return None if values is None or not np.isfinite(values).any() else float(np.nanquantile(values, share))


def _whole(view: FleetView, subject: Subject) -> float:
    """What a workload costs at list price."""
    hourly = view.prices.hourly(subject.region, "on_demand", units_of(subject))
    return (hourly or 0.0) * 730 * (subject.size("replicas") or 1.0)


def _storage(view: FleetView, item: Item) -> float:
    sku = "snapshot" if item.kind == "snapshot" else "volume:ssd"
    price = view.prices.price("eu-west-1", sku, "on_demand") or 0.0
    return price * 730 * (item.size_bytes or 0.0) / 2**30


def _made(
    view: FleetView,
    kind: RecommendationKind,
    subject: str,
    resource: str,
    proposed: dict[str, float | str],
    saved: float,
) -> Recommendation:
    amount = Estimate(currency=view.prices.currency, period="month", expected=saved, low=saved, high=saved)
    return Recommendation(
        id=recommendation_id(kind, view.environment, subject, resource),
        kind=kind,
        subject=subject,
        resource=resource,
        team="",
        owner=None,
        environment=view.environment,
        criticality="normal",
        current={},
        proposed=proposed,
        unit="",
        saving=Saving(effective=amount, listed=amount, bill=amount, freed=amount),
        risk=Risk(probability=0.0, low=0.0, high=1.0, of="not known", weeks=0),
        why="a percentile",
        basis=(),
        history_start=view.start,
        history_end=view.end,
        coverage=1.0,
        effort_hours=0.0,
        reversal="at_once",
    )
