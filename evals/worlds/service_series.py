"""What every running part reports: rates, errors, latency, processors, memory, and the same by pod and by version."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .model import World
from .platform_plan import USES
from .rhythm import memory_over, red_noise
from .series import Series
from .signals import ROOM
from .streams import Array
from .timeline import SECOND_US
from .topology import DEPLOYED, P95_SIGMAS, P99_SIGMAS, Node

POD_SERIES = 6
_COUNTED_DOORS = ("edge-gateway", "checkout-api", "payment-links-api", "subscriptions-api", "payouts-api")


def latency_curves(world: World, node: Node) -> dict[str, Array]:
    """Milliseconds by quantile; the tail grows with what waits in line and with what hits the slowest only."""
    at = world.platform.index[node.name]
    p50 = world.state.p50_ms[at]
    tail = 1.0 + world.forces.of("tail", node.name)
    spread = node.spread * (1.0 + 0.25 * np.clip(world.state.busy[at] - 0.7, 0.0, 1.0))
    return {
        "0.5": p50,
        "0.95": p50 * np.exp(P95_SIGMAS * spread) * tail**0.7,
        "0.99": p50 * np.exp(P99_SIGMAS * spread) * tail,
    }


def load_of(world: World, name: str) -> Array:
    """Requests per second that a part deals with; a pipeline that hangs deals with none."""
    stalled = np.clip(world.forces.of("stalled", name), 0.0, 1.0)
    return np.asarray(world.state.load[world.platform.index[name]] * (1.0 - 0.98 * stalled))


def cpu_of(world: World, name: str) -> Array:
    """Share of the processor limit in use, in [0.02, 1]."""
    at = world.platform.index[name]
    stalled = np.clip(world.forces.of("stalled", name), 0.0, 1.0)
    used = 0.07 + 0.62 * np.minimum(world.state.busy[at], 1.5) * (1.0 - 0.9 * stalled)
    return np.asarray(np.clip(used + world.forces.of("cpu", name), 0.02, 1.0))


def memory_of(world: World, name: str) -> Array:
    """Share of the memory limit in use; drifts slowly."""
    rng = world.streams.of("memory", name)
    level = float(rng.uniform(0.42, 0.7))
    drift = red_noise(rng, (world.timeline.steps,), sigma=0.02, memory=memory_over(world.timeline.step_s, 5_400))
    return np.asarray(np.clip(level + drift + world.forces.of("memory", name), 0.05, 1.0))


def restarts_per_s(world: World, name: str) -> Array:
    """Restarts per second: rare, more under the force."""
    return 1.0 / 200_000.0 + world.forces.of("restarts", name)


def service_series(world: World, node: Node) -> Iterator[Series]:
    """Entity-level series of anything but machines, queues, providers and issuers."""
    yield from _red(world, node)
    if node.kind in DEPLOYED or node.kind in ("database", "cache"):
        yield Series(node.name, "cpu_usage", "ratio", cpu_of(world, node.name), sigma=0.06)
        yield Series(node.name, "memory_usage", "ratio", memory_of(world, node.name), sigma=0.01)
    if node.kind in DEPLOYED:
        yield Series(
            node.name,
            "restarts_total",
            "1",
            restarts_per_s(world, node.name),
            "counter",
            measured="as_count",
            decimals=0,
        )
    if node.name in _COUNTED_DOORS:
        rate = load_of(world, node.name)
        yield Series(node.name, "requests_total", "1", rate, "counter", measured="as_count", decimals=0)
    yield from _by_version(world, node)


def _red(world: World, node: Node) -> Iterator[Series]:
    at = world.platform.index[node.name]
    rate = load_of(world, node.name)
    yield Series(node.name, "request_rate", "1/s", rate, sigma=0.03, decimals=3)
    yield Series(
        node.name, "error_rate", "ratio", world.state.failed[at], measured="as_share", sigma=0.12,
        events=rate * world.timeline.step_s, decimals=5,
    )  # fmt: skip
    for quantile, curve in latency_curves(world, node).items():
        sigma = {"0.5": 0.02, "0.95": 0.05, "0.99": 0.09}[quantile]
        yield Series(node.name, "latency_ms", "ms", curve, "histogram", {"quantile": quantile}, sigma=sigma, decimals=3)


def _by_version(world: World, node: Node) -> Iterator[Series]:
    """Rates, errors and latency of the two versions while one is on trial."""
    rollout = world.rollouts.get(node.name)
    if rollout is None:
        return
    at = world.platform.index[node.name]
    running = world.timeline.times_us >= rollout.start_us
    share = rollout.share * running
    worse = world.forces.of("canary_fail", node.name)
    base = np.clip(world.state.failed[at] - rollout.share * worse, 0.0, 1.0)
    p95 = latency_curves(world, node)["0.95"]
    slow = world.forces.of("canary_slow", node.name)
    calm = p95 / (1.0 + world.forces.of("tail", node.name)) ** 0.7
    versions = (
        (rollout.stable, 1.0 - share, base, calm, None),
        (rollout.fresh, share, np.clip(base + worse, 0.0, 1.0), calm * (1.0 + slow), running),
    )
    for version, part, failed, latency, present in versions:
        rate = load_of(world, node.name) * part
        labels = {"version": version}
        yield Series(node.name, "request_rate", "1/s", rate, labels=labels, sigma=0.04, decimals=3, present=present)
        yield Series(
            node.name, "error_rate", "ratio", failed, labels=labels, measured="as_share", sigma=0.15,
            events=rate * world.timeline.step_s, decimals=5, present=present,
        )  # fmt: skip
        yield Series(
            node.name, "latency_ms", "ms", latency, "histogram", {"quantile": "0.95", **labels}, sigma=0.06, decimals=3,
            present=present,
        )  # fmt: skip


def pod_name(world: World, name: str, pod: int) -> str:
    """A stable made-up pod name."""
    suffix = int(world.streams.of("pod", name, pod).integers(36**5))
    digits = "0123456789abcdefghijklmnopqrstuvwxyz"
    return f"{name}-" + "".join(digits[suffix // 36**place % 36] for place in range(5))


def pod_series(world: World, node: Node, pod: int, pods: int) -> Iterator[Series]:
    """The `POD_SERIES` series of one of `pods` pods of a deployed part."""
    labels = {"pod": pod_name(world, node.name, pod)}
    rng = world.streams.of("pod-habits", node.name, pod)
    skew, memory_skew, slow_skew = (float(rng.normal(1.0, 0.05)) for _ in range(3))
    at = world.platform.index[node.name]
    rate = load_of(world, node.name) / pods * skew
    cpu = np.clip(cpu_of(world, node.name) * skew, 0.02, 1.0)
    memory = np.clip(memory_of(world, node.name) * memory_skew, 0.05, 1.0)
    p95 = latency_curves(world, node)["0.95"] * slow_skew
    restarts = restarts_per_s(world, node.name) / pods
    yield Series(node.name, "request_rate", "1/s", rate, labels=labels, sigma=0.06, decimals=3)
    yield Series(
        node.name, "error_rate", "ratio", world.state.failed[at], labels=labels, measured="as_share", sigma=0.2,
        events=rate * world.timeline.step_s, decimals=5,
    )  # fmt: skip
    yield Series(
        node.name, "latency_ms", "ms", p95, "histogram", {"quantile": "0.95", **labels}, sigma=0.08, decimals=3
    )
    yield Series(node.name, "cpu_usage", "ratio", cpu, labels=labels, sigma=0.09)
    yield Series(node.name, "memory_usage", "ratio", memory, labels=labels, sigma=0.015)
    yield Series(node.name, "restarts_total", "1", restarts, "counter", labels, measured="as_count", decimals=0)


def machine_series(world: World, node: Node) -> Iterator[Series]:
    """A machine: what its tenants use, and something of its own."""
    tenants = world.platform.hosted_on(node.name)
    cpu = np.mean([cpu_of(world, name) for name in tenants], axis=0) * 0.8 + 0.06
    for name in tenants:
        cpu = cpu + 0.75 * world.forces.of("cpu", name)
    memory = np.mean([memory_of(world, name) for name in tenants], axis=0) * 0.9
    yield Series(node.name, "cpu_usage", "ratio", np.clip(cpu, 0.02, 1.0), sigma=0.04)
    yield Series(node.name, "memory_usage", "ratio", memory, sigma=0.01)
    missed = np.clip(0.004 + world.forces.of("down", node.name), 0.0, 1.0)
    beats = np.full(world.timeline.steps, world.timeline.step_s / 2.0)
    yield Series(node.name, "heartbeats_missed_ratio", "ratio", missed, measured="as_share", events=beats, decimals=5)


def queue_series(world: World, node: Node) -> Iterator[Series]:
    """A queue: what comes in, and what waits for each of its consumers."""
    arriving = world.state.load[world.platform.index[node.name]]
    yield Series(node.name, "publish_rate", "1/s", arriving, sigma=0.03, decimals=3)
    for use in USES:
        if use.kind == "consumes" and use.callee == node.name:
            backlog = backlog_of(world, use.caller, arriving)
            yield Series(
                node.name, "queue_depth", "1", backlog, labels={"consumer": use.caller}, sigma=0.15, decimals=0
            )


def backlog_of(world: World, consumer: str, arriving: Array) -> Array:
    """Messages that wait, by the recursion of Lindley on the difference of arrivals and capacity."""
    slow = 1.0 + world.forces.of("slow", consumer)
    working = 1.0 - np.clip(world.forces.of("stalled", consumer), 0.0, 1.0)
    room = ROOM * float(np.max(arriving[: world.timeline.window_step])) * working / np.minimum(slow, 1.3)
    room = room * (1.0 - world.forces.of("drag", consumer))
    walk = np.cumsum((arriving - room) * world.timeline.step_s)
    waiting = walk - np.minimum(np.minimum.accumulate(walk), 0.0)
    return np.asarray(waiting + arriving * 0.4)


def certificate_series(world: World, node: Node) -> Iterator[Series]:
    """Whole days until the certificate ends, as a prober reports them."""
    rng = world.streams.of("certificate", node.name)
    days = float(np.exp(rng.uniform(np.log(2.5), np.log(300.0))))
    left = days - (world.timeline.times_us - world.timeline.start_us) / (86_400 * SECOND_US)
    if world.forces.acts("certificate", node.name):
        left = -world.timeline.elapsed_s / 86_400
    yield Series(node.name, "certificate_days_left", "d", np.floor(left), measured="exactly", decimals=0)
