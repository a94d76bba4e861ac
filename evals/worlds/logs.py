"""`logs.parquet`: drawn and written a few hundred thousand lines at a time, so that any number fits into memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa

from ...tools.snapshots.writer import SnapshotWriter
from .columns import SYNTHETIC, TIME, hex_column, joined_column, pairs_pool, picked_column
from .log_slots import PERSON_SLOTS, SECRET_SLOTS, Lines, LogSource, fill, parts_of
from .log_sources import log_sources
from .model import World
from .planted import people_of
from .rollouts import version_of
from .service_series import pod_name
from .streams import Array, Counts, Mask
from .timeline import SECOND_US
from .topology import DEPLOYED
from .traces import SpanIndex

LINES_AT_ONCE = 200_000
_PODS = 3
_LINK_REACH_US = 20 * SECOND_US
_TROUBLE = ("WARN", "ERROR")


@dataclass(frozen=True)
class _Plan:
    """Sources with what is the same in every part.

    `scale` turns a source's rate into the lines per second that are written; `first_attribute` is a source's first row
    in `attributes`; `carriers` are the sources that show every person or key at least once.
    """

    sources: tuple[LogSource, ...]
    scale: float
    attributes: pa.Array
    first_attribute: tuple[int, ...]
    carriers: frozenset[int]


@dataclass
class _Part:
    """Lines of one stretch of time, in the order of their sources; arrays of shape (n,)."""

    ts: Counts
    source: Counts
    attribute: Counts
    body: pa.Array


def write_logs(
    world: World, writer: SnapshotWriter, spans: SpanIndex, report: Callable[[float], None] = lambda share: None
) -> int:
    """Write about `spec.log_lines` lines and tell `report` the share written so far; returns how many lines."""
    plan = _plan(world)
    per_step = np.sum([source.rate for source in plan.sources], axis=0) * plan.scale * world.timeline.step_s
    written = 0
    for number, (first, last) in enumerate(_stretches(per_step)):
        rng = world.streams.of("logs", number)
        part = _draw(world, plan, rng, first, last, with_everybody=number == 0)
        if len(part.ts):
            _write_part(world, writer, plan, part, spans, rng)
        written += len(part.ts)
        report(last / world.timeline.steps)
    return written


def _plan(world: World) -> _Plan:
    sources = log_sources(world)
    total = sum(float(source.rate.sum()) for source in sources) * world.timeline.step_s
    maps: list[dict[str, str]] = []
    first: list[int] = []
    pods = {
        node.name: [pod_name(world, node.name, pod) for pod in range(_PODS)]
        for node in world.platform.nodes
        if node.kind in DEPLOYED
    }
    for source in sources:
        first.append(len(maps))
        node = world.platform.by_name[source.entity]
        shared = dict(SYNTHETIC)
        if node.kind in DEPLOYED:
            shared["version"] = version_of(source.entity, world.streams)[0]
        people = people_of(world.spec, "logs") if source.is_personal else (None,)
        for person in people:
            for pod in range(_PODS):
                attributes = {**shared, **source.attributes}
                if node.kind in DEPLOYED:
                    attributes["pod"] = pods[source.entity][pod]
                if person is not None and "{card}" in source.text:
                    attributes["cardholder"] = person.name
                maps.append(attributes)
    return _Plan(sources, world.spec.log_lines / total, pairs_pool(maps), tuple(first), _carriers(sources))


def _carriers(sources: tuple[LogSource, ...]) -> frozenset[int]:
    """The first sources, in order, that together hold every kind of personal value and key."""
    covered: set[str] = set()
    found = set()
    for row, source in enumerate(sources):
        fresh = set(source.blanks) & {*PERSON_SLOTS, *SECRET_SLOTS} - covered
        if fresh:
            covered |= fresh
            found.add(row)
    return frozenset(found)


def _stretches(per_step: Array) -> list[tuple[int, int]]:
    """Samples in stretches of at most about `LINES_AT_ONCE` expected lines."""
    which = (np.cumsum(per_step) // LINES_AT_ONCE).astype(np.int64)
    edges = [0, *(np.flatnonzero(np.diff(which)) + 1).tolist(), len(per_step)]
    return list(pairwise(edges))


def _draw(world: World, plan: _Plan, rng: np.random.Generator, first: int, last: int, *, with_everybody: bool) -> _Part:
    """Draw the lines of samples `first` to `last`; with everybody, each person and key appears at least once."""
    crowd = len(people_of(world.spec, "logs"))
    times, rows, attributes, bodies = [], [], [], []
    for row, source in enumerate(plan.sources):
        expected = source.rate[first:last] * (plan.scale * world.timeline.step_s)
        steps = np.repeat(np.arange(first, last), rng.poisson(np.maximum(expected, 0.0)))
        persons = rng.integers(crowd, size=len(steps))
        if with_everybody and row in plan.carriers:
            steps = np.concatenate([steps, rng.integers(first, last, size=crowd)])
            persons = np.concatenate([persons, np.arange(crowd)])
        if not len(steps):
            continue
        lines = Lines(world, source, rng, steps, persons)
        parts = [fill(lines, piece) if is_blank else piece for is_blank, piece in parts_of(source.text)]
        bodies.append(joined_column(parts, lines.n))
        within = rng.integers(world.timeline.step_us, size=lines.n)
        times.append(world.timeline.start_us + steps * world.timeline.step_us + within)
        rows.append(np.full(lines.n, row))
        own = persons * _PODS if source.is_personal else np.zeros(lines.n, dtype=np.int64)
        attributes.append(plan.first_attribute[row] + own + rng.integers(_PODS, size=lines.n))
    if not times:
        empty = np.zeros(0, dtype=np.int64)
        return _Part(empty, empty, empty, pa.array([], type=pa.string()))
    return _Part(np.concatenate(times), np.concatenate(rows), np.concatenate(attributes), pa.concat_arrays(bodies))


def _write_part(
    world: World, writer: SnapshotWriter, plan: _Plan, part: _Part, spans: SpanIndex, rng: np.random.Generator
) -> None:
    entity_of = np.array([world.platform.index[source.entity] for source in plan.sources])
    trouble_of = np.array([source.level in _TROUBLE for source in plan.sources])
    span_of = _link(part, entity_of[part.source], trouble_of[part.source], spans, rng)
    order = np.argsort(part.ts, kind="stable")
    source = part.source[order]
    linked = span_of[order]
    unlinked = linked < 0
    writer.write(
        "logs",
        {
            "ts": pa.array(part.ts[order], type=TIME),
            "entity": picked_column([one.entity for one in plan.sources], source),
            "level": picked_column([one.level for one in plan.sources], source),
            "body": part.body.take(pa.array(order)),
            "attributes": plan.attributes.take(pa.array(part.attribute[order])),
            "trace_id": hex_column(spans.trace_ids[linked], unlinked),
            "span_id": hex_column(spans.span_ids[linked], unlinked),
        },
    )


def _link(part: _Part, entity: Counts, is_trouble: Mask, spans: SpanIndex, rng: np.random.Generator) -> Counts:
    """Give lines to spans: the row of each line's span or -1; linked lines move into their span's time.

    A failed span looks for a warning or an error of its entity close by, others for any other line.
    """
    span_of = np.full(len(part.ts), -1, dtype=np.int64)
    start, end = int(part.ts.min()), int(part.ts.max())
    low, high = np.searchsorted(spans.start_us, [start, end])
    rows = np.arange(low, high)
    for failed in (True, False):
        candidates = np.flatnonzero(is_trouble == failed)
        wanted = rows[spans.failed[rows] == failed]
        if not len(candidates) or not len(wanted):
            continue
        # One sorted key of entity and time finds the next line of the same entity for all spans at once.
        stride = end - start + 1
        keys = entity[candidates] * stride + (part.ts[candidates] - start)
        by_key = np.argsort(keys, kind="stable")
        sought = spans.entity[wanted] * stride + (spans.start_us[wanted] - start)
        place = np.searchsorted(keys[by_key], sought).clip(max=len(candidates) - 1)
        line = candidates[by_key[place]]
        near = (entity[line] == spans.entity[wanted]) & (
            np.abs(part.ts[line] - spans.start_us[wanted]) < _LINK_REACH_US
        )
        lines, which = np.unique(line[near], return_index=True)
        span_of[lines] = wanted[near][which]
        inside = rng.random(len(lines)) * spans.duration_us[span_of[lines]]
        part.ts[lines] = np.clip(spans.start_us[span_of[lines]] + inside.astype(np.int64), start, end)
    return span_of
