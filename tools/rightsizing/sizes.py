"""CPU and memory sizes for the coming week: what our rule proposes, and everything that keeps it from proposing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from ...core.clock import Deadline
from ..fleets.list_prices import ListPrices, list_prices, units_of
from ..fleets.store import FleetStore
from ..fleets.subjects import Occasion, Subject, occasions_of, peak_ahead, rhythm_days, subjects_of
from ..recommendations.backtests import KindBacktest, withheld
from ..recommendations.types import Basis, Considered, Held, Holding, Recommendation, Risk, recommendation_id
from .backtest import Aim, ResourceBacktest, backtest
from .calendar_peaks import calendar_days, is_driven, peak_on
from .coming import Coming, coming
from .fleet_use import history_of, uses_of
from .growth import grows
from .sizing import FLOOR
from .told import by_criticality, kind_backtest
from .use import Floats, HistoryUse, SizedResource

LEAST_CHANGE = 0.1
"""Of the size: less is not worth a restart."""
MOST_CUT = 0.5
"""Of the size at once; what follows is for the next report, when a week has been seen."""
UNCHANGED_DAYS = 7
AHEAD_DAYS = 35
"""As for GPUs: a cut is held back for a peak nearer than that of which the history has no example."""
CAREFUL = frozenset({"payment_path", "high"})
"""Criticalities whose sizes are never below a peak of the history."""
CPU_AT_PEAK = 0.8
"""Of CPU with a latency budget at the highest peak seen: queues grow without bound as use nears the size."""
OOM_FACTOR, OOM_BYTES = 1.2, 100e6
"""What a size at which a workload was killed is raised by, the larger of both, as VPA does."""
JVM_SHARE = 1.3
"""Room above the peak where a JVM runs: its heap is set from the limit, so a smaller limit makes a smaller heap."""
_EFFORT_HOURS = 1.0
_MOST_HAPPENINGS = 1_000_000
_AFTER_STARTS = """
    SELECT usage.workload AS workload, usage.resource AS resource, max(usage.value) AS most
    FROM usage JOIN (SELECT DISTINCT workload, ts FROM happenings WHERE kind IN ('start', 'restart', 'deploy')) AS began
      ON usage.workload = began.workload AND usage.ts >= began.ts AND usage.ts < began.ts + INTERVAL 30 MINUTE
    WHERE usage.resource = 'memory' AND isfinite(usage.value)
    GROUP BY usage.workload, usage.resource
"""
_UNITS: Mapping[SizedResource, str] = {"cpu": "cores", "memory": "bytes"}
_OF: Mapping[SizedResource, str] = {
    "cpu": "more than 5 % of the coming week above the size: throttled",
    "memory": "a moment of the coming week above the size: killed",
}


@dataclass(frozen=True)
class Trouble:
    """What a workload has suffered: times of OOM kills and of throttling, in microseconds."""

    killed: tuple[int, ...] = ()
    throttled: tuple[int, ...] = ()


@dataclass(frozen=True)
class Ground:
    """What the sizes of a fleet are worked out from.

    Args:
        environment: that it runs in.
        start: of the history.
        end: of it: today.
        subjects: by name.
        prices: of today.
        occasions: the calendar.
        troubles: by workload.
        starting: by workload and resource, the most that was used in the half hour after a start.
    """

    environment: str
    start: datetime
    end: datetime
    subjects: Mapping[str, Subject]
    prices: ListPrices
    occasions: tuple[Occasion, ...] = ()
    troubles: Mapping[str, Trouble] = field(default_factory=dict)
    starting: Mapping[tuple[str, str], float] = field(default_factory=dict)


def recommend_sizes(
    store: FleetStore, deadline: Deadline | None = None, aim: Aim | None = None
) -> tuple[Considered, tuple[KindBacktest, ...]]:
    """Smaller requests of CPU and memory, and what became of them in the replay.

    A resource whose replay failed here is withheld.

    Args:
        store: of the fleet.
        deadline: for reading.
        aim: at what risk; that of the reference rule so far unless given.
    """
    ground = ground_of(store, deadline)
    uses = uses_of(store, history_of(store, deadline), deadline)
    driven = frozenset().union(*(_driven(ground, use) for use in uses.values()))
    found = [_of_resource(ground, use, aim or Aim(), driven) for use in uses.values()]
    kinds = tuple(kind for _, kind in found if kind is not None)
    everything = Considered(
        recommendations=tuple(one for part, _ in found for one in part.recommendations),
        held=tuple(one for part, _ in found for one in part.held),
    )
    return withheld(everything, kinds), kinds


def ground_of(store: FleetStore, deadline: Deadline | None = None) -> Ground:
    """Everything beside usage."""
    manifest = store.manifest
    subjects = subjects_of(store.rows("workloads", deadline=deadline), store.rows("sizes", deadline=deadline))
    today = (manifest.end - timedelta(microseconds=1)).date()
    prices, rates = store.rows("prices", deadline=deadline), store.rows("rates", deadline=deadline)
    rows = store.rows("happenings", most=_MOST_HAPPENINGS, deadline=deadline)
    times: dict[str, dict[str, list[int]]] = {}
    at = rows["ts"].cast("int64").to_pylist()
    for when, workload, kind in zip(at, rows["workload"].to_pylist(), rows["kind"].to_pylist(), strict=True):
        if workload is not None and when is not None and kind in ("oom", "throttled"):
            times.setdefault(workload, {}).setdefault(kind, []).append(when)
    troubles = {name: Trouble(tuple(by.get("oom", ())), tuple(by.get("throttled", ()))) for name, by in times.items()}
    return Ground(
        environment=manifest.environment,
        start=manifest.start,
        end=manifest.end,
        subjects={subject.name: subject for subject in subjects},
        prices=list_prices(prices, rates, manifest.currency, today),
        occasions=occasions_of(store.rows("calendar", deadline=deadline)),
        troubles=troubles,
        starting=_starting(store, deadline),
    )


def _starting(store: FleetStore, deadline: Deadline | None) -> dict[tuple[str, str], float]:
    """A start loads models and warms up, seldom enough that no share of the time knows of it."""
    found = store.query(_AFTER_STARTS, (), deadline)
    keys = zip(found["workload"].to_pylist(), found["resource"].to_pylist(), strict=True)
    return dict(zip(keys, found["most"].to_pylist(), strict=True))


def _driven(ground: Ground, use: HistoryUse) -> frozenset[str]:
    """Workloads whose highest days come with the calendar: their weeks are too few to state a risk of."""
    return frozenset(
        name
        for place, name in enumerate(use.names)
        if name in ground.subjects and is_driven(use.most[place], _calendar(ground, ground.subjects[name], use))
    )


def _calendar(ground: Ground, subject: Subject, use: HistoryUse) -> list[int]:
    first = (ground.end - timedelta(microseconds=1)).date() - timedelta(days=use.days - 1)
    return calendar_days(first, use.days, ground.occasions, subject.country)


def _of_resource(
    ground: Ground, use: HistoryUse, aim: Aim, driven: frozenset[str]
) -> tuple[Considered, KindBacktest | None]:
    replay = backtest(use, aim=aim)
    week = coming(use, replay, aim)
    kind = None
    if replay is not None:
        criticality = {name: subject.criticality for name, subject in ground.subjects.items()}
        kind = kind_backtest(replay).model_copy(
            update={"criticalities": by_criticality(replay, use.names, criticality)}
        )
    recommendations: list[Recommendation] = []
    held: list[Held] = []
    grown = grows(use)
    for place, name in enumerate(use.names):
        subject = ground.subjects.get(name)
        if subject is None or subject.size(use.resource) is None:
            continue
        problem = _problem(ground, subject, use, place, bool(grown[place]))
        if problem is None and name in driven and not subject.is_development:
            problem = _held(
                subject, use.resource, "peak_ahead", "its highest days come with the calendar, and were few"
            )
        if problem is not None:
            held.append(problem)
            continue
        one = _one(ground, subject, use, place, week, replay)
        if isinstance(one, Recommendation):
            recommendations.append(one)
        else:
            held.append(one)
    return Considered(recommendations=tuple(recommendations), held=tuple(held)), kind


def _problem(ground: Ground, subject: Subject, use: HistoryUse, place: int, is_growing: bool) -> Held | None:
    resource = use.resource
    if subject.instance_type:
        return _held(subject, resource, "fits", "it runs on an instance of its own, whose type decides")
    if subject.autoscaler is not None and subject.autoscales in (resource, None):
        return _held(subject, resource, "autoscaler_owns_it", "an autoscaler acts on it: its floor and target decide")
    if subject.capacity_type == "committed":
        return _held(
            subject, resource, "already_paid", "its capacity is committed: a smaller request saves nothing yet"
        )
    watched = use.coverage[place]
    known = np.flatnonzero(watched > 0)
    days = 0 if not len(known) else use.days - int(known[0])
    if days < 14 or rhythm_days(subject.attributes) > days:
        return _held(subject, resource, "short_history", "less than two weeks are known, or less than its rhythm")
    coverage = float(watched[-14:].mean())
    if coverage < 0.8:
        basis = (Basis(what="share of the last two weeks seen", value=round(coverage, 3), unit="share"),)
        return _held(subject, resource, "gaps", "it was not always measured", basis)
    since = int((ground.end - timedelta(days=UNCHANGED_DAYS)).timestamp() * 1e6)
    if subject.changed_since(since, frozenset({resource, "replicas"})):
        return _held(subject, resource, "recently_changed", "its size changed within a week")
    if is_growing:
        return _held(subject, resource, "memory_grows", "it grows from day to day and only restarts bring it back")
    ahead = peak_ahead(ground.occasions, subject.country, ground.start, ground.end, AHEAD_DAYS)
    if ahead is not None and subject.kind in ("serving", "other", "store") and not subject.is_development:
        return _held(
            subject, resource, "peak_ahead", "the calendar has a peak ahead that the history has no example of"
        )
    if resource == "cpu" and any(at >= since for at in ground.troubles.get(subject.name, Trouble()).throttled):
        return _held(subject, resource, "fits", "it was throttled in the last week")
    return None


def _one(
    ground: Ground, subject: Subject, use: HistoryUse, place: int, week: Coming | None, replay: ResourceBacktest | None
) -> Recommendation | Held:
    now = float(subject.size(use.resource) or 0.0)
    if week is None or replay is None or not np.isfinite(week.sizes[place]):
        return _held(subject, use.resource, "short_history", "the fleet's past is too short to replay a week of it")
    wanted, why = _guarded(ground, subject, use, place, float(week.sizes[place]))
    size = max(_rounded(use.resource, max(wanted, now * (1 - MOST_CUT))), 0.0)
    basis = _basis(use, place)
    if now <= FLOOR[use.resource]:
        return _held(subject, use.resource, "at_the_floor", "it reserves no more than the least that is recommended")
    if size > now * (1 - LEAST_CHANGE):
        reason: Holding = "failover" if why == "failover" else "latency_budget" if why == "latency" else "fits"
        return _held(subject, use.resource, reason, "no size a tenth smaller keeps the risk", basis)
    scale = 2.0**30 if use.resource == "memory" else 1.0
    replicas = subject.size("replicas") or 1.0
    # A smaller request frees capacity; an invoice falls only when nodes go.
    saving = ground.prices.saving(subject, {use.resource: (now - size) / scale * replicas}, is_billed=False)
    if saving is None or not units_of(subject):
        return _held(subject, use.resource, "no_price", f"the price list lacks {use.resource}", basis)
    peak = float(np.nanmax(use.most[place, -28:]))
    return Recommendation(
        id=recommendation_id("rightsize", ground.environment, subject.name, use.resource),
        kind="rightsize",
        subject=subject.name,
        resource=use.resource,
        team=subject.team,
        owner=subject.owner,
        environment=ground.environment,
        criticality=subject.criticality,
        current={"request": now},
        proposed={"request": size},
        unit=_UNITS[use.resource],
        saving=saving,
        risk=_risk(use.resource, week.risk(use, place, size), replay),
        why=f"it reserves {now / max(peak, 1e-9):.1f} times its peak of four weeks",
        basis=basis,
        history_start=ground.start,
        history_end=ground.end,
        coverage=float(np.clip(use.coverage[place].mean(), 0, 1)),
        below_seen_peak=peak > size,
        effort_hours=_EFFORT_HOURS,
        reversal="with_a_restart",
        steps=("change the request of one replica and watch it for a day", "then the others, one at a time"),
    )


def _guarded(ground: Ground, subject: Subject, use: HistoryUse, place: int, size: float) -> tuple[float, str]:
    """The size with everything that no saving outweighs, and what raised it last."""
    peak = float(np.nanmax(use.most[place, -28:]))
    found, why = size, ""

    def at_least(value: float, reason: str) -> None:
        nonlocal found, why
        if value > found:
            found, why = value, reason

    if subject.criticality in CAREFUL:
        at_least(peak, "peak")
    if not subject.is_development:
        at_least(peak_on(use.most[place], _calendar(ground, subject, use)), "calendar")
    replicas = subject.size("replicas") or 1.0
    if subject.spare_replicas > 0 and use.resource == "cpu" and replicas > subject.spare_replicas:
        at_least(peak * replicas / (replicas - subject.spare_replicas), "failover")
    if subject.latency_budget_ms is not None and use.resource == "cpu":
        at_least(peak / CPU_AT_PEAK, "latency")
    if use.resource == "memory":
        # Memory that is short at a start keeps the workload from ever running; CPU makes it start later.
        at_least(ground.starting.get((subject.name, "memory"), 0.0), "start")
        if (subject.runtime or "").lower() == "jvm":
            at_least(peak * JVM_SHARE, "jvm")
        for at in ground.troubles.get(subject.name, Trouble()).killed:
            then = float(subject.over_time("memory", np.array([at], np.int64))[0])
            if np.isfinite(then):
                at_least(max(then * OOM_FACTOR, then + OOM_BYTES), "killed")
    return found, why


def _rounded(resource: SizedResource, size: float) -> float:
    """Up to a whole millicore, or a whole MiB."""
    unit = 0.001 if resource == "cpu" else 2.0**20
    return float(np.ceil(round(size / unit, 6)) * unit)


def _risk(resource: SizedResource, probability: float, replay: ResourceBacktest) -> Risk:
    """The stated probability with the observed share of those weeks of the replay that were told about as much."""
    near = min(replay.calibration, key=lambda one: abs(one.stated - probability))
    return Risk(
        probability=probability,
        low=min(near.low, probability),
        high=max(near.high, probability),
        of=_OF[resource],
        weeks=len(replay.weeks),
    )


def _basis(use: HistoryUse, place: int) -> tuple[Basis, ...]:
    window: npt.NDArray[np.float64] = use.quantiles((0.5, 0.95, 0.99), use.days - 14, use.days)[place]
    top: Floats = use.most[place, -28:]
    unit = _UNITS[use.resource]
    names = ("median of two weeks", "95th percentile of two weeks", "99th percentile of two weeks")
    told = [Basis(what=name, value=float(f"{value:.4g}"), unit=unit) for name, value in zip(names, window, strict=True)]
    return (*told, Basis(what="peak of four weeks", value=float(f"{np.nanmax(top):.4g}"), unit=unit))


def _held(
    subject: Subject, resource: SizedResource, reason: Holding, detail: str, basis: tuple[Basis, ...] = ()
) -> Held:
    return Held(kind="rightsize", subject=subject.name, resource=resource, reason=reason, detail=detail, basis=basis)
