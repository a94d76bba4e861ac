"""One incident triaged from its snapshot and from live systems that hold the same."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from opswarden.tests.doubles.loki_server import LokiServer, entries_of
from opswarden.tests.doubles.tempo_server import TempoServer
from opswarden.tools.snapshots.store import SnapshotStore

from .conftest import Cli

_TABLES = ("metrics.parquet", "logs.parquet", "spans.parquet", "alerts.parquet")
_LINES = "SELECT entity, level, body, attributes, trace_id, span_id, epoch_us(ts) AS us FROM logs"
_SPANS = "SELECT * EXCLUDE (start, file_row_number), epoch_us(start) AS us FROM spans"


def both_ways(
    cli: Cli, home: Path, store: SnapshotStore, prometheus_url: str
) -> tuple[dict[str, Any], dict[str, Any], int]:
    """The report from a real Prometheus and doubles of Loki and Tempo, that from the same tables of the snapshot, and
    what the doubles were asked."""
    loki = LokiServer(entries_of(rows_of(store, _LINES, "ts")))
    tempo = TempoServer(rows_of(store, _SPANS, "start"))
    systems = {
        "metrics": {"kind": "prometheus", "url": prometheus_url},
        "lines": {"kind": "loki", "url": loki.url},
        "traces": {"kind": "tempo", "url": tempo.url},
    }
    (home / "opswarden.toml").write_text(settings_of(store, systems))
    live = cli("triage", "--alert", "-", "--format", "json", stdin=json.dumps(alert_of(store)).encode())
    loki.close()
    tempo.close()
    assert live.code == 0, live.err
    bare = home / "bare"
    shutil.copytree(store.folder, bare)
    for table in bare.glob("*.parquet"):
        if table.name not in _TABLES:
            table.unlink()
    still = cli("triage", bare, "--format", "json")
    assert still.code == 0, still.err
    return json.loads(live.out), json.loads(still.out), len(loki.queries) + len(tempo.asked)


def rows_of(store: SnapshotStore, sql: str, moment: str) -> list[dict[str, Any]]:
    """Rows of a table whose `us` becomes a moment."""
    rows = store.query(sql).to_pylist()
    return [{**row, moment: datetime.fromtimestamp(row["us"] / 1e6, UTC)} for row in rows]


def settings_of(store: SnapshotStore, systems: dict[str, dict[str, Any]]) -> str:
    """A configuration whose windows are the snapshot's."""
    window, baseline, alert = store.manifest.window, store.baseline(), store.manifest.alert
    assert baseline is not None
    assert alert is not None
    assert alert.ts is not None
    lines = [
        "[live]",
        f"before_s = {int((alert.ts - window.start).total_seconds())}",
        f"after_s = {int((window.end - alert.ts).total_seconds())}",
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


def evidence(report: dict[str, Any], tool: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in report["evidence"] if item["tool"] == tool)
    return found
