"""Live systems that hold what a snapshot holds: a real Prometheus, and doubles of a Loki and a Tempo."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from opswarden.tests.doubles.loki_server import LokiServer, entries_of
from opswarden.tests.doubles.tempo_server import TempoServer
from opswarden.tests.prometheus_peer import PrometheusPeer
from opswarden.tools.snapshots.store import SnapshotStore

HELD = ("metrics", "logs", "spans", "alerts")
"""Tables that such systems stand for."""


def prometheus_of(store: SnapshotStore) -> PrometheusPeer:
    """A Prometheus that has scraped the metrics of a snapshot."""
    rows = store.query("SELECT entity, metric, value, labels, epoch_us(ts) AS us FROM metrics").to_pylist()
    return PrometheusPeer([{**row, "ts": moment(row["us"])} for row in rows])


def loki_of(store: SnapshotStore) -> LokiServer:
    """A double of a Loki with the lines of a snapshot."""
    columns = "entity, level, body, attributes, trace_id, span_id, epoch_us(ts) AS us"
    rows = store.query(f"SELECT {columns} FROM logs").to_pylist()
    return LokiServer(entries_of([{**row, "ts": moment(row["us"])} for row in rows]))


def tempo_of(store: SnapshotStore) -> TempoServer:
    """A double of a Tempo with the spans of a snapshot."""
    rows = store.query("SELECT * EXCLUDE (start, file_row_number), epoch_us(start) AS us FROM spans").to_pylist()
    return TempoServer([{**row, "start": moment(row["us"])} for row in rows])


def moment(us: int) -> datetime:
    return datetime.fromtimestamp(us / 1e6, UTC)


def settings_of(store: SnapshotStore, systems: dict[str, dict[str, Any]]) -> str:
    """A configuration whose windows are the snapshot's."""
    window, baseline, alert = store.manifest.window, store.baseline(), store.manifest.alert
    assert baseline is not None
    assert alert is not None
    assert alert.ts is not None
    lines = [
        "[live]",
        f"before_s = {math.floor((alert.ts - window.start).total_seconds())}",
        # Both edges are then cut to whole minutes, on which the windows of the sandbox lie.
        f"after_s = {math.ceil((window.end - alert.ts).total_seconds())}",
        f"baseline_s = {int(baseline.length.total_seconds())}",
    ]
    for name, system in systems.items():
        lines += [f"[systems.{name}]", f'environment = "{store.manifest.environment}"']
        lines += [f"{key} = {json.dumps(value)}" for key, value in system.items()]
    return "\n".join([*lines, ""])


def alert_of(store: SnapshotStore) -> dict[str, Any]:
    """The alert that opened the incident, as Prometheus posts it."""
    alert = store.manifest.alert
    assert alert is not None
    assert alert.ts is not None
    return {
        "labels": {"alertname": alert.name, "service": alert.entity, "severity": alert.severity or "page"},
        "annotations": {"summary": alert.summary},
        "startsAt": alert.ts.isoformat(),
        "generatorURL": f"http://prometheus.example/graph?g0.expr={alert.metric}",
    }


@dataclass(frozen=True)
class Platform:
    """The systems of one incident, and how they are configured."""

    prometheus: PrometheusPeer
    loki: LokiServer
    tempo: TempoServer
    settings: str
    alert: bytes


@contextmanager
def platform_of(store: SnapshotStore) -> Iterator[Platform]:
    """Starts them; ends them afterwards."""
    with (
        closing(prometheus_of(store)) as prometheus,
        closing(loki_of(store)) as loki,
        closing(tempo_of(store)) as tempo,
    ):
        systems = {
            "metrics": {"kind": "prometheus", "url": prometheus.url},
            "lines": {"kind": "loki", "url": loki.url},
            "traces": {"kind": "tempo", "url": tempo.url},
        }
        posted = json.dumps(alert_of(store)).encode()
        yield Platform(prometheus, loki, tempo, settings_of(store, systems), posted)
