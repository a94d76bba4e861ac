"""Which workloads can be off at which hours of the week, replayed over the past weeks of this very fleet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..fleets.half_hours import Bools
from ..fleets.list_prices import units_of
from ..fleets.replay import Replay, wilson90
from ..fleets.subjects import Subject, rhythm_days
from ..fleets.view import FleetView
from ..recommendations.types import Basis, Considered, Held, Holding, Recommendation, recommendation_id
from ..rightsizing.load import carried
from .hours import HOURS_OF_WEEK, HourMap, activity, hour_map
from .windows import LEAST_HOURS, LEAST_WEEKS, idle_hours, off_hours, on_windows, windows_text

RESOURCES = ("requests", "gpu", "cpu", "memory", "latency_p99")
"""What tells that a workload is in use, and what a replica carries."""

SLEEPING_KINDS = frozenset({"notebook", "batch", "pipeline", "training"})
LEAST_COVERAGE = 0.8
"""Share of the hours that must have been seen: what nobody saw is not idle."""
MOST_WAKE_UPS = 1.0
"""Off hours that are needed after all, per week: with more than one, people switch the schedule off."""
MOST_BAD_WEEKS = 0.25
"""Share of workload-weeks with more wake-ups than that, above which schedules are withheld here: people bear a bad week
in a month, not two."""
LEAST_SAVED_HOURS = 10
"""Hours of a week below which a schedule is not worth having."""
_PAID = frozenset({"committed"})
_USUAL_START_S = 300.0
_EFFORT_HOURS = 1.0


@dataclass(frozen=True)
class Slept:
    """One workload-week of the replay.

    Args:
        needed: off hours in which it was active.
        wake_ups: how often it would have had to be started.
        off: hours that it would have been off, of those it was on.
        on: hours that it was on.
    """

    needed: int
    wake_ups: int
    off: int
    on: int


def may_sleep(subject: Subject) -> bool:
    """Whether a schedule is looked for: notebooks, batches, development; serving only where the catalogue allows it."""
    if subject.kind == "store" or subject.criticality == "payment_path":
        return False
    if subject.attributes.get("may_sleep", "").lower() == "true" or replicas_off(subject):
        return True
    return subject.kind in SLEEPING_KINDS or subject.is_development


def recommend_schedules(view: FleetView) -> tuple[Considered, Replay]:
    """Schedules for what may sleep, and what came of them in the replay.

    Every past week a schedule is made from the weeks before it, and held against what then happened.
    """
    looked = [(subject, _map_of(view, subject)) for subject in view.subjects if may_sleep(subject)]
    replayed = {subject.name: replay_weeks(hours) for subject, hours in looked if hours is not None}
    replay = _replay(replayed)
    recommendations: list[Recommendation] = []
    held: list[Held] = []
    for subject, hours in looked:
        found = _one(view, subject, hours, replayed.get(subject.name, ()), replay)
        if isinstance(found, Recommendation):
            recommendations.append(found)
        else:
            held.append(found)
    return Considered(recommendations=tuple(recommendations), held=tuple(held)), replay


def replay_weeks(hours: HourMap) -> tuple[Slept, ...]:
    """Every week against the schedule of the weeks before it; weeks without a schedule are left out."""
    found = []
    for week in range(LEAST_WEEKS, hours.weeks):
        off = off_hours(idle_hours(hours, upto=week))
        judged = hours.seen[week] & off
        if not judged.any() or hours.seen[week].sum() < HOURS_OF_WEEK / 2:
            continue
        needed = judged & hours.active[week]
        starts = needed & ~np.roll(needed, 1)
        was_on = hours.on[week]
        found.append(Slept(int(needed.sum()), int(starts.sum()), int((judged & was_on).sum()), int(was_on.sum())))
    return tuple(found)


def offered(weeks: Sequence[Slept]) -> tuple[Slept, ...]:
    """The weeks in which it would have had a schedule: those before had no more than `MOST_WAKE_UPS` on average."""
    found, wake_ups = [], 0
    for place, week in enumerate(weeks):
        if wake_ups <= MOST_WAKE_UPS * place:
            found.append(week)
        wake_ups += week.wake_ups
    return tuple(found)


def _map_of(view: FleetView, subject: Subject) -> HourMap | None:
    zone = subject.zone
    if zone is None:
        return None
    least = replicas_off(subject)
    found = _beyond(view, subject, least) if least else None
    return hour_map(subject, zone, view.usage, view.occasions, found)


def replicas_off(subject: Subject) -> int:
    """How many replicas stay on in off hours, as the attribute `replicas_off` has it: enough for what may fail."""
    said = subject.attributes.get("replicas_off", "")
    least = int(said) if said.isdecimal() and len(said) < 4 else 0
    return max(least, subject.spare_replicas + 1) if least else 0


def _beyond(view: FleetView, subject: Subject, least: int) -> tuple[Bools, Bools]:
    """In which half hours so few replicas, less those that may fail, would not have carried the load."""
    carries = carried(subject, view.usage)
    if carries is None:
        return activity(subject.name, view.usage)
    is_known = np.isfinite(carries.load)
    is_more = np.nan_to_num(carries.load) > carries.per_replica * (least - subject.spare_replicas)
    return np.asarray(is_more), np.asarray(is_known)


def _replay(replayed: dict[str, tuple[Slept, ...]]) -> Replay:
    weeks = [week for found in replayed.values() for week in offered(found)]
    on = sum(week.on for week in weeks)
    return Replay(
        kind="schedule",
        resource="",
        rule=f"off in hours that were idle in every week before, {LEAST_WEEKS} at least",
        subjects=sum(1 for found in replayed.values() if offered(found)),
        weeks=len(weeks),
        bad=sum(week.wake_ups > MOST_WAKE_UPS for week in weeks),
        saved=sum(week.off for week in weeks) / on if on else 0.0,
        most=MOST_BAD_WEEKS,
    )


def _one(
    view: FleetView, subject: Subject, hours: HourMap | None, weeks: Sequence[Slept], replay: Replay
) -> Recommendation | Held:
    if hours is None:
        return _held(subject, "unknown", "its timezone is not known, so its nights are not either")
    problem = _problem(subject, hours, weeks)
    if problem is not None:
        return problem
    off = off_hours(idle_hours(hours))
    if replicas_off(subject) >= _replicas(view, subject):
        return _held(subject, "at_the_floor", "it has no more replicas than are to stay on")
    if off.all():
        return _held(subject, "another_option", "it was not in use at all: decommissioning says whether it can go")
    saved = _saved_hours(hours, off)
    if saved < LEAST_SAVED_HOURS:
        return _held(
            subject,
            "fits",
            f"less than {LEAST_SAVED_HOURS} paid hours of a week are idle, {LEAST_HOURS} or more in a row",
        )
    if subject.capacity_type in _PAID:
        basis = (Basis(what="idle hours that are paid", value=saved, unit="hours of a week"),)
        return _held(subject, "already_paid", "its capacity is committed: stopping it saves nothing", basis)
    return _recommendation(view, subject, hours, off, saved, weeks, replay)


def _problem(subject: Subject, hours: HourMap, weeks: Sequence[Slept]) -> Held | None:
    if subject.autoscaler is not None and subject.replicas_least == 0:
        return _held(subject, "autoscaler_owns_it", "its autoscaler scales it to nothing already")
    rhythm = rhythm_days(subject.attributes)
    if rhythm > hours.weeks * 7:
        return _held(subject, "short_history", "it works at a rhythm that is longer than the history")
    if hours.seen.sum() < LEAST_WEEKS * HOURS_OF_WEEK * LEAST_COVERAGE and hours.weeks <= LEAST_WEEKS:
        return _held(subject, "short_history", f"fewer than {LEAST_WEEKS} weeks are known")
    if hours.coverage < LEAST_COVERAGE:
        basis = (Basis(what="share of hours seen", value=round(hours.coverage, 3), unit="share"),)
        return _held(subject, "gaps", "hours without samples are not idle hours", basis)
    per_week = sum(week.wake_ups for week in weeks) / len(weeks) if weeks else 0.0
    if per_week > MOST_WAKE_UPS:
        basis = (Basis(what="wake-ups a week in the replay", value=round(per_week, 2), unit="per week"),)
        return _held(subject, "needed", "hours that were idle for weeks were needed later", basis)
    return None


def _saved_hours(hours: HourMap, off: Bools) -> float:
    """Hours of a usual week that would be off and were paid for."""
    seen = int(hours.seen.sum())
    return HOURS_OF_WEEK * float((hours.on & off & hours.seen).sum()) / seen if seen else 0.0


def _recommendation(
    view: FleetView, subject: Subject, hours: HourMap, off: Bools, saved: float, weeks: Sequence[Slept], replay: Replay
) -> Recommendation | Held:
    windows = on_windows(off)
    replicas = _replicas(view, subject)
    least = float(replicas_off(subject))
    judged, needed = sum(week.off for week in weeks), sum(week.needed for week in weeks)
    low_share, high_share = wilson90(needed, judged)
    start_s = _start_s(subject)
    # A needed hour is an hour less saved; the interval is that of their share in the replay.
    lost = needed / judged if judged else 0.0
    saving = view.prices.saving(
        subject,
        {sku: amount * (replicas - least) for sku, amount in units_of(subject).items()},
        share=saved / HOURS_OF_WEEK * (1 - lost),
        low=(1 - high_share) / (1 - lost) if lost < 1 else 0.0,
        high=(1 - low_share) / (1 - lost) if lost < 1 else 1.0,
    )
    if saving is None:
        return _held(subject, "no_price", "the price list lacks one of its resources")
    wake_ups = sum(week.wake_ups for week in weeks) / len(weeks) if weeks else 0.0
    return Recommendation(
        id=recommendation_id("schedule", view.environment, subject.name, "replicas"),
        kind="schedule",
        subject=subject.name,
        resource="replicas",
        team=subject.team,
        owner=subject.owner,
        environment=view.environment,
        criticality=subject.criticality,
        current={"replicas": replicas, "on": "always"},
        proposed={
            "replicas": least,
            "on": windows_text(windows),
            "timezone": subject.timezone,
            "replicas_on": replicas,
            "hours_off": float(off.sum()),
        },
        unit="hours of a week",
        saving=saving,
        risk=replay.risk("more than one start in a week at an hour that was to be off"),
        why=_why(int(off.sum()), int(least)),
        basis=(
            Basis(what="hours of the week off", value=float(off.sum()), unit="hours"),
            Basis(what="of them paid today", value=round(saved, 1), unit="hours of a week"),
            Basis(what="weeks known", value=float(hours.weeks), unit="weeks"),
            Basis(what="share of off hours needed in the replay", value=round(lost, 4), unit="share"),
            Basis(what="wake-ups in the replay", value=round(wake_ups, 2), unit="per week"),
            Basis(what="time that a start takes", value=start_s, unit="seconds"),
        ),
        history_start=view.start,
        history_end=view.end,
        coverage=min(max(hours.coverage, 0.0), 1.0),
        effort_hours=_EFFORT_HOURS,
        reversal="at_once",
        steps=(
            "tell those who use it how to start it outside these hours",
            f"leave {least:g} replicas outside these hours, {subject.timezone} time",
            "look after two weeks at how often it was started by hand",
        ),
    )


def _why(hours: int, least: int) -> str:
    if least:
        return f"{least} replicas would have carried every week at {hours} of 168 hours of its own week"
    return f"idle in every week at {hours} of 168 hours of its own week"


def _replicas(view: FleetView, subject: Subject) -> float:
    """How many there are when it is on: at the end, or one if it is off just then."""
    return max(float(np.nanmax(subject.replicas(view.usage.times_us[-1:]))), 1.0)


def _start_s(subject: Subject) -> float:
    try:
        return min(max(float(subject.attributes.get("start_s", _USUAL_START_S)), 0.0), 86_400.0)
    except ValueError:
        return _USUAL_START_S


def _held(subject: Subject, reason: Holding, detail: str, basis: tuple[Basis, ...] = ()) -> Held:
    return Held(kind="schedule", subject=subject.name, resource="replicas", reason=reason, detail=detail, basis=basis)
