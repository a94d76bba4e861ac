"""One incident triaged from its snapshot and from live systems that hold the same."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

from opswarden.tests.live_platform import HELD, alert_of, loki_of, settings_of, tempo_of
from opswarden.tools.snapshots.store import SnapshotStore

from ..conftest import Cli


def both_ways(
    cli: Cli, home: Path, store: SnapshotStore, prometheus_url: str
) -> tuple[dict[str, Any], dict[str, Any], int]:
    """The report from a real Prometheus and doubles of Loki and Tempo, that from the same tables of the snapshot, and
    what the doubles were asked. What the live one saw lies in `seen`."""
    with closing(loki_of(store)) as loki, closing(tempo_of(store)) as tempo:
        systems = {
            "metrics": {"kind": "prometheus", "url": prometheus_url},
            "lines": {"kind": "loki", "url": loki.url},
            "traces": {"kind": "tempo", "url": tempo.url},
        }
        (home / "opswarden.toml").write_text(settings_of(store, systems))
        alert = json.dumps(alert_of(store)).encode()
        live = cli("triage", "--alert", "-", "--capture", "seen", "--format", "json", stdin=alert)
    assert live.code == 0, live.err
    bare = home / "bare"
    shutil.copytree(store.folder, bare)
    for table in bare.glob("*.parquet"):
        if table.stem not in HELD:
            table.unlink()
    still = cli("triage", bare, "--format", "json")
    assert still.code == 0, still.err
    return json.loads(live.out), json.loads(still.out), len(loki.queries) + len(tempo.asked)


def evidence(report: dict[str, Any], tool: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in report["evidence"] if item["tool"] == tool)
    return found
