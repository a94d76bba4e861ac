"""The clean part of a fleet: workloads and things that are as they should be, some of which look like waste."""

from __future__ import annotations

import numpy as np

from ..worlds.countries import Country
from ..worlds.streams import Array
from .clockwork import ZONES, office, payments, wander
from .draft import GIB, MOVING_REGION, REGIONS, Draft, Size, fitting_cpu, fitting_memory
from .serving import Service, gpu_series

SERVICES: tuple[tuple[str, str, str, Service], ...] = (
    ("fraud-scorer", "risk", "payment_path", Service(14.0, 3.0, 28.0, 2.4)),
    ("payout-scorer", "payouts", "payment_path", Service(10.0, 2.4, 32.0, 2.0)),
    ("rules-engine", "risk", "payment_path", Service(30.0, 1.6, 12.0, 1.2)),
    ("feature-server", "features", "payment_path", Service(26.0, 2.0, 9.0, 3.5)),
    ("provider-router", "payments", "payment_path", Service(24.0, 1.2, 14.0, 0.8)),
    ("three-ds", "payments", "high", Service(12.0, 1.0, 110.0, 0.9)),
    ("merchant-webhooks", "merchants", "normal", Service(16.0, 0.8, 180.0, 0.7)),
)
"""Model or service, team, criticality, and how a replica answers."""

BATCHES = ("feature-batch", "report-builder", "chargeback-export", "model-trainer")
_REGION_OF = {"BR": 1, "MX": 1, "CO": 1, "IN": 2, "ID": 2}


def region_of(country: Country) -> str:
    """Where a country's payments are served."""
    return REGIONS[_REGION_OF.get(country.code, 0)]


def add_clean(draft: Draft, room: int) -> None:
    """Fill up with `room` clean workloads, and the things of the inventory that are in use."""
    _add_watchful(draft)
    made = len(draft.workloads)
    number = 0
    target = made + max(room - _WATCHFUL, 0)
    while len(draft.workloads) < target:
        _add_usual(draft, number)
        number += 1
    _add_items(draft)


_WATCHFUL = 6


def _add_usual(draft: Draft, number: int) -> None:
    """Services of every country first, then batches, GPU serving and notebooks in turn."""
    services = len(SERVICES) * len(draft.countries)
    turn = number % 5
    if number < services and turn < 3:
        service = SERVICES[number % len(SERVICES)]
        add_service(draft, service, draft.countries[number // len(SERVICES) % len(draft.countries)], str(number))
    elif turn == 3:
        _add_gpu(draft, number)
    elif turn == 4:
        _add_notebook(draft, number)
    else:
        _add_batch(draft, number)


def country_load(draft: Draft, country: Country, *names: str) -> Array:
    """Requests per second of a country's payments."""
    rng = draft.rng("load", country.code, *names)
    rhythm = payments(draft.clock.local(ZONES[country.code]), rng)
    return np.asarray(country.requests_per_s * rhythm * wander(rng, draft.clock.n, 0.05))


def add_service(draft: Draft, part: tuple[str, str, str, Service], country: Country, suffix: str) -> None:
    """A service of one country with just the replicas that its peak and one failure need."""
    model, team, criticality, service = part
    name = f"{model}-{country.code.lower()}-{suffix}"
    rng = draft.rng("service", name)
    load = country_load(draft, country, name)
    replicas = np.full(draft.clock.n, float(service.replicas_for(float(load.max()), 1)))
    series = service.series(load, replicas, rng)
    draft.add(
        {
            "workload": name, "team": team, "owner": f"#{team}", "criticality": criticality, "model": model,
            "country": country.code, "timezone": ZONES[country.code], "region": region_of(country),
            "spare_replicas": 1, "latency_budget_ms": service.budget_ms,
        },
        {"cpu": fitting_cpu(series["cpu"]), "memory": fitting_memory(series["memory"])},
        series,
        replicas,
    )  # fmt: skip


def _add_batch(draft: Draft, number: int) -> None:
    """A job of some hours in the night; nothing is reserved while it does not run."""
    name = f"{BATCHES[number % len(BATCHES)]}-{number}"
    rng = draft.rng("batch", name)
    hour = draft.clock.local("UTC").hour
    first = float(rng.integers(0, 4))
    runs = (hour >= first) & (hour < first + float(rng.integers(2, 6)))
    cpu = np.where(runs, 3.0 * wander(rng, hour.size, 0.08), np.nan)
    memory = np.where(runs, 6 * GIB * wander(rng, hour.size, 0.04), np.nan)
    draft.add(
        {"workload": name, "kind": "batch", "team": "features", "owner": "#features", "timezone": "UTC"},
        {"cpu": fitting_cpu(cpu), "memory": fitting_memory(memory)},
        {"cpu": cpu, "memory": memory},
        np.where(runs, 1.0, 0.0),
    )


def _add_gpu(draft: Draft, number: int) -> None:
    """Inference on whole small cards that are well used at the peak."""
    country = draft.countries[number % len(draft.countries)]
    name = f"inference-gpu-{country.code.lower()}-{number}"
    rng = draft.rng("gpu", name)
    load = country_load(draft, country, name) * 2
    peak = float(load.max())
    service = Service(peak / 1.5, 1.5, 22.0, 4.0)
    replicas = np.full(draft.clock.n, float(service.replicas_for(peak, 1)))
    series = service.series(load, replicas, rng)
    series |= gpu_series(load, replicas, 0.95 / service.carries, float(rng.uniform(0.7, 0.9)), rng)
    series["gpu_memory"] = np.full(load.size, 17 * GIB) * wander(rng, load.size, 0.02, 200)
    draft.add(
        {
            "workload": name, "team": "risk", "owner": "#risk", "criticality": "payment_path", "model": "fraud-net",
            "country": country.code, "timezone": ZONES[country.code], "region": region_of(country),
            "gpu_type": "L4", "spare_replicas": 1, "latency_budget_ms": service.budget_ms, "runtime": "triton",
        },
        {"cpu": fitting_cpu(series["cpu"]), "memory": fitting_memory(series["memory"]), "gpu": Size(1.0, 1.0)},
        series,
        replicas,
    )  # fmt: skip


def _add_notebook(draft: Draft, number: int) -> None:
    """A notebook that is stopped whenever nobody works in it."""
    name = f"notebook-{number}"
    rng = draft.rng("notebook", name)
    local = draft.clock.local("Europe/Lisbon")
    works = office(local, 9.0 + float(rng.uniform(0, 1)), 18.0)
    cpu = np.where(works, 0.9 * wander(rng, local.hour.size, 0.4), np.nan)
    memory = np.where(works, 5 * GIB * wander(rng, local.hour.size, 0.05), np.nan)
    draft.add(
        {"workload": name, "kind": "notebook", "team": "risk", "owner": "@ana", "criticality": "low",
         "attributes": {"stage": "development"}},
        {"cpu": fitting_cpu(cpu), "memory": fitting_memory(memory)},
        {"cpu": cpu, "memory": memory},
        np.where(works, 1.0, 0.0),
    )  # fmt: skip
    draft.keep(f"nb/{name}", "notebook", workload=name, used=0.5, owner="@ana", team="risk")


def _add_watchful(draft: Draft) -> None:
    """Six workloads that look like waste."""
    n = draft.clock.n
    rng = draft.rng("watchful")
    small = {"cpu": Size(0.25), "memory": Size(2 * GIB, 2 * GIB)}
    idle = {"cpu": 0.2 * wander(rng, n, 0.01), "memory": 1.33 * GIB * wander(rng, n, 0.002)}

    draft.add({"workload": "quarter-close", "kind": "batch", "team": "finance", "owner": "#finance",
               "attributes": {"rhythm": "quarterly"}}, small, {**idle, "requests": np.zeros(n)})  # fmt: skip
    draft.keep("ep/quarter-close", "endpoint", workload="quarter-close", used=75.0, team="finance",
               attributes={"rhythm": "quarterly"})  # fmt: skip
    draft.watchful["quarter-close"] = draft.watchful["ep/quarter-close"] = "runs at the end of quarters"

    draft.add({"workload": "fraud-scorer-standby", "team": "risk", "owner": "#risk", "criticality": "payment_path",
               "attributes": {"standby": "true"}}, small, {**idle, "requests": np.zeros(n)}, 2.0)  # fmt: skip
    draft.keep("ep/fraud-scorer-standby", "endpoint", workload="fraud-scorer-standby", team="risk",
               attributes={"standby": "true"}, needed_by=["fraud-scorer"])  # fmt: skip
    draft.watchful["fraud-scorer-standby"] = draft.watchful["ep/fraud-scorer-standby"] = "stands by for a failure"

    load = 2.0 * payments(draft.clock.local("UTC"), rng) * wander(rng, n, 0.1)
    service = Service(6.0, 1.5, 900.0, 6.0)
    series = service.series(load, np.full(n, 2.0), rng) | gpu_series(load, np.full(n, 2.0), 0.22, 0.5, rng)
    series["gpu_memory"] = np.full(n, 72 * GIB)
    draft.add({"workload": "assistant-llm", "team": "support", "owner": "#support", "criticality": "high",
               "model": "assistant", "gpu_type": "A100-80GB", "runtime": "vllm", "spare_replicas": 1,
               "latency_budget_ms": 1_600.0},
              {"cpu": fitting_cpu(series["cpu"]), "memory": fitting_memory(series["memory"]), "gpu": Size(1.0, 1.0)},
              series, 2.0)  # fmt: skip
    draft.watchful["assistant-llm"] = "its framework takes all memory; what it needs is not measured"

    odd = np.repeat(rng.random(n // 24 + 1) < 0.35, 24)[:n]  # two hours at a time, at any hour
    cpu = np.where(odd, 1.5, 0.01) * wander(rng, n, 0.05)
    memory = 3 * GIB * wander(rng, n, 0.02)
    draft.add({"workload": "notebook-nightowl", "kind": "notebook", "team": "risk", "owner": "@bela",
               "criticality": "low", "attributes": {"stage": "development"}},
              {"cpu": fitting_cpu(cpu), "memory": fitting_memory(memory)}, {"cpu": cpu, "memory": memory})  # fmt: skip
    draft.watchful["notebook-nightowl"] = "is used at any hour"

    local = draft.clock.local("Europe/Lisbon")
    sundays = office(local, 9, 18) | ((local.weekday == 6) & (local.hour >= 2) & (local.hour < 5))
    every = (local.hour.astype(np.int64) % 3) == 0
    cpu = np.where(sundays | every, 1.2, 0.01) * wander(rng, n, 0.05)
    draft.add({"workload": "feature-backfill-dev", "kind": "batch", "team": "features", "owner": "#features",
               "criticality": "low", "attributes": {"stage": "development"}},
              {"cpu": fitting_cpu(cpu), "memory": Size(2 * GIB, 2 * GIB)},
              {"cpu": cpu, "memory": 1.33 * GIB * wander(rng, n, 0.002)})  # fmt: skip
    draft.watchful["feature-backfill-dev"] = "runs every three hours"

    draft.add({"workload": "profile-store", "kind": "store", "team": "features", "owner": "#features",
               "criticality": "payment_path", "region": MOVING_REGION}, small, idle, 3.0)  # fmt: skip
    draft.watchful["profile-store"] = "holds data"


def _add_items(draft: Draft) -> None:
    """Things of the inventory that stay, some of which look unused."""
    kept = draft.watchful
    draft.keep("ep/unwatched", "endpoint", watched=None)
    kept["ep/unwatched"] = "nobody watches it"
    draft.keep("ep/new-watch", "endpoint", watched=9.0)
    kept["ep/new-watch"] = "has been watched for nine days"
    draft.keep("vol-detached-now", "volume", used=12.0, size_bytes=200 * GIB, attributes={"class": "ssd"})
    kept["vol-detached-now"] = "was in use twelve days ago"
    draft.keep("vol-feature-store", "volume", used=90.0, size_bytes=900 * GIB, attached_to="profile-store",
               attributes={"class": "ssd"})  # fmt: skip
    kept["vol-feature-store"] = "is attached"
    draft.keep("snap-only-backup", "snapshot", size_bytes=900 * GIB, needed_by=["vol-feature-store"])
    kept["snap-only-backup"] = "is the only backup of a volume in use"
    draft.keep("fv/month-end-balances", "feature_view", used=26.0, attributes={"rhythm": "monthly"})
    kept["fv/month-end-balances"] = "is read at the end of months"
    draft.keep("fv/card-velocity", "feature_view", used=0.1, needed_by=["fraud-scorer"])
    draft.keep("mv/fraud-net/41", "model_version", used=30.0, attributes={"stage": "previous"})
    kept["mv/fraud-net/41"] = "is what a rollback goes back to"
    draft.keep("exp/credit-study", "experiment", used=300.0, attributes={"keep_until": "2031-01-01"})
    kept["exp/credit-study"] = "must be kept by law"
    draft.keep("exp/current", "experiment", used=3.0)
