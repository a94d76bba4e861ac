"""`spans.parquet`: requests walked through the call graph, all of a batch at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ...tools.snapshots.writer import SnapshotWriter
from .columns import SYNTHETIC, TIME, Numbers, hex_column, pairs_pool, picked_column, random_numbers
from .model import World
from .planted import people_of
from .platform_plan import CHOOSERS
from .streams import Counts, Mask
from .topology import Edge, Node

TRACES_AT_ONCE = 8_000
FEWEST_TRACES = 12
_PERSONAL_SHARE = 0.04

# Why a span failed; the texts follow OpenTelemetry's `error.type`.
_ERRORS = ("", "internal", "timeout", "connection", "upstream")
_NONE, _INTERNAL, _TIMEOUT, _CONNECTION, _UPSTREAM = range(5)


@dataclass(frozen=True)
class SpanIndex:
    """What log lines need to refer to spans, sorted by start; one row per span."""

    start_us: Counts
    duration_us: Counts
    entity: Counts
    failed: Mask
    trace_ids: Numbers
    span_ids: Numbers


@dataclass(frozen=True)
class _Requests:
    """The requests of a batch; `steps` is the sample of each, `country` its row among the countries."""

    trace_ids: Numbers
    steps: Counts
    country: Counts


@dataclass
class _Rows:
    """Spans collected while walking: lists of arrays that belong together."""

    request: list[Counts] = field(default_factory=list)
    span_id: list[Numbers] = field(default_factory=list)
    parent_id: list[Numbers] = field(default_factory=list)
    entity: list[Counts] = field(default_factory=list)
    start_us: list[Counts] = field(default_factory=list)
    duration_us: list[Counts] = field(default_factory=list)
    error: list[Counts] = field(default_factory=list)


class _Walk:
    """Walks requests down from the gateway and times them on the way back."""

    def __init__(self, world: World, requests: _Requests, rng: np.random.Generator) -> None:
        self._world = world
        self._requests = requests
        self._rng = rng
        self.rows = _Rows()

    def enter(self, node: Node, which: Counts, parents: Numbers, start_us: Counts) -> tuple[Counts, Mask]:
        """Serve requests at a node: how many microseconds each took, and which of them failed.

        `which` are rows of the requests, `parents` the span of the caller of each (0 for none), `start_us` when each
        arrives; shape (n,) all of them.
        """
        at = self._world.platform.index[node.name]
        state, steps = self._world.state, self._requests.steps[which]
        span_ids = random_numbers(self._rng, (len(which),))
        own_us = self._own_time(node, at, steps)
        error = np.where(self._rng.random(len(which)) < self._own_failed(node, at, which), _INTERNAL, _NONE)
        alive = error == _NONE
        spent_us = own_us // 2
        branch = self._branches(node, which)
        for place, row in enumerate(self._world.platform.calls_of[node.name]):
            edge = self._world.platform.waiting[row]
            likely = np.minimum(1.0, state.per_request[row][steps])
            goes = alive & (branch == place if branch is not None else self._rng.random(len(which)) < likely)
            rows = np.flatnonzero(goes)
            if len(rows):
                took_us, why = self._call(edge, which[rows], span_ids[rows], start_us[rows] + spent_us[rows])
                spent_us[rows] += took_us
                passed = (why != _NONE) & (self._rng.random(len(rows)) < edge.passes)
                error[rows] = np.where(passed, why, error[rows])
                alive[rows] &= ~passed
        duration_us = spent_us + own_us - own_us // 2
        self._note(which, span_ids, parents, at, start_us, duration_us, error)
        return duration_us, error != _NONE

    def _call(self, edge: Edge, which: Counts, parents: Numbers, start_us: Counts) -> tuple[Counts, Counts]:
        """Call with retries; microseconds waited and why it failed in the end."""
        callee = self._world.platform.by_name[edge.callee]
        blocked = self._world.forces.of("blocked", edge.callee)
        patience_us = int(edge.timeout_ms * 1_000)
        waited_us = np.zeros(len(which), dtype=np.int64)
        why = np.full(len(which), _CONNECTION, dtype=np.int64)
        open_rows = np.arange(len(which))
        for _ in range(1 + edge.retries):
            if not len(open_rows):
                break
            refused = self._rng.random(len(open_rows)) < blocked[self._requests.steps[which[open_rows]]]
            waited_us[open_rows[refused]] += self._rng.integers(2_000, 8_000, size=int(refused.sum()))
            why[open_rows[refused]] = _CONNECTION
            sent = open_rows[~refused]
            if len(sent):
                took_us, failed = self.enter(callee, which[sent], parents[sent], start_us[sent] + waited_us[sent])
                late = took_us > patience_us
                waited_us[sent] += np.minimum(took_us, patience_us)
                why[sent] = np.where(late, _TIMEOUT, np.where(failed, _UPSTREAM, _NONE))
            open_rows = open_rows[why[open_rows] != _NONE]
        return waited_us, why

    def _own_time(self, node: Node, at: int, steps: Counts) -> Counts:
        sigma = node.spread * self._rng.standard_normal(len(steps))
        tail = self._world.forces.of("tail", node.name)[steps]
        slow = np.where(sigma > node.spread, 1.0 + tail, 1.0)
        return np.asarray(
            np.maximum(50, 1_000 * self._world.state.own_ms[at][steps] * np.exp(sigma) * slow).astype(np.int64)
        )

    def _own_failed(self, node: Node, at: int, which: Counts) -> npt.NDArray[np.float64]:
        steps = self._requests.steps[which]
        if node.kind != "provider":
            return np.asarray(self._world.state.own_failed[at][steps])
        column = self._world.payments.providers.index(node.name)
        return np.asarray(self._world.payments.pair_failed[self._requests.country[which], column, steps])

    def _branches(self, node: Node, which: Counts) -> Counts | None:
        """Which of a chooser's calls each request takes, by country where that settles it."""
        if node.name not in CHOOSERS:
            return None
        rows = self._world.platform.calls_of[node.name]
        steps = self._requests.steps[which]
        weights = np.stack([self._world.state.per_request[row][steps] for row in rows])
        paid, country = self._world.payments, self._requests.country[which]
        for place, row in enumerate(rows):
            callee = self._world.platform.waiting[row].callee
            if node.name == "provider-router":
                weights[place] = paid.share[country, paid.providers.index(callee), steps]
            elif node.kind == "provider":
                weights[place] = paid.issuer_weight[country, paid.issuers.index(callee)]
        bounds = np.cumsum(weights, axis=0) / np.maximum(weights.sum(axis=0), 1e-12)
        return np.asarray((self._rng.random(len(which)) > bounds).sum(axis=0).clip(max=len(rows) - 1))

    def _note(
        self,
        which: Counts,
        span_ids: Numbers,
        parents: Numbers,
        at: int,
        start_us: Counts,
        duration_us: Counts,
        error: Counts,
    ) -> None:
        rows = self.rows
        rows.request.append(which)
        rows.span_id.append(span_ids)
        rows.parent_id.append(parents)
        rows.entity.append(np.full(len(which), at))
        rows.start_us.append(start_us)
        rows.duration_us.append(duration_us)
        rows.error.append(error)


def write_spans(
    world: World, writer: SnapshotWriter, report: Callable[[float], None] = lambda share: None
) -> SpanIndex:
    """Write about `spec.spans` spans, batch after batch in time; returns what log lines refer to."""
    per_trace = _spans_per_trace(world)
    traces = max(FEWEST_TRACES, round(world.spec.spans / per_trace))
    batches = -(-traces // TRACES_AT_ONCE)
    indexes = []
    for batch in range(batches):
        first, last = traces * batch // batches, traces * (batch + 1) // batches
        indexes.append(_write_batch(world, writer, batch, first, last, traces))
        report((batch + 1) / batches)
    parts = {name: np.concatenate([getattr(one, name) for one in indexes]) for name in SpanIndex.__annotations__}
    order = np.argsort(parts["start_us"], kind="stable")
    return SpanIndex(**{name: part[order] for name, part in parts.items()})


def _spans_per_trace(world: World) -> float:
    """Expected spans of one request: how often each part is called, per request at the gateway."""
    state, entry = world.state, world.platform.index["edge-gateway"]
    visits = 0.0
    for row, edge in enumerate(world.platform.waiting):
        likely = state.reached[row] * np.minimum(1.0, state.per_request[row])
        visits += float(np.mean(state.load[world.platform.index[edge.caller]] * likely))
    return 1.0 + visits / float(np.mean(state.load[entry]))


def _write_batch(world: World, writer: SnapshotWriter, batch: int, first: int, last: int, traces: int) -> SpanIndex:
    rng = world.streams.of("spans", batch)
    count = last - first
    requests, start_us = _arrivals(world, rng, first, last, traces)
    walk = _Walk(world, requests, rng)
    walk.enter(world.platform.by_name["edge-gateway"], np.arange(count), np.zeros(count, dtype=np.uint64), start_us)
    rows = walk.rows
    starts = np.concatenate(rows.start_us)
    order = np.argsort(starts, kind="stable")
    request = np.concatenate(rows.request)[order]
    entity = np.concatenate(rows.entity)[order]
    error = np.concatenate(rows.error)[order]
    parents = np.concatenate(rows.parent_id)[order]
    index = SpanIndex(
        start_us=starts[order],
        duration_us=np.concatenate(rows.duration_us)[order],
        entity=entity,
        failed=error != _NONE,
        trace_ids=requests.trace_ids[request],
        span_ids=np.concatenate(rows.span_id)[order],
    )
    number = request + first
    is_root = parents == 0
    shows_person = is_root & ((number < 4) | (rng.random(len(number)) < _PERSONAL_SHARE))
    writer.write(
        "spans",
        {
            "trace_id": hex_column(index.trace_ids),
            "span_id": hex_column(index.span_ids),
            "parent_id": hex_column(parents, is_root),
            "entity": picked_column([node.name for node in world.platform.nodes], entity),
            "name": picked_column([_span_name(node) for node in world.platform.nodes], entity),
            "start": pa.array(index.start_us, type=TIME),
            "duration_us": pa.array(index.duration_us),
            "status": picked_column(("OK", "ERROR"), index.failed.astype(np.int64)),
            "attributes": _attributes(world, requests.country[request], error, np.where(shows_person, number % 4, -1)),
        },
    )
    return index


def _arrivals(world: World, rng: np.random.Generator, first: int, last: int, traces: int) -> tuple[_Requests, Counts]:
    """Requests spread over time as the traffic is, and over countries as the payments of the moment are."""
    arriving = np.cumsum(world.state.load[world.platform.index["edge-gateway"]])
    place = (np.arange(first, last) + rng.random(last - first)) / traces * arriving[-1]
    steps = np.searchsorted(arriving, place).clip(max=world.timeline.steps - 1)
    start_us = world.timeline.start_us + steps * world.timeline.step_us
    start_us = start_us + rng.integers(world.timeline.step_us, size=len(steps))
    weights = world.payments.attempts[:, steps]
    bounds = np.cumsum(weights, axis=0) / weights.sum(axis=0)
    country = (rng.random(len(steps)) > bounds).sum(axis=0).clip(max=len(weights) - 1)
    return _Requests(random_numbers(rng, (len(steps), 2)), steps, country), start_us


def _span_name(node: Node) -> str:
    verbs = {"database": "query", "cache": "get", "gpu": "infer", "scorer": "score", "rules": "evaluate"}
    return f"{verbs.get(node.kind, 'handle')} {node.name}"


def _attributes(world: World, country: Counts, error: Counts, person: Counts) -> pa.Array:
    """Attribute maps; only as many different ones are built as occur."""
    codes = [one.code for one in world.platform.countries]
    people = people_of(world.spec, "spans")
    key = (country * len(_ERRORS) + error) * (len(people) + 1) + person + 1
    kinds, rows = np.unique(key, return_inverse=True)
    maps = []
    for kind in kinds.tolist():
        rest, who = divmod(kind, len(people) + 1)
        where, why = divmod(rest, len(_ERRORS))
        attributes = {**SYNTHETIC, "country": codes[where]}
        if why != _NONE:
            attributes["error.type"] = _ERRORS[why]
        if who:
            one = people[who - 1]
            attributes |= {
                "cardholder": one.name, "customer.email": one.email, "customer.phone": one.phone,
                "card.number": one.card, "http.request.header.authorization": f"Bearer {one.bearer}",
            }  # fmt: skip
        maps.append(attributes)
    return pairs_pool(maps).take(pa.array(rows.reshape(-1)))
