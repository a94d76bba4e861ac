"""Which things can go: those that would have been seen in use, and were not, for longer than their longest rhythm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from ..fleets.half_hours import HALVES_OF_WEEK
from ..fleets.list_prices import units_of
from ..fleets.replay import Replay
from ..fleets.subjects import Floats, Subject
from ..fleets.view import FleetView
from ..recommendations.types import Basis, Considered, Held, Holding, Recommendation, Saving, recommendation_id
from .items import ENDINGS, KEPT_STAGES, Ending, Item

RESOURCES = ("requests", "gpu", "cpu", "network")
"""What would contradict that a thing's workload is idle."""

IDLE_MOST: Mapping[str, float] = {"requests": 0.0, "gpu": 0.01, "cpu": 0.1, "network": 10_240.0}
"""The greatest value of an idle workload, each at its maximum and not a percentile: a request, a hundredth of a GPU, a
tenth of a core, 10 KB/s. In a trace of 465 machines a seventh of those idle by their 95th percentile worked hard in the
week after; backups and batches hide below percentiles.
"""
LEAST_COVERAGE = 0.8
LEAST_SAVED = 1.0
"""Per month, in the fleet's currency: asking somebody costs more."""
MOST_COME_BACK = 0.02
"""Share of idle subject-weeks after which a use came, above which the kind is withheld here. One in fifty: stopping and
waiting out the grace time catches those."""
LEAST_WEEKS = 4
_GIB = 2**30
_MONTH_HOURS = 730
_STORED = {"volume": "volume", "snapshot": "snapshot"}


def recommend_decommissions(view: FleetView, items: Sequence[Item]) -> tuple[Considered, Replay]:
    """What can go, and how often what was idle in this fleet was used again.

    The replay takes every workload that had requests or GPUs counted: idle for all the weeks before (four at least),
    was it used in the next one?
    """
    replay = replay_idleness(view)
    recommendations: list[Recommendation] = []
    held: list[Held] = []
    for item in items:
        found = _one(view, item, replay)
        if isinstance(found, Recommendation):
            recommendations.append(found)
        else:
            held.append(found)
    return Considered(recommendations=tuple(recommendations), held=tuple(held)), replay


def replay_idleness(view: FleetView) -> Replay:
    """How often a workload that was idle for weeks was used in the week after."""
    weeks = bad = subjects = 0
    for subject in view.subjects:
        used = _used_by_week(view, subject)
        if used is None:
            continue
        judged = [week for week in range(LEAST_WEEKS, used.size) if not used[:week].any()]
        weeks += len(judged)
        bad += int(sum(used[week] for week in judged))
        subjects += bool(judged)
    return Replay(
        kind="decommission",
        resource="",
        rule=f"idle by its maxima in all weeks before, {LEAST_WEEKS} at least",
        subjects=subjects,
        weeks=weeks,
        bad=bad,
        saved=0.0,
        most=MOST_COME_BACK,
    )


def _used_by_week(view: FleetView, subject: Subject) -> Floats | None:
    """1 for every week with a use, 0 for one without; `None` if neither requests nor GPUs are counted."""
    used = np.zeros(view.usage.weeks)
    measured = False
    for resource in ("requests", "gpu"):
        most = view.usage.of(subject.name, resource)
        if most is not None and view.usage.weeks:
            measured = True
            whole = most[-view.usage.weeks * HALVES_OF_WEEK :].reshape(view.usage.weeks, -1)
            used = np.maximum(used, (np.nan_to_num(whole) > IDLE_MOST[resource]).any(axis=1))
    return used if measured else None


def _one(view: FleetView, item: Item, replay: Replay) -> Recommendation | Held:
    ending = ENDINGS.get(item.kind)  # type: ignore[call-overload]  # what comes from outside may be of no kind of ours
    if ending is None:
        return _held(item, "unknown", "how things of this kind end is not known")
    subject = view.by_name.get(item.workload) if item.workload else None
    problem = _wanted(item, view) or _unproven(item, ending) or _contradicted(view, item, subject)
    if problem is not None:
        return problem
    saving = _saving(view, item, subject)
    if saving is None:
        return _held(item, "no_price", "the price list lacks what it takes")
    if saving.listed.expected < LEAST_SAVED:
        return _held(item, "too_small", "asking somebody costs more than it saves")
    return _recommendation(view, item, ending, subject, saving, replay)


def _wanted(item: Item, view: FleetView) -> Held | None:
    """Whether somebody would miss it, whatever its uses."""
    if item.needed_by:
        basis = (Basis(what="dependents", value=float(len(item.needed_by)), unit="things"),)
        return _held(item, "needed", "others depend on it", basis)
    if item.attributes.get("standby", "").lower() == "true":
        return _held(item, "failover", "it stands by for a failure")
    if item.kind == "volume" and item.attached_to is not None:
        return _held(item, "needed", "it is attached")
    if item.kind == "model_version" and item.attributes.get("stage", "").lower() in KEPT_STAGES:
        return _held(item, "needed", "it serves, or a rollback would go back to it")
    keep = item.attributes.get("keep_until")
    if keep is not None and not _is_over(keep, view.end.date()):
        return _held(item, "needed", "it must be kept until a day that has not come")
    return None


def _unproven(item: Item, ending: Ending) -> Held | None:
    """Whether its absence proves nothing yet."""
    wanted = item.absence_days(ending)
    if item.watched_days is None:
        return _held(item, "not_watched", "nobody would have seen a use")
    if item.watched_days < wanted:
        basis = (Basis(what="watched for", value=round(item.watched_days, 1), unit="days"), _wanted_basis(wanted))
        return _held(item, "not_watched", "uses have not been watched for long enough", basis)
    if item.unused_days is not None and item.unused_days < wanted:
        basis = (Basis(what="unused for", value=round(item.unused_days, 1), unit="days"), _wanted_basis(wanted))
        return _held(item, "needed", "it was used within its rhythm", basis)
    if item.age_days is not None and item.age_days < wanted:
        basis = (Basis(what="age", value=round(item.age_days, 1), unit="days"), _wanted_basis(wanted))
        return _held(item, "short_history", "it is too young to be old", basis)
    return None


def _wanted_basis(days: float) -> Basis:
    return Basis(what="absence that would tell", value=round(days, 1), unit="days")


def _contradicted(view: FleetView, item: Item, subject: Subject | None) -> Held | None:
    """Whether the usage of its workload speaks against it."""
    if item.workload is None:
        return None
    if subject is None:
        return _held(item, "unknown", "its workload is not in the catalogue")
    if subject.attributes.get("standby", "").lower() == "true":
        return _held(item, "failover", "its workload stands by for a failure")
    measured = [resource for resource in view.usage.resources(subject.name) if resource in IDLE_MOST]
    is_on = subject.replicas(view.usage.times_us) > 0
    if is_on.any() and not measured:
        return _held(item, "gaps", "nothing is measured of its workload")
    for resource in measured:
        most = view.usage.of(subject.name, resource)
        if most is None:
            continue
        seen = view.usage.seen(subject.name, resource)
        coverage = float(seen[is_on].mean()) if is_on.any() else 1.0
        if coverage < LEAST_COVERAGE:
            basis = (Basis(what="share of the time seen", value=round(coverage, 3), unit="share"),)
            return _held(item, "gaps", f"{resource} of its workload was not always measured", basis)
        peak = float(np.nanmax(most)) if np.isfinite(most).any() else 0.0
        if peak > IDLE_MOST[resource]:
            basis = (Basis(what=f"most {resource}", value=float(f"{peak:.4g}"), unit="in its unit"),)
            return _held(item, "needed", "its workload did something", basis)
    return None


def _saving(view: FleetView, item: Item, subject: Subject | None) -> Saving | None:
    """What the thing costs: its workload's replicas, or what it stores."""
    if subject is not None:
        replicas = float(subject.replicas(view.usage.times_us[-1:])[0])
        units = {sku: amount * replicas for sku, amount in units_of(subject).items()}
        return view.prices.saving(subject, units)
    gib = (item.size_bytes or 0.0) / _GIB
    if not np.isfinite(gib) or gib < 0:
        return None
    prefix = _STORED.get(item.kind, "volume")
    names = [f"{prefix}:{item.attributes['class']}"] if "class" in item.attributes else []
    place = Subject(name=item.id, region=item.attributes.get("region", ""))
    for sku in (*names, prefix, *_skus(view, prefix)):
        for region in (place.region, *_regions(view, sku)):
            where = Subject(name=item.id, region=region)
            saving = view.prices.saving(where, {sku: gib})
            if saving is not None:
                return saving
    return None


def _skus(view: FleetView, prefix: str) -> list[str]:
    """SKUs of the kind, the cheapest first: what is not known to be dearer is taken for the cheapest."""
    found = {sku: price for (_, sku, _), price in view.prices.prices.items() if sku.startswith(f"{prefix}:")}
    return sorted(found, key=lambda sku: (found[sku], sku))


def _regions(view: FleetView, sku: str) -> list[str]:
    """Regions with a price for the SKU, the cheapest first."""
    found = {
        region: price for (region, name, how), price in view.prices.prices.items() if (name, how) == (sku, "on_demand")
    }
    return sorted(found, key=lambda region: (found[region], region))


def _recommendation(
    view: FleetView, item: Item, ending: Ending, subject: Subject | None, saving: Saving, replay: Replay
) -> Recommendation:
    wanted = item.absence_days(ending)
    unused = item.unused_days if item.unused_days is not None else (item.watched_days or 0.0)
    basis = [
        Basis(what="not used for, at least", value=round(min(unused, item.watched_days or unused), 1), unit="days"),
        Basis(what="uses watched for", value=round(item.watched_days or 0.0, 1), unit="days"),
        _wanted_basis(wanted),
    ]
    if subject is not None:
        for resource in view.usage.resources(subject.name):
            most = view.usage.of(subject.name, resource)
            if most is not None and resource in IDLE_MOST and np.isfinite(most).any():
                value = float(f"{float(np.nanmax(most)):.4g}")
                basis.append(Basis(what=f"most {resource} in the history", value=value, unit="in its unit"))
    return Recommendation(
        id=recommendation_id("decommission", view.environment, item.id, ""),
        kind="decommission",
        subject=item.id,
        resource="",
        team=item.team,
        owner=item.owner,
        environment=view.environment,
        criticality=subject.criticality if subject is not None else "normal",
        current={"kind": item.kind, "state": "kept"},
        proposed={"state": "deleted", "grace_days": float(ending.grace_days)},
        unit="",
        saving=saving,
        risk=replay.risk("a use in the coming week"),
        why=f"no use in {int(basis[0].value)} days, and uses would have been seen",
        basis=tuple(basis),
        history_start=view.start,
        history_end=view.end,
        coverage=1.0,
        effort_hours=ending.effort_hours,
        reversal=ending.reversal,
        steps=(
            "ask the owner whether anybody still needs it" if item.owner else "find an owner, and ask",
            f"stop: {ending.stop}",
            f"wait {ending.grace_days} days; undo it if anybody asks",
            "delete",
        ),
    )


def _is_over(day: str, today: date) -> bool:
    try:
        return date.fromisoformat(day[:10]) < today
    except ValueError:
        return False


def _held(item: Item, reason: Holding, detail: str, basis: tuple[Basis, ...] = ()) -> Held:
    return Held(kind="decommission", subject=item.id, resource="", reason=reason, detail=detail, basis=basis)
