"""Load, latency and failures along the call graph.

A small causal model: load runs from callers to callees, waiting time adds up from callees to callers, failures pass
upwards thinned by retries and fallbacks and grow the load on the failing part by those retries. Load and failures
depend on each other; a few rounds settle them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from .forces import Forces
from .platform_plan import CACHE_BACKING, CHOOSERS, QUIET_LOAD
from .rhythm import memory_over, red_noise, usual_peak
from .streams import Array, Streams
from .timeline import Timeline
from .topology import Edge, Node, Platform

_ROUNDS = 3
_LONGEST_QUEUE = 12.0
_FAST_FAILURE_MS = 4.0
_PEAK_QUOTA_USE = 0.62
USUAL_MISSES = {"profile-cache": 0.05, "merchant-cache": 0.06, "session-cache": 0.03, "feature-store": 0.01}


@dataclass(frozen=True)
class Flow:
    """What the payments of the moment demand of the graph.

    `calls` overrides an edge's calls per request, `passes` its share of failures that pass, both by (caller, callee)
    and of shape (T,); `entry` is the load that arrives from outside; `fail` and `slow` are effects on nodes that the
    payments work out themselves (a provider that fails in one country).
    """

    entry: Array
    calls: Mapping[tuple[str, str], Array] = field(default_factory=dict)
    fail: Mapping[str, Array] = field(default_factory=dict)
    slow: Mapping[str, Array] = field(default_factory=dict)


@dataclass
class State:
    """Rows of the arrays are nodes (`platform.index`) or waited-for uses (`platform.waiting`); columns are samples.

    `load` requests/s that arrive, `own_ms` median time inside, `p50_ms` with all waiting, `failed` share of requests
    that a caller sees fail, `own_failed` share that fails inside, `busy` load over capacity. Per use: `call_failed`
    share of single attempts, `late` of them those that ran out of time, `lost` share after all retries, `reached` share
    of the caller's requests that get as far as this call, `per_request` calls per request. `quota_use` of externals:
    demand of all users over the quota.
    """

    load: Array
    own_ms: Array
    p50_ms: Array
    failed: Array
    own_failed: Array
    busy: Array
    call_failed: Array
    late: Array
    lost: Array
    reached: Array
    per_request: Array
    quota_use: dict[str, Array] = field(default_factory=dict)


def normal_above(sigmas: Array) -> Array:
    """Share of a normal distribution above so many standard deviations, within 2e-4.

    Source: the logistic form with a cubic term, Bowling et al., J. Industrial Eng. and Management 2(1), 2009.
    """
    clipped = np.clip(sigmas, -8.0, 8.0)
    return 1.0 / (1.0 + np.exp(1.5976 * clipped + 0.070565 * clipped**3))


class Simulation:
    """Settles the state of a platform under forces. Noise and capacities are drawn once, so it may be asked twice."""

    def __init__(self, platform: Platform, timeline: Timeline, forces: Forces, streams: Streams) -> None:
        self._platform = platform
        self._timeline = timeline
        self._forces = forces
        size = (len(platform.nodes), timeline.steps)
        noise = red_noise(streams.of("own-time"), size, sigma=0.05, memory=memory_over(timeline.step_s, 240))
        self._own_noise: Array = np.exp(noise)
        rng = streams.of("capacity")
        self._peak_busy: Array = rng.uniform(0.40, 0.60, size=len(platform.nodes))
        # We are one of many customers of a provider or an issuer: our load is not what slows it down.
        at_others = [platform.index[name] for name in platform.of_kind("provider", "issuer")]
        self._peak_busy[at_others] = 0.05
        self._usual_failed: Array = np.exp(rng.uniform(np.log(2e-4), np.log(1.5e-3), size=len(platform.nodes)))
        self._capacity: Array | None = None

    def settle(self, flow: Flow) -> State:
        """The state under this flow; the first flow asked for sets the capacities."""
        state = self._fresh(flow)
        self._spread_load(state, flow)
        if self._capacity is None:
            self._capacity = self._fit_capacity(state, flow)
        for _ in range(_ROUNDS):
            self._collect_answers(state, flow)
            self._spread_load(state, flow)
        self._collect_answers(state, flow)
        return state

    def _fresh(self, flow: Flow) -> State:
        nodes, steps = len(self._platform.nodes), self._timeline.steps
        uses = self._platform.waiting
        per_request = np.stack([self._calls(edge, flow) for edge in uses])

        def blank(rows: int) -> Array:
            return np.zeros((rows, steps))

        return State(
            load=blank(nodes), own_ms=blank(nodes), p50_ms=blank(nodes), failed=blank(nodes), own_failed=blank(nodes),
            busy=blank(nodes), call_failed=blank(len(uses)), late=blank(len(uses)), lost=blank(len(uses)),
            reached=np.ones((len(uses), steps)), per_request=per_request,
        )  # fmt: skip

    def _calls(self, edge: Edge, flow: Flow) -> Array:
        known = flow.calls.get((edge.caller, edge.callee))
        if known is not None:
            return known
        for cache, database in CACHE_BACKING.items():
            if edge.callee == database:
                return np.clip(USUAL_MISSES[cache] + self._forces.of("misses", cache), 0.0, 1.0)
        return np.full(self._timeline.steps, edge.per_request)

    def _fit_capacity(self, state: State, flow: Flow) -> Array:
        """Capacity that leaves every part at its share of busy at the busiest time of an ordinary day."""
        window = self._timeline.window_step
        until_peak = usual_peak(self._platform.countries) / float(np.quantile(flow.entry[:window], 0.98))
        peak = np.quantile(state.load[:, :window], 0.98, axis=1) * max(1.0, until_peak)
        return np.asarray(np.maximum(peak / self._peak_busy, 0.5))

    def _spread_load(self, state: State, flow: Flow) -> None:
        platform = self._platform
        state.load[:] = 0.0
        state.load[platform.index["edge-gateway"]] = flow.entry
        for name, usual in QUIET_LOAD.items():
            state.load[platform.index[name]] += usual
        for name in platform.callers_first:
            here = state.load[platform.index[name]]
            for row in platform.calls_of[name]:
                edge = platform.waiting[row]
                attempts = 1.0 + sum(state.call_failed[row] ** (again + 1) for again in range(edge.retries))
                arriving = here * state.reached[row] * state.per_request[row] * attempts
                arriving = arriving * (1.0 - self._forces.of("blocked", edge.callee))
                state.load[platform.index[edge.callee]] += arriving
        for edge in platform.edges:
            if edge.kind == "publishes" and edge.callee in ("payment-events", "settlement-events"):
                state.load[platform.index[edge.callee]] += state.load[platform.index[edge.caller]]
        for edge in platform.edges:
            if edge.kind == "consumes":
                state.load[platform.index[edge.caller]] += state.load[platform.index[edge.callee]]

    def _collect_answers(self, state: State, flow: Flow) -> None:
        for name in reversed(self._platform.callers_first):
            node = self._platform.by_name[name]
            at = self._platform.index[name]
            self._work_inside(state, flow, node, at)
            waited = np.zeros(self._timeline.steps)
            alive = 1.0 - state.own_failed[at]
            broken = np.zeros(self._timeline.steps)
            for row in self._platform.calls_of[name]:
                edge = self._platform.waiting[row]
                state.reached[row] = alive
                waited += alive * self._call(state, edge, row)
                passed = edge.passes * np.minimum(1.0, state.per_request[row]) * state.lost[row]
                if name in CHOOSERS:
                    broken += alive * passed
                else:
                    alive = alive * (1.0 - passed)
            state.p50_ms[at] = state.own_ms[at] + waited
            state.failed[at] = np.clip(1.0 - alive + broken, 0.0, 1.0)

    def _work_inside(self, state: State, flow: Flow, node: Node, at: int) -> None:
        if self._capacity is None:
            raise RuntimeError("capacities are fitted before answers are collected")
        busy = state.load[at] / self._capacity[at]
        queueing = np.minimum(1.0 / np.maximum(1.0 - busy, 1.0 / _LONGEST_QUEUE) ** 0.8, _LONGEST_QUEUE)
        shed = np.maximum(0.0, 1.0 - 1.0 / np.maximum(busy, 1.0))
        # What a part loses of its clock, its consumers' capacity or its locks, every request waits for.
        lost = self._forces.of("throttled", node.name) + self._forces.of("drag", node.name)
        slow = 1.0 + self._forces.of("slow", node.name) + flow.slow.get(node.name, 0.0)
        slow = slow / np.maximum(1.0 - lost, 0.1) * (1.0 + 9.0 * self._forces.of("locks", node.name))
        state.own_ms[at] = node.own_ms * self._own_noise[at] * slow * queueing / (1.0 / (1.0 - 0.35) ** 0.8)
        inside = self._usual_failed[at] + self._forces.of("fail", node.name) + flow.fail.get(node.name, 0.0)
        inside = inside + 0.15 * self._forces.of("locks", node.name)
        if node.kind == "external":
            quota = self._capacity[at] * self._peak_busy[at] / _PEAK_QUOTA_USE
            state.quota_use[node.name] = state.load[at] / quota + self._forces.of("quota", node.name)
            inside = inside + np.maximum(0.0, 1.0 - 1.0 / np.maximum(state.quota_use[node.name], 1.0))
        state.busy[at] = busy
        state.own_failed[at] = np.clip(1.0 - (1.0 - np.minimum(inside, 1.0)) * (1.0 - shed), 0.0, 0.995)

    def _call(self, state: State, edge: Edge, row: int) -> Array:
        """Fill in the use's failures and return the milliseconds that a request waits for it."""
        callee = self._platform.by_name[edge.callee]
        at = self._platform.index[edge.callee]
        blocked = self._forces.of("blocked", edge.callee)
        median_ms = np.maximum(state.p50_ms[at], 1e-3)
        state.late[row] = normal_above(np.log(edge.timeout_ms / median_ms) / callee.spread)
        good = (1.0 - blocked) * (1.0 - state.failed[at]) * (1.0 - state.late[row])
        state.call_failed[row] = 1.0 - good
        state.lost[row] = state.call_failed[row] ** (1 + edge.retries)
        attempts = 1.0 + sum(state.call_failed[row] ** (again + 1) for again in range(edge.retries))
        one_ms = (1.0 - blocked) * np.minimum(median_ms, edge.timeout_ms) + blocked * _FAST_FAILURE_MS
        return np.asarray(state.per_request[row] * attempts * one_ms)
