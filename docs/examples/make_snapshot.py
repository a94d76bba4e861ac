"""Write a snapshot of your own: two services, one of them slow after a deploy.

`python make_snapshot.py FOLDER` writes it; `opswarden triage FOLDER` triages it.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from opswarden.tools.snapshots.manifest import AlertRef, Manifest, Window
from opswarden.tools.snapshots.writer import SnapshotWriter

START = datetime(2030, 1, 2, 12, 0, tzinfo=UTC)  # the incident; two quiet hours before, half an hour after
TIMES = [START + timedelta(minutes=minute) for minute in range(-120, 30)]


def write(folder: Path) -> None:
    manifest = Manifest(
        title="checkout is slow",
        environment="production",
        window=Window(start=START, end=START + timedelta(minutes=30)),
        alert=AlertRef(name="LatencyHigh", entity="checkout", metric="latency_p95_ms", ts=START),
        source="my own telemetry",
        licence="internal",
    )
    with SnapshotWriter(folder, manifest) as snapshot:
        for entity, quiet_ms, slow_ms in (("checkout", 120.0, 480.0), ("orders-db", 20.0, 370.0)):
            values = [(quiet_ms if time < START else slow_ms) + index % 5 for index, time in enumerate(TIMES)]
            count = len(TIMES)
            snapshot.write(
                "metrics",
                {
                    "ts": TIMES,
                    "entity": [entity] * count,
                    "metric": ["latency_p95_ms"] * count,
                    "kind": ["gauge"] * count,
                    "value": values,
                    "unit": ["ms"] * count,
                },
            )
        snapshot.write("topology", {"caller": ["checkout"], "callee": ["orders-db"], "kind": ["sql"]})
        snapshot.write(
            "changes",
            {
                "ts": [START - timedelta(minutes=2)],
                "entity": ["orders-db"],
                "kind": ["deploy"],
                "id": ["release-41"],
                "summary": ["new index layout"],
                "author": ["ci"],
            },
        )


if __name__ == "__main__":
    write(Path(sys.argv[1]))
