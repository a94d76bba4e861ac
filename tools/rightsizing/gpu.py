"""Which GPU, or which part of one, a workload needs: by engine and SM activity, never by device utilisation.

Device utilisation says that some kernel ran, saturates at once, and does not exist for partitions.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..fleets.half_hours import HALVES_OF_WEEK
from ..fleets.list_prices import units_of
from ..fleets.replay import Replay
from ..fleets.subjects import Subject, peak_ahead, rhythm_days
from ..fleets.view import FleetView
from ..recommendations.types import Basis, Considered, Held, Holding, Recommendation, recommendation_id
from .cards import CARDS, INSTANCES, Slice, card_named, instance_slice, slice_named, slices_of, whole
from .gpu_need import MEMORY_MARGIN, GpuNeed, gpu_need

RESOURCES = ("gpu", "gpu_sm", "gpu_memory", "latency_p99", "cpu", "memory")

LEAST_WEEKS = 4
"""The history then holds a change of month, and every hour of the week four times."""
LEAST_COVERAGE = 0.8
UNCHANGED_DAYS = 7
"""A size that a person changed less than a week ago has not shown a week yet."""
AHEAD_DAYS = 35
"""A peak of the calendar nearer than that holds a cut back: it takes a report, a week's notice and a week's watching to
take one back."""
LEAST_SHARE = 0.1
"""Of the cost, below which a change is not worth its risk."""
MOST_BAD_WEEKS = 0.05
"""Share of workload-weeks in which the smaller GPU would have been too small, above which the kind is withheld."""
_EFFORT_SAME_CARD = 4.0
_EFFORT_OTHER_CARD = 16.0
_CORE_SHARE = 0.8
_GIB = 2**30


@dataclass(frozen=True)
class Option:
    """A way to run a workload.

    Args:
        slice: what every replica runs on.
        devices: of it, per replica.
        replicas: that it takes; more than today where one card holds several of them.
        cards: whole cards that are paid in the end.
        per_hour: cost of its cards, and of what replicas beyond today's reserve beside them.
        instance: the instance type; "" where cards are reserved by themselves.
    """

    slice: Slice
    devices: float
    replicas: int
    cards: int
    per_hour: float
    instance: str = ""


def has_gpu(subject: Subject) -> bool:
    """Whether a workload has a GPU."""
    return bool(subject.gpu_type) or (subject.instance_type or "") in INSTANCES


def recommend_gpus(view: FleetView) -> tuple[Considered, Replay]:
    """Smaller GPUs, partitions or instances with a part of one, and what came of them in the replay.

    Every past week the choice is made from the weeks before, and held against what the next week needed.
    """
    subjects = [subject for subject in view.subjects if has_gpu(subject)]
    replay = _replay(view, subjects)
    recommendations: list[Recommendation] = []
    held: list[Held] = []
    for subject in subjects:
        found = _one(view, subject, replay)
        if isinstance(found, Recommendation):
            recommendations.append(found)
        else:
            held.append(found)
    return Considered(recommendations=tuple(recommendations), held=tuple(held)), replay


def _one(view: FleetView, subject: Subject, replay: Replay) -> Recommendation | Held:
    if (subject.gpu_partition or "").lower() == "shared":
        return _held(subject, "shared", "its device has other tenants: it shrinks for all of them or for none")
    if subject.autoscaler is not None and subject.autoscales in ("gpu", "gpu_sm"):
        return _held(subject, "autoscaler_owns_it", "its autoscaler acts on GPU activity: its floor and target decide")
    current = _current(subject)
    if current is None:
        return _held(subject, "unknown", "its GPU or partition is not in the catalogue")
    problem = _problem(view, subject)
    if problem is not None:
        return problem
    need = gpu_need(view, subject)
    if need is None or need.memory_bytes is None:
        return _held(subject, "unknown", "engine activity or GPU memory is not measured")
    if subject.latency_budget_ms is not None and need.latency_s is None:
        return _held(subject, "latency_budget", "it has a latency budget and its latency is not measured")
    return _chosen(view, subject, current, need, replay)


def _problem(view: FleetView, subject: Subject) -> Held | None:
    usage = view.usage
    if usage.weeks < LEAST_WEEKS or rhythm_days(subject.attributes) > usage.weeks * 7:
        return _held(subject, "short_history", "the history is shorter than its rhythm, or than four weeks")
    is_on = subject.replicas(usage.times_us) > 0
    seen = usage.seen(subject.name, "gpu")
    coverage = float(seen[is_on].mean()) if is_on.any() else 0.0
    if coverage < LEAST_COVERAGE:
        basis = (Basis(what="share of the time seen", value=round(coverage, 3), unit="share"),)
        return _held(subject, "gaps", "its GPU was not always measured", basis)
    since = view.end_us - UNCHANGED_DAYS * 86_400_000_000
    if subject.changed_since(since, frozenset({"gpu", "replicas"})):
        return _held(subject, "recently_changed", "its size changed within a week")
    ahead = peak_ahead(view.occasions, subject.country, view.start, view.end, AHEAD_DAYS)
    if ahead is not None and subject.kind == "serving" and not subject.is_development:
        return _held(subject, "peak_ahead", "the calendar has a peak ahead that the history has no example of")
    return None


def _chosen(view: FleetView, subject: Subject, current: Slice, need: GpuNeed, replay: Replay) -> Recommendation | Held:
    now = _today(view, subject, current)
    if now is None:
        return _held(subject, "no_price", "the price list lacks its GPU")
    cheaper = [
        one
        for one in options(view, subject, current)
        if one.per_hour <= now.per_hour * (1 - LEAST_SHARE) and _carries(subject, current, need, one)
    ]
    if cheaper:
        best = min(cheaper, key=lambda one: (one.per_hour, one.slice.card.name != current.card.name, one.cards))
        return _recommendation(view, subject, current, need, now, best, replay)
    if not need.is_memory_need and _would_fit_without_memory(view, subject, current, need, now):
        basis = (Basis(what="GPU memory taken", value=round((need.memory_bytes or 0) / _GIB, 1), unit="GiB"),)
        return _held(
            subject, "unknown", "its framework takes GPU memory beforehand; what it needs is not measured", basis
        )
    basis = (Basis(what="engine activity at most", value=round(need.engine, 3), unit="GPUs"),)
    return _held(subject, "fits", "nothing cheaper carries its peak with the margins", basis)


def options(view: FleetView, subject: Subject, current: Slice) -> list[Option]:
    """Everything else that it could run on and that has a price, whether it fits or not."""
    devices = subject.size("gpu") or 1.0
    replicas = _replicas(view, subject)
    if subject.instance_type in INSTANCES:
        return _instance_options(view, subject, replicas)
    found = []
    if devices > 1:
        # Models that are spread over devices are spread over powers of two of them.
        counts = [devices / 2**step for step in range(1, 4) if devices / 2**step >= 1]
        return [
            option
            for count in counts
            if (option := _cards(view, subject, current, count, replicas, round(count * replicas))) is not None
        ]
    if subject.gpu_partition is None:
        found += [_partitioned(view, subject, one, replicas) for one in slices_of(current.card)]
        found += [
            _cards(view, subject, whole(card), 1.0, replicas, replicas)
            for card in CARDS.values()
            if card.name != current.card.name and _may_move(subject, current, card.generation)
        ]
    else:
        smaller = [one for one in slices_of(current.card) if one.per_card > current.per_card]
        found += [_partitioned(view, subject, one, replicas) for one in smaller]
    return [one for one in found if one is not None]


def _may_move(subject: Subject, current: Slice, generation: int) -> bool:
    """Whether its numbers exist on a card of another generation: BF16 since Ampere, FP8 where it was before."""
    if subject.attributes.get("precision", "").lower() in ("fp8", "fp4", "nvfp4"):
        return generation >= current.card.generation
    return generation >= min(current.card.generation, 8)


def _cards(view: FleetView, subject: Subject, one: Slice, devices: float, replicas: int, cards: int) -> Option | None:
    price = view.prices.price(subject.region, f"gpu:{one.card.name}", subject.capacity_type)
    rest = view.prices.hourly(subject.region, subject.capacity_type, _rest(subject))
    if price is None or rest is None:
        return None
    more = replicas - _replicas(view, subject)
    return Option(one, devices, replicas, cards, price * cards + rest * more)


def _rest(subject: Subject) -> dict[str, float]:
    """What a replica reserves beside its GPU: more replicas on parts of cards take more of it."""
    return {sku: amount for sku, amount in units_of(subject).items() if not sku.startswith("gpu:")}


def _partitioned(view: FleetView, subject: Subject, one: Slice, replicas: int) -> Option | None:
    """Replicas on parts of cards: as many stay as there are today when a card with several of them fails."""
    if subject.spare_replicas > 0:
        cards = math.ceil(replicas / one.per_card) + 1
        each = math.ceil(replicas / (cards - 1))
        return _cards(view, subject, one, 1.0, each * cards, cards)
    return _cards(view, subject, one, 1.0, replicas, math.ceil(replicas / one.per_card))


def _instance_options(view: FleetView, subject: Subject, replicas: int) -> list[Option]:
    cpu, memory = view.usage.of(subject.name, "cpu"), view.usage.of(subject.name, "memory")
    if cpu is None or memory is None or not np.isfinite(cpu).any() or not np.isfinite(memory).any():
        return []
    found = []
    for instance in INSTANCES.values():
        price = view.prices.price(subject.region, instance.name, subject.capacity_type)
        is_room = (
            float(np.nanmax(cpu)) <= instance.cores * _CORE_SHARE
            and float(np.nanmax(memory)) * MEMORY_MARGIN <= instance.memory_gib * _GIB
        )
        if price is not None and is_room and instance.name != subject.instance_type:
            one = instance_slice(instance)
            found.append(Option(one, 1.0, replicas, replicas, price * replicas, instance.name))
    return found


def _carries(subject: Subject, current: Slice, need: GpuNeed, one: Option, *, with_margins: bool = True) -> bool:
    budget_s = subject.latency_budget_ms / 1000 if subject.latency_budget_ms is not None else None
    return need.fits(current, one.slice, one.devices, budget_s, with_margins=with_margins)


def _would_fit_without_memory(view: FleetView, subject: Subject, current: Slice, need: GpuNeed, now: Option) -> bool:
    free = GpuNeed(need.engine, need.occupancy, 0.0, True, need.latency_s)
    return any(
        _carries(subject, current, free, one)
        for one in options(view, subject, current)
        if one.per_hour <= now.per_hour * (1 - LEAST_SHARE)
    )


def _current(subject: Subject) -> Slice | None:
    instance = INSTANCES.get(subject.instance_type or "")
    if instance is not None:
        return instance_slice(instance)
    card = card_named(subject.gpu_type)
    return None if card is None else slice_named(card, subject.gpu_partition)


def _replicas(view: FleetView, subject: Subject) -> int:
    """The greatest number of replicas of the last week."""
    return max(int(np.nanmax(subject.replicas(view.usage.times_us[-HALVES_OF_WEEK:]))), 1)


def _today(view: FleetView, subject: Subject, current: Slice) -> Option | None:
    replicas = _replicas(view, subject)
    if subject.instance_type in INSTANCES:
        price = view.prices.hourly(subject.region, subject.capacity_type, units_of(subject))
        return (
            None
            if price is None
            else Option(current, 1.0, replicas, replicas, price * replicas, subject.instance_type or "")
        )
    devices = subject.size("gpu") or 1.0
    price = view.prices.price(subject.region, f"gpu:{subject.gpu_type}", subject.capacity_type)
    if price is None:
        return None
    cards = math.ceil(devices * replicas / current.per_card)
    return Option(current, devices, replicas, cards, price * cards)


def _replay(view: FleetView, subjects: Sequence[Subject]) -> Replay:
    """Of every workload with GPUs, whether something cheaper carries it or not: the rule is the same."""
    weeks = bad = judged = 0
    before = after = 0.0
    for subject in subjects:
        current = _current(subject)
        now = None if current is None else _today(view, subject, current)
        if current is None or now is None or (subject.gpu_partition or "").lower() == "shared":
            continue
        chosen = _past_choices(view, subject, current, [now, *options(view, subject, current)])
        judged += bool(chosen)
        for best, is_enough in chosen:
            weeks += 1
            bad += not is_enough
            is_worth_it = best.per_hour <= now.per_hour * (1 - LEAST_SHARE)
            before, after = before + now.per_hour, after + (best.per_hour if is_worth_it else now.per_hour)
    return Replay(
        kind="rightsize",
        resource="gpu",
        rule="the cheapest GPU or part of one that carries all weeks before with the margins",
        subjects=judged,
        weeks=weeks,
        bad=bad,
        saved=1 - after / before if before else 0.0,
        most=MOST_BAD_WEEKS,
    )


def _past_choices(
    view: FleetView, subject: Subject, current: Slice, every: Sequence[Option]
) -> list[tuple[Option, bool]]:
    """What would have been chosen after each week, and whether it was enough for the next one."""
    found = []
    for week in range(LEAST_WEEKS, view.usage.weeks):
        then = gpu_need(view, subject, 0, week * HALVES_OF_WEEK)
        next_week = gpu_need(view, subject, week * HALVES_OF_WEEK, (week + 1) * HALVES_OF_WEEK)
        if then is None or next_week is None:
            continue
        fitting = [one for one in every if _carries(subject, current, then, one)]
        if fitting:
            best = min(fitting, key=lambda one: one.per_hour)
            found.append((best, _carries(subject, current, next_week, best, with_margins=False)))
    return found


def _recommendation(
    view: FleetView, subject: Subject, current: Slice, need: GpuNeed, now: Option, best: Option, replay: Replay
) -> Recommendation | Held:
    old_sku = subject.instance_type if now.instance else f"gpu:{subject.gpu_type}"
    new_sku = best.instance or f"gpu:{best.slice.card.name}"
    units = {str(old_sku): float(now.cards)}
    units[new_sku] = units.get(new_sku, 0.0) - best.cards
    if not best.instance:
        more = best.replicas - now.replicas
        units |= {sku: -amount * more for sku, amount in _rest(subject).items()}
    saving = view.prices.saving(subject, units)
    if saving is None:
        return _held(subject, "no_price", "the price list lacks one of the two GPUs")
    slowed = need.slowed(current, best.slice)
    is_same_card = best.slice.card.name == current.card.name and not best.instance
    return Recommendation(
        id=recommendation_id("rightsize", view.environment, subject.name, "gpu"),
        kind="rightsize",
        subject=subject.name,
        resource="gpu",
        team=subject.team,
        owner=subject.owner,
        environment=view.environment,
        criticality=subject.criticality,
        current=_described(now),
        proposed={**_described(best), "share": round(best.slice.share_of(current) * best.devices / now.devices, 4)},
        unit="GPUs",
        saving=saving,
        risk=replay.risk("engine, memory or latency beyond the smaller GPU in the coming week"),
        why=f"its engine is busy for {need.engine / now.devices:.0%} of the time at most",
        basis=(
            Basis(what="engine activity at most, busiest replica", value=round(need.engine, 4), unit="GPUs"),
            Basis(what="multiprocessors active while it is", value=round(need.occupancy, 3), unit="share"),
            Basis(what="engine on the smaller one", value=round(need.engine * slowed / best.devices, 3), unit="share"),
            Basis(what="GPU memory at most", value=round((need.memory_bytes or 0) / _GIB, 2), unit="GiB"),
            Basis(what="GPU memory there", value=round(best.slice.memory_bytes * best.devices / _GIB, 2), unit="GiB"),
            Basis(what="cards that are paid today", value=float(now.cards), unit="cards"),
            Basis(what="cards that are paid then", value=float(best.cards), unit="cards"),
            Basis(what="latency p99 there, at most", value=round((need.latency_s or 0) * slowed * 1000, 1), unit="ms"),
        ),
        history_start=view.start,
        history_end=view.end,
        coverage=float(np.clip(view.usage.seen(subject.name, "gpu").mean(), 0, 1)),
        effort_hours=_EFFORT_SAME_CARD if is_same_card else _EFFORT_OTHER_CARD,
        reversal="with_a_restart",
        steps=(
            "try one replica of it under the load of a peak, and compare latency and answers",
            "move the others one at a time, spread over cards so that one failure leaves enough",
            "give back the cards that are empty",
        ),
        excludes=(recommendation_id("replicas", view.environment, subject.name, "replicas"),),
    )


def _described(one: Option) -> dict[str, float | str]:
    return {
        "gpu_type": one.slice.card.name,
        "partition": "whole" if one.instance else one.slice.name,
        **({"instance_type": one.instance} if one.instance else {}),
        "gpu": one.devices,
        "replicas": float(one.replicas),
    }


def _held(subject: Subject, reason: Holding, detail: str, basis: tuple[Basis, ...] = ()) -> Held:
    return Held(kind="rightsize", subject=subject.name, resource="gpu", reason=reason, detail=detail, basis=basis)
