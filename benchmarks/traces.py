"""Trees, critical paths and requests of 100 k and 1 M spans of a made-up system, one thread each."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from opswarden.core.clock import Deadline, SystemClock
from opswarden.tools.snapshots.manifest import Manifest, Window
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.snapshots.writer import SnapshotWriter
from opswarden.tools.topology.backends.snapshot import SnapshotTopology
from opswarden.tools.traces.backends.snapshot import SnapshotTraces
from opswarden.tools.traces.calls import compare_calls
from opswarden.tools.traces.forest import plant
from opswarden.tools.traces.paths import compare_paths
from opswarden.tools.traces.requests import requests_of
from opswarden.tools.windows import ComparedWindows, to_us

from .measuring import Figure, cpu_ms, peak_mb

_START = datetime(2031, 5, 6, 12, tzinfo=UTC)
_WINDOWS = ComparedWindows(
    start=_START,
    end=_START + timedelta(minutes=30),
    baseline_start=_START - timedelta(hours=2),
    baseline_end=_START,
)
_A_TRACE = 50
_ENTITIES, _OPERATIONS = 60, 400
_RUNS = 3


def figures() -> Iterator[Figure]:
    """CPU of each step, and the peak memory of this process after each size."""
    for spans in (100_000, 1_000_000):
        with tempfile.TemporaryDirectory(prefix="opswarden-bench-") as folder:
            _write(Path(folder) / "snapshot", spans)
            store = SnapshotStore(Path(folder) / "snapshot")
            yield from _measured(store, f"{spans // 1000} k spans")
            store.close()


def _measured(store: SnapshotStore, size: str) -> Iterator[Figure]:
    backend, topology, clock = SnapshotTraces(store), SnapshotTopology(store), SystemClock()

    def deadline() -> Deadline:
        return Deadline(clock, 600)

    def figure(name: str, times_ms: tuple[float, ...]) -> Figure:
        return Figure(f"{size}: {name}", tuple(value / 1000 for value in times_ms), "s CPU")

    yield figure(
        "counted by operation", cpu_ms(lambda: backend.operations(_WINDOWS, deadline()), repeat=_RUNS, warm_up=1)
    )
    yield figure("read with parents", cpu_ms(lambda: backend.spans(_WINDOWS, deadline()), repeat=_RUNS, warm_up=1))
    spans = backend.spans(_WINDOWS, deadline())
    forest = plant(spans.rows)
    yield figure("trees", cpu_ms(lambda: plant(spans.rows), repeat=_RUNS, warm_up=1))
    yield figure("critical paths compared", cpu_ms(lambda: compare_paths(forest, _WINDOWS), repeat=_RUNS, warm_up=1))
    requests = requests_of(forest, spans)
    yield figure("requests found", cpu_ms(lambda: requests_of(forest, spans), repeat=_RUNS, warm_up=1))
    yield figure(
        "requests compared", cpu_ms(lambda: compare_calls(forest, requests, _WINDOWS), repeat=_RUNS, warm_up=1)
    )
    yield figure("call graph", cpu_ms(lambda: topology.edges(deadline()), repeat=_RUNS, warm_up=1))
    yield Figure(f"{size}: peak memory", (peak_mb(),), "MB", 2_000)


def _write(folder: Path, count: int) -> None:
    """Traces of fifty spans each: every span below an earlier one, within its time."""
    random = np.random.default_rng(1)
    windows = Window(start=_START, end=_WINDOWS.end)
    baseline = Window(start=_WINDOWS.baseline_start, end=_START)
    manifest = Manifest(
        title="traces", environment="made", window=windows, baseline=baseline, source="made up", licence="none"
    )
    traces = count // _A_TRACE
    earliest, length_us = to_us(_WINDOWS.baseline_start), 9_000_000_000
    with SnapshotWriter(folder, manifest) as writer:
        for first in range(0, traces, 2_000):
            some = np.arange(first, min(first + 2_000, traces))
            trace, place = np.repeat(some, _A_TRACE), np.tile(np.arange(_A_TRACE), len(some))
            parent = (random.random(len(place)) * place).astype(np.int64)
            operation = random.integers(0, _OPERATIONS, len(place))
            begin = earliest + np.repeat(random.integers(0, length_us, len(some)), _A_TRACE) + place * 1_000
            writer.write(
                "spans",
                {
                    "trace_id": [f"t{number}" for number in trace.tolist()],
                    "span_id": [f"s{number}" for number in place.tolist()],
                    "parent_id": [f"s{above}" if own else None for own, above in zip(place, parent, strict=True)],
                    "entity": [f"service-{number % _ENTITIES}" for number in operation.tolist()],
                    "name": [f"operation-{number}" for number in operation.tolist()],
                    "start": begin.tolist(),
                    "duration_us": ((_A_TRACE - place) * 2_000).tolist(),
                    "status": ["OK"] * len(place),
                    "attributes": [[] for _ in place],
                },
            )
