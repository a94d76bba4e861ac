"""How many replicas a service needs, and what an autoscaler's floor and target should be.

Where an autoscaler acts on a resource, requests of that resource stay as they are: its target is a share of the
request, so a smaller request only makes it start more replicas. Failures that must be survived, the latency budget and
peaks that the history has no example of are limits, not costs.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..fleets.half_hours import HALVES_OF_WEEK
from ..fleets.list_prices import units_of
from ..fleets.replay import Replay
from ..fleets.subjects import Subject, peak_ahead, rhythm_days
from ..fleets.view import FleetView
from ..recommendations.types import Basis, Considered, Held, Holding, Recommendation, recommendation_id
from .cards import card_named, slice_named
from .gpu import AHEAD_DAYS, LEAST_COVERAGE, LEAST_WEEKS, UNCHANGED_DAYS, recommend_gpus
from .load import CPU_MOST, Carried, carried, cores_for, load_of

RESOURCES = ("requests", "gpu", "gpu_sm", "gpu_memory", "cpu", "memory", "latency_p99")

MOST_CUT = 0.5
"""Of the replicas at once. What follows is for next week's report, when this week has been seen."""
LEAST_REPLICAS: Mapping[str, int] = {"payment_path": 2, "high": 2, "normal": 1, "low": 1}
"""One of two can be moved to another machine without a gap."""
MOST_BAD_WEEKS = 0.05
"""Share of workload-weeks whose peak needed more than was proposed, spares apart, above which the kind is withheld."""
FLOOR_SHARE = 0.05
"""Share of the time that replicas are above the floor, from which on the autoscaler's target matters."""
_EFFORT_HOURS = 1.0


@dataclass(frozen=True)
class Need:
    """How many replicas a service needs.

    Args:
        peak: load that must be carried.
        carries: what one replica carries.
        for_peak: replicas for the peak alone.
        in_all: with spares for failures.
    """

    peak: float
    carries: Carried
    for_peak: int
    in_all: int


def has_replicas(subject: Subject) -> bool:
    """Whether replicas are looked at: services with several of them, or with an autoscaler."""
    if subject.kind not in ("serving", "other"):
        return False
    return subject.autoscaler is not None or (subject.size("replicas") or 1.0) > 1


def recommend_replicas(view: FleetView) -> tuple[Considered, Replay]:
    """Fewer replicas or a lower floor where the peaks of all weeks need fewer, and what came of them in the replay.

    Every past week the number is worked out from the weeks before, and held against the peak of the next one.
    """
    subjects = [subject for subject in view.subjects if has_replicas(subject)]
    replay = _replay(view, subjects)
    smaller = {one.subject: one for one in recommend_gpus(view)[0].recommendations}
    recommendations: list[Recommendation] = []
    held: list[Held] = []
    for subject in subjects:
        found = _one(view, subject, replay)
        other = smaller.get(subject.name)
        if isinstance(found, Recommendation) and other is not None and _is_better(other, found):
            held.append(_held(subject, "another_option", "smaller GPUs save more, and exclude fewer of these"))
        elif isinstance(found, Recommendation):
            recommendations.append(found)
        else:
            held.append(found)
    return Considered(recommendations=tuple(recommendations), held=tuple(held)), replay


def _is_better(one: Recommendation, other: Recommendation) -> bool:
    return one.saving.effective.expected > other.saving.effective.expected


def need_of(view: FleetView, subject: Subject) -> Need | str:
    """The replicas that a service needs, or what is missing to tell."""
    carries = carried(subject, view.usage)
    if carries is None:
        return "nothing tells its load"
    if subject.latency_budget_ms is not None and view.usage.of(subject.name, "latency_p99") is None:
        return "it has a latency budget and its latency is not measured"
    if carries.per_replica <= 0:
        return "no load was seen within its latency budget"
    peak = _peak(view, subject, carries)
    if isinstance(peak, str):
        return peak
    for_peak = max(math.ceil(peak / carries.per_replica - 1e-9), 1)
    least = LEAST_REPLICAS.get(subject.criticality, 1)
    in_all = max(for_peak + subject.spare_replicas, least)
    regions = _regions(subject)
    if regions > 1 and subject.spare_regions > 0:
        # Evenly spread, so many regions fewer must still carry the peak.
        in_all = math.ceil(in_all / (regions - subject.spare_regions)) * regions
    return Need(peak, carries, for_peak, in_all)


def _peak(view: FleetView, subject: Subject, carries: Carried) -> float | str:
    """The greatest load of the history; of a service that takes over for other regions, with its part of theirs."""
    own = float(np.nanmax(carries.load))
    if subject.spare_regions == 0 or _regions(subject) > 1:
        if subject.spare_regions >= max(_regions(subject), 1) and subject.spare_regions > 0:
            return "how many regions it runs in is not known, so the loss of one cannot be worked out"
        return own
    group = [
        other
        for other in view.subjects
        if other.model is not None and (other.model, other.kind) == (subject.model, subject.kind)
    ]
    regions = {other.region for other in group}
    if len(regions) <= subject.spare_regions:
        return "no other region of it is known, so the loss of one cannot be worked out"
    loads = [found.load for other in group if (found := carried(other, view.usage)) is not None]
    together = float(np.nanmax(np.nansum(np.stack(loads), axis=0)))
    return max(own, together / (len(regions) - subject.spare_regions))


def _regions(subject: Subject) -> int:
    """In how many regions it runs: as `regions` in its attributes has it, or the names in its region."""
    said = subject.attributes.get("regions", "")
    if said.isdecimal() and len(said) < 4:
        return int(said)
    return len([name for name in subject.region.split(",") if name.strip()])


def _one(view: FleetView, subject: Subject, replay: Replay) -> Recommendation | Held:
    problem = _problem(view, subject)
    if problem is not None:
        return problem
    need = need_of(view, subject)
    if isinstance(need, str):
        reason: Holding = "failover" if "region" in need else "latency_budget" if "latency" in need else "unknown"
        return _held(subject, reason, need)
    current = _current(view, subject)
    proposed = max(need.in_all, math.ceil(current * (1 - MOST_CUT)))
    if proposed >= current:
        return _kept(subject, need, current)
    if subject.capacity_type == "committed":
        return _held(subject, "already_paid", "its capacity is committed: fewer replicas save nothing", _basis(need))
    return _recommendation(view, subject, need, current, proposed, replay)


def _kept(subject: Subject, need: Need, current: int) -> Held:
    """Why it stays as it is: for its spares, its latency, or because it fits."""
    if max(need.for_peak, 1) < current <= need.in_all:
        return _held(subject, "failover", "what looks spare is there for a failure at the peak", _basis(need))
    if need.carries.limit == "latency":
        return _held(subject, "latency_budget", "more load on each replica was not within its budget", _basis(need))
    return _held(subject, "fits", "its peak needs what it has", _basis(need))


def _problem(view: FleetView, subject: Subject) -> Held | None:
    usage = view.usage
    if subject.attributes.get("standby", "").lower() == "true":
        return _held(subject, "failover", "it stands by for a failure")
    if (subject.gpu_partition or "").lower() == "shared":
        return _held(subject, "shared", "its device has other tenants: it shrinks for all of them or for none")
    if usage.weeks < LEAST_WEEKS or rhythm_days(subject.attributes) > usage.weeks * 7:
        return _held(subject, "short_history", "the history is shorter than its rhythm, or than four weeks")
    measured = [name for name in ("requests", "gpu", "cpu") if usage.of(subject.name, name) is not None]
    if not measured:
        return _held(subject, "gaps", "nothing is measured of it")
    coverage = float(usage.seen(subject.name, measured[0]).mean())
    if coverage < LEAST_COVERAGE:
        basis = (Basis(what="share of the time seen", value=round(coverage, 3), unit="share"),)
        return _held(subject, "gaps", "its load was not always measured", basis)
    since = view.end_us - UNCHANGED_DAYS * 86_400_000_000
    if subject.changed_since(since, frozenset({"replicas", "cpu", "gpu"})):
        return _held(subject, "recently_changed", "its size changed within a week")
    ahead = peak_ahead(view.occasions, subject.country, view.start, view.end, AHEAD_DAYS)
    if ahead is not None and not subject.is_development:
        return _held(subject, "peak_ahead", "the calendar has a peak ahead that the history has no example of")
    return None


def _current(view: FleetView, subject: Subject) -> int:
    """The floor of an autoscaler, or the greatest number of the last week."""
    if subject.autoscaler is not None and subject.replicas_least is not None:
        return max(subject.replicas_least, 0)
    return max(int(np.nanmax(subject.replicas(view.usage.times_us[-HALVES_OF_WEEK:]))), 1)


def _replay(view: FleetView, subjects: Sequence[Subject]) -> Replay:
    """Of every service, whether it has too many replicas or not: the rule is the same."""
    weeks = bad = 0
    before = after = 0.0
    wanted = {subject.name for subject in subjects}
    judged: set[str] = set()
    for week in range(LEAST_WEEKS, view.usage.weeks):
        then = view.as_of_week(week)
        for old in (one for one in then.subjects if one.name in wanted):
            need = None if _problem(then, old) is not None else need_of(then, old)
            if need is None or isinstance(need, str):
                continue
            peak = _next_peak(view, old, week)
            if peak is None:
                continue
            current = _current(then, old)
            judged.add(old.name)
            weeks += 1
            bad += peak > need.carries.per_replica * max(need.in_all - old.spare_replicas, 1)
            before, after = before + current, after + min(current, max(need.in_all, current * (1 - MOST_CUT)))
    return Replay(
        kind="replicas",
        resource="replicas",
        rule="what the peak of all weeks before needs, with spares, at most half fewer",
        subjects=len(judged),
        weeks=weeks,
        bad=bad,
        saved=1 - after / before if before else 0.0,
        most=MOST_BAD_WEEKS,
    )


def _next_peak(view: FleetView, subject: Subject, week: int) -> float | None:
    """The greatest load of the week after, measured as it was until then."""
    load, _ = load_of(view.by_name[subject.name], view.usage)
    span = None if load is None else load[week * HALVES_OF_WEEK : (week + 1) * HALVES_OF_WEEK]
    return None if span is None or not np.isfinite(span).any() else float(np.nanmax(span))


def _recommendation(
    view: FleetView, subject: Subject, need: Need, current: int, proposed: int, replay: Replay
) -> Recommendation | Held:
    card = card_named(subject.gpu_type)
    part = slice_named(card, subject.gpu_partition) if card is not None else None
    units = units_of(subject, 1 / part.per_card if part is not None else 1.0)
    saved = {sku: amount * (current - proposed) for sku, amount in units.items()}
    cores = _more_cores(view, subject, need, proposed)
    if cores is not None:
        saved["cpu"] = units.get("cpu", 0.0) * current - cores * proposed
    saving = view.prices.saving(subject, saved)
    if saving is None:
        return _held(subject, "no_price", "the price list lacks one of its resources")
    owned = subject.autoscaler is not None
    target = _target(view, subject, need) if owned else None
    name = "replicas_least" if owned else "replicas"
    return Recommendation(
        id=recommendation_id("replicas", view.environment, subject.name, "replicas"),
        kind="replicas",
        subject=subject.name,
        resource="replicas",
        team=subject.team,
        owner=subject.owner,
        environment=view.environment,
        criticality=subject.criticality,
        current={
            name: float(current),
            **({"target": subject.autoscaler_target} if target is not None and subject.autoscaler_target else {}),
        },
        proposed={
            name: float(proposed),
            **({"target": target} if target is not None else {}),
            **({"cpu": cores} if cores is not None else {}),
        },
        unit="replicas",
        saving=saving,
        risk=replay.risk("a peak in the coming week that the replicas without the spare ones do not carry"),
        why=f"its greatest peak needs {need.for_peak}, and {need.in_all} with what may fail",
        basis=(*_basis(need), Basis(what="replicas today", value=float(current), unit="replicas")),
        history_start=view.start,
        history_end=view.end,
        coverage=float(np.clip(np.isfinite(need.carries.load).mean(), 0, 1)),
        effort_hours=_EFFORT_HOURS,
        reversal="at_once",
        steps=(
            f"take away one in three at a time, until {proposed}, and look at latency at the next peak",
            "put them back at once if latency comes near its budget",
            *(("look again next week: the peak needs fewer still",) if proposed > need.in_all else ()),
        ),
        excludes=(recommendation_id("rightsize", view.environment, subject.name, "gpu"),) if card is not None else (),
    )


def _more_cores(view: FleetView, subject: Subject, need: Need, proposed: int) -> float | None:
    """A greater CPU request where replicas with GPUs get fewer and each has more to do; `None` if it is enough."""
    size = subject.size("cpu")
    if not subject.gpu_type or not size:
        return None
    each = need.peak / max(proposed - subject.spare_replicas, 1)
    cores = cores_for(subject, view.usage, need.carries.load, each)
    return None if cores is None or cores <= size else math.ceil(cores * 20) / 20


def _target(view: FleetView, subject: Subject, need: Need) -> float | None:
    """A higher target of an autoscaler that often works above its floor, if a replica carries more than it makes it.

    A target is a share of the request here; one that is a value per replica stays as it is.
    """
    target, size = subject.autoscaler_target, subject.size("cpu")
    if target is None or not 0 < target < 1 or subject.autoscales != "cpu" or not size:
        return None
    replicas = subject.replicas(view.usage.times_us)
    if (replicas > (subject.replicas_least or 0)).mean() < FLOOR_SHARE:
        return None
    cpu = view.usage.of(subject.name, "cpu")
    if cpu is None:
        return None
    with np.errstate(divide="ignore", invalid="ignore"):
        each = need.carries.load / replicas
    per_load = np.nanmedian(cpu[each > np.nanmedian(each)] / each[each > np.nanmedian(each)])
    possible = min(float(per_load) * need.carries.per_replica / size, CPU_MOST)
    # A new replica takes a while to start: the rise within half an hour must fit below what a replica carries.
    rise = float(np.nanmax(np.diff(each), initial=0.0)) / need.carries.per_replica
    found = math.floor(possible * (1 - min(rise, 0.9)) * 20) / 20
    return found if found > target else None


def _basis(need: Need) -> tuple[Basis, ...]:
    carries = need.carries
    return (
        Basis(what="greatest load that must be carried", value=float(f"{need.peak:.4g}"), unit=carries.unit),
        Basis(what="what one replica carries", value=float(f"{carries.per_replica:.4g}"), unit=carries.unit),
        Basis(what="most of a replica seen within budget", value=float(f"{carries.seen:.4g}"), unit=carries.unit),
        Basis(what="replicas for the peak", value=float(need.for_peak), unit="replicas"),
        Basis(what="replicas with spares", value=float(need.in_all), unit="replicas"),
    )


def _held(subject: Subject, reason: Holding, detail: str, basis: tuple[Basis, ...] = ()) -> Held:
    return Held(kind="replicas", subject=subject.name, resource="replicas", reason=reason, detail=detail, basis=basis)
