"""Sandbox incidents triaged from a snapshot and from live systems that hold the same: same answer, and at what cost?

The metrics come from a real Prometheus; Loki and Tempo are the doubles of the tests.
"""

from __future__ import annotations

import http.client
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from os import environ
from pathlib import Path
from typing import Any

from opswarden.evals.scoring.intervals import wilson
from opswarden.evals.worlds.spec import FAULT_NAMES, FaultName, WorldSpec
from opswarden.evals.worlds.world import write_case
from opswarden.tests.live_platform import HELD, platform_of
from opswarden.tools.snapshots.store import SnapshotStore

from .measuring import Estimated, Figure

_SAME_VALUE = 0.02
_ASKED = re.compile(r"asked (\w+): (\d+) questions, ([\d.]+) MB read")


@dataclass(frozen=True)
class Compared:
    """One incident, triaged twice."""

    fault: str
    is_same_first: bool
    is_same_verdict: bool
    values: int
    same_values: int
    requests: int
    megabytes: float
    cpu_s: float
    missing: str


def figures(faults: tuple[FaultName, ...] = FAULT_NAMES, seed: int = 20) -> Iterator[Figure | Estimated]:
    """Every fault of the sandbox once."""
    found = []
    for place, fault in enumerate(faults):
        one = compared(WorldSpec(seed=seed + place, fault=fault, log_lines=20_000))
        found.append(one)
        print(f"  {one}", flush=True)
    yield _share("same first candidate", [one.is_same_first for one in found])
    yield _share("same verdict", [one.is_same_verdict for one in found])
    values = [place < one.same_values for one in found for place in range(one.values)]
    yield _share(f"evidence values within {_SAME_VALUE:.0%}", values)
    missing = [not one.missing for one in found]
    yield _share("triages in which everything answered", missing)
    yield Figure("requests of a triage", tuple(float(one.requests) for one in found), "requests", 60)
    yield Figure("read by a triage", tuple(one.megabytes for one in found), "MB", 100)
    yield Figure("CPU of a triage, start of the process included", tuple(one.cpu_s for one in found), "s", 30)


def compared(spec: WorldSpec) -> Compared:
    """One incident from both: the tables that no live system holds are taken away first."""
    with tempfile.TemporaryDirectory(prefix="opswarden-bench-") as name:
        folder = Path(name)
        snapshot = write_case(spec, folder / "case").snapshot
        for table in snapshot.glob("*.parquet"):
            if table.stem not in HELD:
                table.unlink()
        shutil.rmtree(snapshot / "runbooks", ignore_errors=True)
        with closing(SnapshotStore(snapshot)) as store, platform_of(store) as platform:
            (folder / "opswarden.toml").write_text(platform.settings)
            (folder / "alert.json").write_bytes(platform.alert)
            before = _served(platform.prometheus.port)
            live, told, cpu_s = _triage(folder, "--alert", "alert.json")
            requests = _served(platform.prometheus.port) - before - 1
            requests += len(platform.loki.queries) + len(platform.tempo.asked)
        still, _, _ = _triage(folder, str(snapshot))
        ours, theirs = _values(live), _values(still)
        same = [key for key in ours if key in theirs and abs(ours[key] - theirs[key]) <= _SAME_VALUE * abs(theirs[key])]
        return Compared(
            fault=spec.fault,
            is_same_first=_first(live) == _first(still),
            is_same_verdict=live["verdict"] == still["verdict"],
            values=len(ours | theirs),
            same_values=len(same),
            requests=round(requests),
            megabytes=sum(float(match[3]) for match in _ASKED.finditer(told)),
            cpu_s=cpu_s,
            missing="; ".join(missing for report in (live, still) if (missing := _missing(report))),
        )


_ENTRY = """
import sys, time
from opswarden.apps.cli.main import main
try:
    main()
finally:
    print("cpu", time.process_time(), file=sys.stderr)
"""
"""The process measures itself: the peers of the platform are children of ours too."""


def _triage(folder: Path, *arguments: str) -> tuple[dict[str, Any], str, float]:
    done = subprocess.run(
        [sys.executable, "-c", _ENTRY, "triage", *arguments, "--no-model", "--format", "json"],
        cwd=folder,
        env={**environ, "OPSWARDEN_STATE_DIR": str(folder / "state")},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"a triage failed: {done.stderr[-2_000:]}")
    return json.loads(done.stdout), done.stderr, float(done.stderr.rpartition("cpu ")[2])


def _first(report: dict[str, Any]) -> str | None:
    return report["ranking"][0]["entity"] if report["ranking"] else None


def _missing(report: dict[str, Any]) -> str:
    """What did not answer, such as on a machine that is too busy; empty where all evidence is there."""
    return "; ".join(gap for gap in report["gaps"] if ": error: " in gap)


_VALUES = {
    "metrics.shifts": ("shifts", ("entity", "metric", "labels"), ("score", "before", "after")),
    "logs.patterns": ("top", ("entity", "template", "level"), ("count_before", "count_after")),
    "traces.latency": ("shifts", ("entity", "name"), ("p95_before_ms", "p95_after_ms")),
    "traces.calls": ("steps", ("entity", "name", "kind", "event"), ("share_before", "share_after")),
}
"""By tool: the list of its findings, what tells them apart, and their figures."""


def _values(report: dict[str, Any]) -> dict[tuple[str, ...], float]:
    """The figures of the evidence that a report shows; one that only one side shows is a difference."""
    found = {}
    for tool, (findings, keys, figures) in _VALUES.items():
        summary = next(item for item in report["evidence"] if item["tool"] == tool)["summary"] or {}
        for item in summary.get(findings, ()):
            for figure in figures:
                if item[figure] is not None:
                    found[(tool, figure, *(str(item[key]) for key in keys))] = item[figure]
    return found


def _served(port: int) -> float:
    """Requests that a Prometheus has answered so far, by its own count."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    counts = [line for line in text.splitlines() if line.startswith("prometheus_http_requests_total{")]
    return sum(float(line.rpartition(" ")[2]) for line in counts)


def _share(name: str, held: list[bool]) -> Estimated:
    low, high = wilson(sum(held), len(held))
    return Estimated(name, sum(held) / max(1, len(held)), low, high, len(held), "share", 1.0)
