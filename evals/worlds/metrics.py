"""`metrics.parquet`: entity after entity, series after series, so that any number of samples fits into memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from ...tools.snapshots.writer import SnapshotWriter
from .domain_series import domain_series, issuer_series, provider_series
from .model import World
from .planted import delivery_labels
from .series import Series, measure, scraped
from .service_series import (
    POD_SERIES,
    certificate_series,
    machine_series,
    pod_series,
    queue_series,
    service_series,
)
from .streams import Array, Counts, Mask
from .timeline import SECOND_US
from .topology import DEPLOYED, Node

_ROWS_AT_ONCE = 1_000_000


def entity_series(world: World, node: Node) -> Iterator[Series]:
    """Clean series of one entity, without its pods."""
    if node.kind == "node":
        yield from machine_series(world, node)
    elif node.kind == "queue":
        yield from queue_series(world, node)
    elif node.kind == "issuer":
        yield from issuer_series(world, node)
    else:
        if node.kind == "provider":
            yield from provider_series(world, node)
        else:
            yield from service_series(world, node)
            yield from domain_series(world, node)
    if node.is_tls:
        yield from certificate_series(world, node)
    if node.name == "merchant-webhooks":
        yield from _deliveries(world, node)


def _deliveries(world: World, node: Node) -> Iterator[Series]:
    """Deliveries to some merchants; their labels hold what a careless team would put there."""
    total = world.state.load[world.platform.index[node.name]]
    for row, labels in enumerate(delivery_labels(world.spec)):
        yield Series(node.name, "delivery_rate", "1/s", total * 0.02 / (row + 1), labels=labels, sigma=0.1)


def pods_per_entity(world: World, entity_level: int) -> dict[str, int]:
    """How many pods of each deployed entity are reported so that `spec.series` is reached, one by one in turn."""
    names = [node.name for node in world.platform.nodes if node.kind in DEPLOYED]
    missing = max(0, world.spec.series - entity_level)
    rounds, rest = divmod(-(-missing // POD_SERIES), len(names))
    return {name: rounds + (position < rest) for position, name in enumerate(names)}


def write_metrics(world: World, writer: SnapshotWriter) -> int:
    """Write all series, first those of entities, then those of pods; returns how many."""
    written = 0
    for node in world.platform.nodes:
        arrived = scraped(world.timeline, world.streams.of("scrape", node.name))
        batch = _Batch(world, writer, node.name)
        for series in entity_series(world, node):
            batch.add(series, arrived)
        written += batch.close()
    pods = pods_per_entity(world, written)
    for node in world.platform.nodes:
        arrived = scraped(world.timeline, world.streams.of("scrape", node.name))
        batch = _Batch(world, writer, node.name)
        for pod in range(pods.get(node.name, 0)):
            pod_arrived = arrived & scraped(world.timeline, world.streams.of("scrape", node.name, pod))
            for series in pod_series(world, node, pod, pods[node.name]):
                batch.add(series, pod_arrived)
        written += batch.close()
    return written


class _Batch:
    """Collects the series of one entity and writes them a million rows at a time."""

    def __init__(self, world: World, writer: SnapshotWriter, entity: str) -> None:
        self._world = world
        self._writer = writer
        self._entity = entity
        # Scrapes of an entity happen a little after the full step, always by the same delay.
        delay_us = int(world.streams.of("delay", entity).integers(0, SECOND_US // 2))
        self._times = world.timeline.times_us + delay_us
        self._waiting: list[tuple[Series, Counts, Array]] = []
        self._rows = 0
        self._series = 0

    def add(self, series: Series, arrived: Mask) -> None:
        """Measure a series and keep the samples that arrived."""
        values = measure(series, self._world.timeline, self._world.streams.of("measure", series.entity, series.key))
        kept = arrived & ~np.isnan(values)
        if series.present is not None:
            kept = kept & series.present
        self._waiting.append((series, np.flatnonzero(kept), values[kept]))
        self._rows += int(kept.sum())
        self._series += 1
        if self._rows >= _ROWS_AT_ONCE:
            self._flush()

    def close(self) -> int:
        """Write what still waits; returns how many series there were."""
        self._flush()
        return self._series

    def _flush(self) -> None:
        if not self._rows:
            self._waiting = []
            return
        lengths = np.array([len(values) for _, _, values in self._waiting])
        row_of = pa.array(np.repeat(np.arange(len(lengths)), lengths))
        series = [one for one, _, _ in self._waiting]

        def spread(values: Iterable[object], kind: pa.DataType) -> pa.Array:
            return pa.array(list(values), type=kind).take(row_of)

        self._writer.write(
            "metrics",
            {
                "ts": pa.array(
                    self._times[np.concatenate([kept for _, kept, _ in self._waiting])],
                    type=pa.timestamp("us", tz="UTC"),
                ),
                "entity": spread((one.entity for one in series), pa.string()),
                "metric": spread((one.metric for one in series), pa.string()),
                "kind": spread((one.kind for one in series), pa.string()),
                "value": pa.array(np.concatenate([values for _, _, values in self._waiting])),
                "unit": spread((one.unit for one in series), pa.string()),
                "labels": spread((sorted(one.labels.items()) for one in series), pa.map_(pa.string(), pa.string())),
            },
        )
        self._waiting, self._rows = [], 0
