"""The twelve planted situations, each with the label of what is right to say of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..worlds.countries import Country
from ..worlds.streams import Array, Mask
from .clockwork import OFFICE, ZONES, office, payments, wander
from .draft import GIB, MOVING_REGION, Draft, Size, Workload, fitting_cpu, fitting_memory
from .labels import Label, Said
from .roster import country_load, region_of
from .serving import Service, gpu_series
from .spec import SituationName

_ANY_CUT = (Said(kind="rightsize"), Said(kind="replicas"), Said(kind="schedule"), Said(kind="decommission"))
_MEMORY_CUT = (Said(kind="rightsize", resource="memory"), *_ANY_CUT[1:])
_EASY_H = 2
"""Hours around the working day that a label leaves open: whether they stay on is a matter of taste."""


def oversized_gpu_serving(draft: Draft) -> None:
    """Six whole H100 that are busy for a tenth of the time: fewer of them, or a slice each."""
    country = _country(draft, 0)
    rng = draft.rng("oversized")
    load = country_load(draft, country, "oversized")
    peak, n = float(load.max()), float(rng.integers(5, 9))
    service = Service(peak / n / 0.12, 3.0, 9.0, 6.0)
    replicas = np.full(load.size, n)
    series = service.series(load, replicas, rng)
    series |= gpu_series(load, replicas, 0.95 / service.carries, float(rng.uniform(0.35, 0.55)), rng)
    series["gpu_memory"] = float(rng.uniform(9, 13)) * GIB * wander(rng, load.size, 0.02, 200)
    name = "inference-gpu-a"
    for start in rng.integers(2_016, load.size - 2_100, size=2):
        # A new version tries out its kernels when it starts: the engine is busy, and nobody waits for it.
        series["gpu"][start : start + 2], series["gpu_sm"][start : start + 2] = 0.97, 0.8
        draft.happened(int(start), name, "deploy")
        draft.happened(int(start), name, "start")
    draft.add(
        {
            "workload": name, "team": "risk", "owner": "#risk", "criticality": "payment_path", "model": "fraud-net",
            "country": country.code, "timezone": ZONES[country.code], "region": region_of(country),
            "gpu_type": "H100-80GB", "spare_replicas": 1, "latency_budget_ms": 60.0, "runtime": "triton",
        },
        {"cpu": fitting_cpu(series["cpu"]), "memory": fitting_memory(series["memory"]), "gpu": Size(1.0, 1.0)},
        series,
        replicas,
    )  # fmt: skip
    # Before a peak that nobody has seen, the right thing to say of a payment path is nothing.
    _plant(draft, "oversized_gpu_serving", name, "silent" if draft.spec.is_before_sales else "recommend",
           (Said(kind="rightsize", resource="gpu"), Said(kind="replicas")),
           least={"replicas": 2.0, "gpu_share": float(np.quantile(series["gpu_sm"], 0.999))})  # fmt: skip


def nightly_idle(draft: Draft) -> None:
    """A development service that runs all week and is used in office hours."""
    name = "fraud-scorer-dev"
    worker = _office_worker(draft, name, kind="serving", stage="development")
    rng = draft.rng("overtime")
    if rng.random() < 0.5:  # somebody works on one Saturday, early in the history
        day = (5 + 7 * int(rng.integers(0, 2))) * 288
        for resource, value in (("cpu", 1.2), ("requests", 2.0)):
            worker.series[resource][day + 132 : day + 168] = value
    _plant(draft, "nightly_idle", name, "recommend", (Said(kind="schedule"),), needed_hours=_office_hours())


def dead_endpoint(draft: Draft) -> None:
    """A model that nobody has asked since spring, on two replicas with a card each."""
    name = "payout-scorer-v1"
    n = draft.clock.n
    rng = draft.rng("dead")
    zeros = np.zeros(n)
    draft.add(
        {"workload": name, "team": "payouts", "owner": "@carla", "model": "payout-net", "gpu_type": "L4",
         "runtime": "triton"},
        {"cpu": Size(2.0, 2.0), "memory": Size(8 * GIB, 8 * GIB), "gpu": Size(1.0, 1.0)},
        {"requests": zeros, "gpu": zeros, "gpu_sm": zeros, "cpu": 0.01 * wander(rng, n, 0.1),
         "memory": 1.5 * GIB * wander(rng, n, 0.01), "gpu_memory": np.full(n, 6 * GIB), "network": zeros},
        2.0,
    )  # fmt: skip
    draft.keep("ep/payout-scorer-v1", "endpoint", workload=name, team="payouts", owner="@carla", used=190.0)
    _plant(draft, "dead_endpoint", "ep/payout-scorer-v1", "recommend", (Said(kind="decommission"),))


def month_end_peak(draft: Draft) -> None:
    """A settlement service that needs all it has on two days of the month."""
    name = "settlement-worker"
    rng = draft.rng("month_end")
    local = draft.clock.local("UTC")
    load = 6.0 * payments(local, rng) * wander(rng, local.hour.size, 0.04)
    load = np.where(draft.clock.is_month_end, load * float(rng.uniform(4.5, 6.0)), load)
    service = Service(10.0, 2.0, 60.0, 2.0)
    replicas = np.full(load.size, float(service.replicas_for(float(load.max()), 1)))
    series = service.series(load, replicas, rng)
    # Balances of a whole month are held at once.
    series["memory"] = np.where(draft.clock.is_month_end, series["memory"] * 2.4, series["memory"])
    cpu, memory = fitting_cpu(series["cpu"]), fitting_memory(series["memory"])
    draft.add(
        {"workload": name, "team": "finance", "owner": "#finance", "criticality": "high", "timezone": "UTC",
         "spare_replicas": 1, "latency_budget_ms": service.budget_ms, "attributes": {"rhythm": "monthly"}},
        {"cpu": cpu, "memory": memory}, series, replicas,
    )  # fmt: skip
    _plant(draft, "month_end_peak", name, "silent", _ANY_CUT)


def memory_leak(draft: Draft) -> None:
    """A service whose memory grows until it is restarted: neither more nor less memory mends it."""
    name = "rules-engine-shadow"
    rng = draft.rng("leak")
    n = draft.clock.n
    period = int(rng.integers(8, 13)) * 288
    age = np.arange(n) % period
    memory = GIB * (3.0 + 10.0 * age / period) * wander(rng, n, 0.005)
    cpu = 0.8 * payments(draft.clock.local("UTC"), rng) * wander(rng, n, 0.05)
    draft.add(
        {"workload": name, "team": "risk", "owner": "#risk", "runtime": "jvm"},
        {"cpu": fitting_cpu(cpu), "memory": Size(24 * GIB, 24 * GIB)}, {"cpu": cpu, "memory": memory},
    )  # fmt: skip
    for sample in range(period, n, period):
        draft.happened(sample, name, "restart")
        draft.happened(sample, name, "start")
    _plant(draft, "memory_leak", name, "silent", _MEMORY_CUT)


def autoscaler_owned(draft: Draft) -> None:
    """An autoscaler on CPU with a floor that is far above the need: smaller requests would only raise its number."""
    name = "checkout-scorer"
    rng = draft.rng("autoscaled")
    country = _country(draft, 1)
    load = country_load(draft, country, name)
    peak = float(load.max())
    service = Service(peak / 2.2, 2.0, 30.0, 2.0)
    floor = float(rng.integers(10, 15))
    replicas = np.full(load.size, floor)
    # A rollout that went wrong left three replicas for two hours of a busy day: what fewer can carry has been seen.
    day = int(rng.integers(10, draft.spec.weeks * 7 - 10)) * 288
    at = day + int(np.argmax(load[day : day + 288]))
    at = min(at, load.size - 24)
    replicas[at : at + 24] = 4.0
    series = service.series(load, replicas, rng)
    slow = int(rng.integers(2_016, load.size - 2_100))
    series["latency_p99"][slow : slow + 9] *= 6  # a slow dependency: latency that no replica would mend
    draft.add(
        {
            "workload": name, "team": "risk", "owner": "#risk", "criticality": "payment_path", "model": "checkout-net",
            "country": country.code, "timezone": ZONES[country.code], "region": region_of(country),
            "autoscaler": "hpa", "autoscales": "cpu", "autoscaler_target": 0.6, "replicas_least": int(floor),
            "replicas_most": 30, "spare_replicas": 1, "latency_budget_ms": service.budget_ms,
        },
        {"cpu": Size(2.0), "memory": fitting_memory(series["memory"])}, series, replicas,
    )  # fmt: skip
    draft.happened(at, name, "deploy")
    least = float(service.replicas_for(peak, 0))
    _plant(draft, "autoscaler_owned", name, "silent" if draft.spec.is_before_sales else "recommend",
           (Said(kind="replicas"),), least={"replicas": least + 1})  # fmt: skip
    _plant(draft, "autoscaler_owned", name, "silent", (Said(kind="rightsize"),))


def telemetry_gap(draft: Draft) -> None:
    """Used at night as well, but the exporter does not report then, and jumps about when it does."""
    name = "feature-backfill"
    rng = draft.rng("gap")
    local = draft.clock.local(OFFICE)
    n = local.hour.size
    cpu = np.where(local.hour % 2 < 1, 1.6, 0.4) * wander(rng, n, 0.5)
    memory = 5 * GIB * wander(rng, n, 0.15)
    is_lost = (local.hour >= 19) | (local.hour < 8) | (rng.random(n) < 0.2)
    sizes = {"cpu": Size(6.0), "memory": Size(24 * GIB, 24 * GIB)}
    lost_cpu, lost_memory = np.where(is_lost, np.nan, cpu), np.where(is_lost, np.nan, memory)
    draft.add(
        {"workload": name, "kind": "batch", "team": "features", "owner": "#features", "criticality": "low",
         "attributes": {"stage": "development"}},
        sizes, {"cpu": lost_cpu, "memory": lost_memory},
    )  # fmt: skip
    _plant(draft, "telemetry_gap", name, "silent", _ANY_CUT)


def commitment_paid(draft: Draft) -> None:
    """Idle at night like the other one, but its capacity is committed: stopping it saves nothing."""
    name = "payout-scorer-dev"
    _office_worker(draft, name, kind="serving", stage="development", capacity="committed")
    _plant(draft, "commitment_paid", name, "silent", _ANY_CUT)


def orphaned_volume(draft: Draft) -> None:
    """A disk of a node that is long gone, with its snapshot, and the artefacts of a study that ended."""
    rng = draft.rng("orphan")
    size = float(rng.integers(4, 12)) * 256
    draft.keep("vol-old-trainer", "volume", used=float(rng.integers(130, 300)), size_bytes=size * GIB, team="features",
               owner="#features", attributes={"class": "ssd"})  # fmt: skip
    _plant(draft, "orphaned_volume", "vol-old-trainer", "recommend", (Said(kind="decommission"),),
           saving=(size * 0.088 * 0.97, size * 0.088 * 1.4))  # fmt: skip
    draft.keep("snap-old-trainer", "snapshot", used=None, size_bytes=size * GIB, team="features", owner="#features")
    _plant(draft, "orphaned_volume", "snap-old-trainer", "recommend", (Said(kind="decommission"),),
           saving=(size * 0.05 * 0.97, size * 0.05 * 1.4))  # fmt: skip
    draft.keep("exp/churn-study", "experiment", used=float(rng.integers(130, 300)), size_bytes=size / 2 * GIB,
               team="risk", owner=None, attributes={"class": "ssd"})  # fmt: skip
    _plant(draft, "orphaned_volume", "exp/churn-study", "recommend", (Said(kind="decommission"),),
           saving=(size / 2 * 0.088 * 0.97, size / 2 * 0.088 * 1.4))  # fmt: skip


def shared_gpu(draft: Draft) -> None:
    """Two tenants of one card, one of them quiet: the card cannot shrink for one of them."""
    rng = draft.rng("shared")
    local = draft.clock.local("UTC")
    n = local.hour.size
    busy = 0.72 * payments(local, rng) * wander(rng, n, 0.05)
    for name, engine in (("embedding-search", np.minimum(busy, 1.0)), ("embedding-dedup", 0.02 * wander(rng, n, 0.2))):
        cpu = 0.05 + engine * 0.7
        memory = 4 * GIB * wander(rng, n, 0.02)
        draft.add(
            {"workload": name, "team": "features", "owner": "#features", "gpu_type": "A100-80GB",
             "gpu_partition": "shared", "runtime": "triton", "attributes": {"device": "GPU-7d1a"}},
            {"cpu": fitting_cpu(cpu), "memory": fitting_memory(memory), "gpu": Size(0.5)},
            {"cpu": cpu, "memory": memory, "gpu": engine, "gpu_sm": engine * 0.5, "requests": engine * 40,
             "gpu_memory": np.full(n, 8 * GIB)},
        )  # fmt: skip
        _plant(draft, "shared_gpu", name, "silent", _ANY_CUT)


def start_burst(draft: Draft) -> None:
    """Quiet but for its starts, when it loads everything it knows."""
    name = "merchant-graph"
    rng = draft.rng("burst")
    n = draft.clock.n
    memory = 2 * GIB * wander(rng, n, 0.02)
    cpu = 0.3 * wander(rng, n, 0.08)
    starts = np.sort(rng.choice(n // 2016, size=3, replace=False)) * 2016 + int(rng.integers(200, 1_800))
    for start in starts:
        memory[start : start + 3] = 10.5 * GIB * (1 + 0.03 * rng.random(3))
        cpu[start : start + 3] = 3.4 * (1 + 0.05 * rng.random(3))
        draft.happened(int(start), name, "restart")
        draft.happened(int(start), name, "start")
    draft.add(
        {"workload": name, "team": "merchants", "owner": "#merchants", "runtime": "jvm"},
        {"cpu": Size(0.42, 4.0), "memory": fitting_memory(memory)}, {"cpu": cpu, "memory": memory},
    )  # fmt: skip
    # A proposal that keeps the peak of its starts takes nothing away from it.
    _plant(draft, "start_burst", name, "silent", _ANY_CUT, least={"memory": float(memory.max())})


def currency_change(draft: Draft) -> None:
    """A forgotten notebook where the bill changed from dollars to euros: it saves what it costs today."""
    name = "notebook-credit"
    n = draft.clock.n
    rng = draft.rng("currency")
    draft.add(
        {"workload": name, "kind": "notebook", "team": "risk", "owner": "@dina", "criticality": "low",
         "region": MOVING_REGION, "gpu_type": "L4", "attributes": {"stage": "development"}},
        {"cpu": Size(4.0), "memory": Size(16 * GIB, 16 * GIB), "gpu": Size(1.0, 1.0)},
        {"cpu": 0.008 * wander(rng, n, 0.1), "memory": 0.6 * GIB * wander(rng, n, 0.01), "gpu": np.zeros(n),
         "gpu_sm": np.zeros(n), "network": np.zeros(n), "gpu_memory": np.zeros(n)},
    )  # fmt: skip
    draft.keep("nb/notebook-credit", "notebook", workload=name, team="risk", owner="@dina", used=140.0)
    _plant(draft, "currency_change", "nb/notebook-credit", "recommend", (Said(kind="decommission"),))


PLANTERS: dict[SituationName, Callable[[Draft], None]] = {
    "oversized_gpu_serving": oversized_gpu_serving,
    "nightly_idle": nightly_idle,
    "dead_endpoint": dead_endpoint,
    "month_end_peak": month_end_peak,
    "memory_leak": memory_leak,
    "autoscaler_owned": autoscaler_owned,
    "telemetry_gap": telemetry_gap,
    "commitment_paid": commitment_paid,
    "orphaned_volume": orphaned_volume,
    "shared_gpu": shared_gpu,
    "start_burst": start_burst,
    "currency_change": currency_change,
}


def _plant(
    draft: Draft, situation: SituationName, subject: str, must: str, said: tuple[Said, ...], **truth: object
) -> None:
    draft.planted.append(
        Label.model_validate({"situation": situation, "subject": subject, "must": must, "said": said, **truth})
    )


def _country(draft: Draft, number: int) -> Country:
    return draft.countries[number % len(draft.countries)]


def _office_hours() -> tuple[int, ...]:
    """Hours of the week that are certainly needed: between ten and five, Monday to Friday."""
    return tuple(day * 24 + hour for day in range(5) for hour in range(10, 17))


def _office_worker(draft: Draft, name: str, *, kind: str, stage: str, capacity: str = "on_demand") -> Workload:
    rng = draft.rng("office", name)
    local = draft.clock.local(OFFICE)
    works: Mask = office(local, float(rng.uniform(8.3, 9.5)), float(rng.uniform(17.5, 19.0)))
    n = local.hour.size
    requests: Array = np.where(works, 3.0 * wander(rng, n, 0.3), 0.0)
    cpu = np.where(works, 1.4 * wander(rng, n, 0.15), 0.015 * wander(rng, n, 0.1))
    memory = 3 * GIB * wander(rng, n, 0.02)
    return draft.add(
        {"workload": name, "kind": kind, "team": "risk", "owner": "@erin", "criticality": "low",
         "capacity_type": capacity, "attributes": {"stage": stage, "start_s": "240"}},
        {"cpu": fitting_cpu(cpu), "memory": fitting_memory(memory)},
        {"cpu": cpu, "memory": memory, "requests": requests},
        2.0,
    )  # fmt: skip
