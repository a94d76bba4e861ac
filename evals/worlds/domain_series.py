"""What only a payments ML platform reports: approvals, declines, scores, features, GPUs, quotas, caches."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from .forces import pair
from .model import World
from .payments import DOORS
from .rhythm import memory_over, red_noise
from .series import Series
from .service_series import load_of
from .signals import GROUPS, SCORE_SPREAD, loaded_age_s
from .simulation import USUAL_MISSES
from .streams import Array
from .topology import Node

_EVENT_BYTES = {"payment-orchestrator": 1_840.0, "ledger-service": 960.0}
_CONSUMERS = ("feature-stream", "feature-batch", "settlement-worker", "notification-worker")


def _share(world: World, node: Node, metric: str, clean: Array, events: Array, **labels: str) -> Series:
    return Series(
        node.name, metric, "ratio", clean, labels=labels, measured="as_share", sigma=0.015,
        events=events * world.timeline.step_s, decimals=5,
    )  # fmt: skip


def _door(world: World, node: Node) -> Iterator[Series]:
    """Small amounts and declines as this door sees them."""
    rate = load_of(world, node.name)
    attack = world.demand.attack_on(door=node.name) / np.maximum(rate, 1e-9)
    small = 0.06 + float(world.streams.of("small", node.name).uniform(0.0, 0.05))
    yield _share(world, node, "small_amount_ratio", (1.0 - attack) * small + attack * 0.97, rate)
    if node.name == "payouts-api":
        weights = world.demand.usual / world.demand.usual.sum(axis=0)
        blocked = sum(
            weights[row] * world.signals.declined["payout-rules", code]
            for row, code in enumerate(world.payments.countries)
        )
        yield _share(world, node, "decline_rate", np.asarray(blocked), rate)
        return
    weights = world.payments.attempts / world.payments.attempts.sum(axis=0)
    usual = 1.0 - (weights * world.payments.approval).sum(axis=0)
    yield _share(world, node, "decline_rate", np.clip(usual * (1 - attack) + attack * 0.9, 0, 1), rate)


def _orchestrator(world: World, node: Node) -> Iterator[Series]:
    for row, code in enumerate(world.payments.countries):
        attempts = world.payments.attempts[row]
        yield _share(world, node, "approval_rate", world.payments.approval[row], attempts, country=code)


def _publisher(world: World, node: Node) -> Iterator[Series]:
    size = _EVENT_BYTES[node.name] * (1.0 + world.forces.of("payload", node.name))
    yield Series(node.name, "event_bytes_mean", "By", size, sigma=0.012, decimals=1)


def _scorer(world: World, node: Node) -> Iterator[Series]:
    centre = world.signals.centre[node.name]
    # Mean of a logistic of a normal variable, in the probit approximation.
    mean = _logistic(centre / np.sqrt(1.0 + np.pi * SCORE_SPREAD**2 / 8.0))
    yield Series(node.name, "score_mean", "1", mean, sigma=0.015, decimals=5)
    for quantile, sigmas in (("0.5", 0.0), ("0.9", 1.2816), ("0.99", 2.3263)):
        curve = _logistic(centre + sigmas * SCORE_SPREAD)
        yield Series(node.name, "score", "1", curve, "histogram", {"quantile": quantile}, sigma=0.02, decimals=5)


def _logistic(log_odds: Array) -> Array:
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)))


def _rules(world: World, node: Node) -> Iterator[Series]:
    rate = load_of(world, node.name)
    total = world.demand.usual.sum(axis=0)
    for row, code in enumerate(world.payments.countries):
        of_country = rate * world.demand.usual[row] / total
        yield _share(world, node, "decline_rate", world.signals.declined[node.name, code], of_country, country=code)


def _feature_server(world: World, node: Node) -> Iterator[Series]:
    rate = load_of(world, node.name)
    for group in GROUPS:
        yield _share(world, node, "null_rate", world.signals.nulls[group.name], rate, feature_group=group.name)
        yield Series(
            node.name, "feature_value_mean", "1", world.signals.values[group.name], labels={"feature": group.feature},
            measured="absolutely", sigma=0.03 * group.spread,
        )  # fmt: skip


def _pipeline(world: World, node: Node) -> Iterator[Series]:
    """Freshness, the values written, and records it could not read."""
    for group in GROUPS:
        if group.source == node.name:
            age = world.signals.age_s[node.name]
            yield Series(
                node.name, "feature_freshness_s", "s", age, labels={"view": group.name}, sigma=0.03, decimals=1
            )
            noise = red_noise(
                world.streams.of("written", node.name),
                (world.timeline.steps,),
                sigma=0.06,
                memory=memory_over(world.timeline.step_s, 400),
            )
            written = group.centre + group.spread * (noise + world.forces.of("written_shift", node.name))
            yield Series(
                node.name, "feature_value_mean", "1", written, labels={"feature": group.feature},
                measured="absolutely", sigma=0.03 * group.spread,
            )  # fmt: skip


def _consumer(world: World, node: Node) -> Iterator[Series]:
    rejected = np.clip(0.0012 + world.forces.of("rejects", node.name), 0.0, 1.0)
    yield _share(world, node, "records_rejected_ratio", rejected, load_of(world, node.name))


def _gpu(world: World, node: Node) -> Iterator[Series]:
    at = world.platform.index[node.name]
    rng = world.streams.of("gpu", node.name)
    level = float(rng.uniform(0.55, 0.63))
    used = np.clip(0.15 + 0.95 * world.state.busy[at], 0.0, 1.0)
    memory = np.clip(level + 0.05 * world.state.busy[at] + world.forces.of("gpu_memory", node.name), 0.0, 1.0)
    throttled = world.forces.of("throttled", node.name)
    celsius = 58.0 + 14.0 * used + 30.0 * throttled
    yield Series(node.name, "gpu_usage", "ratio", used, sigma=0.05)
    yield Series(node.name, "gpu_temperature_celsius", "Cel", celsius, sigma=0.012, decimals=1)
    yield Series(node.name, "gpu_clock_mhz", "MHz", 1_740.0 * (1.0 - throttled), sigma=0.006, decimals=0)
    yield Series(node.name, "gpu_memory_usage", "ratio", memory, sigma=0.012)


def _external(world: World, node: Node) -> Iterator[Series]:
    yield Series(node.name, "quota_usage", "ratio", np.minimum(world.state.quota_use[node.name], 1.0), sigma=0.02)


def _source(world: World, node: Node) -> Iterator[Series]:
    """Answers that are well formed and empty."""
    empty = np.clip(0.009 + world.forces.of("empties", node.name), 0.0, 1.0)
    yield _share(world, node, "empty_ratio", empty, load_of(world, node.name))


def _database(world: World, node: Node) -> Iterator[Series]:
    at = world.platform.index[node.name]
    rng = world.streams.of("disk", node.name)
    # Connections in use follow the requests under way: rate times time, over the pool.
    under_way = world.state.load[at] * world.state.p50_ms[at]
    quiet = float(np.median(under_way[: world.timeline.window_step]))
    yield Series(node.name, "pool_usage", "ratio", np.clip(0.32 * under_way / quiet, 0.0, 1.0), sigma=0.05)
    disk = float(rng.uniform(0.4, 0.75)) + world.timeline.elapsed_s * 2e-8
    yield Series(node.name, "disk_usage", "ratio", np.clip(disk, 0.0, 1.0), sigma=0.0005, decimals=5)
    waiting = np.clip(0.006 + world.forces.of("locks", node.name), 0.0, 1.0)
    yield _share(world, node, "lock_wait_ratio", waiting, load_of(world, node.name))
    if node.name == "warehouse":
        age = loaded_age_s(world.timeline, world.forces, world.streams, node.name)
        yield Series(node.name, "partition_age_s", "s", age, sigma=0.02, decimals=1)


def _cache(world: World, node: Node) -> Iterator[Series]:
    misses = np.clip(USUAL_MISSES[node.name] + world.forces.of("misses", node.name), 0.0, 1.0)
    yield _share(world, node, "cache_hit_ratio", 1.0 - misses, load_of(world, node.name))
    evicted = load_of(world, node.name) * misses * 0.4
    yield Series(node.name, "evictions_rate", "1/s", evicted, sigma=0.08, decimals=3)


def provider_series(world: World, node: Node) -> Iterator[Series]:
    """A provider as we see it, by country: rate, failures, latency, approvals of what got through."""
    column = world.payments.providers.index(node.name)
    p50 = world.state.p50_ms[world.platform.index[node.name]]
    for row, code in enumerate(world.payments.countries):
        if node.name not in world.platform.provider_share[code]:
            continue
        sent = (1.0 - world.payments.blocked[row]) * (1.0 - world.payments.broken)
        rate = world.payments.attempts[row] * world.payments.share[row, column] * sent
        failed = world.payments.pair_failed[row, column]
        slow = 1.0 + world.forces.of("pair_slow", pair(node.name, code))
        honest = (world.payments.issuer_weight[row][:, None] * world.payments.approve).sum(axis=0)
        labels = {"country": code}
        yield Series(node.name, "request_rate", "1/s", rate, labels=labels, sigma=0.04, decimals=3)
        yield _share(world, node, "error_rate", failed, rate, country=code)
        yield Series(
            node.name, "latency_ms", "ms", p50 * np.exp(1.645 * node.spread) * slow, "histogram",
            {"quantile": "0.95", **labels}, sigma=0.07, decimals=3,
        )  # fmt: skip
        yield _share(world, node, "approval_rate", honest * (1.0 - failed), rate, country=code)


def issuer_series(world: World, node: Node) -> Iterator[Series]:
    """An issuer as we see it: what is sent, what is approved, how long it takes."""
    row = world.payments.issuers.index(node.name)
    at = world.platform.index[node.name]
    rate = world.state.load[at]
    yield Series(node.name, "request_rate", "1/s", rate, sigma=0.04, decimals=3)
    yield _share(world, node, "approval_rate", world.payments.approve[row], rate)
    p95 = world.state.p50_ms[at] * np.exp(1.645 * node.spread)
    yield Series(node.name, "latency_ms", "ms", p95, "histogram", {"quantile": "0.95"}, sigma=0.06, decimals=3)


def domain_series(world: World, node: Node) -> Iterator[Series]:
    """Series that depend on what the part is for."""
    found: list[Callable[[World, Node], Iterator[Series]]] = []
    if node.name in DOORS or node.name == "payouts-api":
        found.append(_door)
    if node.name == "payment-orchestrator":
        found.append(_orchestrator)
    if node.name in _EVENT_BYTES:
        found.append(_publisher)
    if node.name in _CONSUMERS:
        found += [_pipeline, _consumer]
    if node.name in ("device-intel", "profile-db", "merchant-db"):
        found.append(_source)
    by_kind: dict[str, Callable[[World, Node], Iterator[Series]]] = {
        "scorer": _scorer, "rules": _rules, "feature_server": _feature_server, "gpu": _gpu, "external": _external,
        "database": _database, "cache": _cache,
    }  # fmt: skip
    if node.kind in by_kind:
        found.append(by_kind[node.kind])
    for make in found:
        yield from make(world, node)
