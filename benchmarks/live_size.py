"""A live triage of a large platform: 5,000 series in a real Prometheus, two million lines in a double of a Loki."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from opswarden.tests.doubles.loki_server import Entry
from opswarden.tests.doubles.steady_loki import SteadyLoki
from opswarden.tests.prometheus_peer import PrometheusPeer

from .live import _ASKED, _served, _triage
from .measuring import Figure

_AT = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
_BEFORE, _AFTER = timedelta(hours=2), timedelta(minutes=30)
_ENTITIES, _METRICS, _LINES = 50, 100, 2_000_000
_STEP_S = 60


def figures(series: int = _ENTITIES * _METRICS, lines: int = _LINES) -> Iterator[Figure]:
    """One triage."""
    with tempfile.TemporaryDirectory(prefix="opswarden-bench-") as name:
        folder = Path(name)
        length = _BEFORE + _AFTER + timedelta(minutes=10)
        begin = _AT - _BEFORE - timedelta(minutes=10)
        with closing(PrometheusPeer(list(_samples(series)))) as prometheus:
            gap_ns = int(length.total_seconds() * 1e9) // lines
            with closing(SteadyLoki(_cycle(), int(begin.timestamp()) * 10**9, gap_ns, lines)) as loki:
                (folder / "opswarden.toml").write_text(_settings(prometheus.url, loki.url))
                before = _served(prometheus.port)
                arguments = ("--service", "service-07", "--at", _AT.isoformat())
                report, told, cpu_s = _triage(folder, *arguments)
                requests = _served(prometheus.port) - before - 1 + len(loki.queries)
        yield Figure("series compared", (float(_summary(report, "metrics.shifts", "series_compared")),), "series")
        counted = sum(_summary(report, "logs.patterns", key) for key in ("lines_before", "lines_after"))
        yield Figure("lines counted", (float(counted),), "lines")
        yield Figure("requests of a triage", (float(requests),), "requests", 60)
        yield Figure("read by a triage", (sum(float(match[3]) for match in _ASKED.finditer(told)),), "MB", 100)
        yield Figure("CPU of a triage, start of the process included", (cpu_s,), "s", 30)
        for gap in report["gaps"]:
            if ": error: " in gap:
                print(f"  {gap}")


def _settings(prometheus: str, loki: str) -> str:
    lines = ["[live]", f"before_s = 60\nafter_s = {int(_AFTER.total_seconds())}"]
    lines.append(f"baseline_s = {int(_BEFORE.total_seconds())}")
    for name, kind, url in (("numbers", "prometheus", prometheus), ("lines", "loki", loki)):
        lines += [f"[systems.{name}]", f'kind = "{kind}"', 'environment = "production"', f'url = "{url}"']
        lines += ["timeout_s = 60", *([f"resolution_s = {_STEP_S}"] if kind == "prometheus" else [])]
    return "\n".join([*lines, ""])


def _samples(series: int) -> Iterator[dict[str, Any]]:
    """Gauges that swing, of which those of one service rise when the window begins."""
    begin = _AT - _BEFORE - timedelta(minutes=5)
    steps = int((_BEFORE + _AFTER + timedelta(minutes=10)).total_seconds()) // _STEP_S
    for place in range(series):
        entity, metric = f"service-{place % _ENTITIES:02}", f"load_{place // _ENTITIES:03}"
        for step in range(steps):
            at = begin + timedelta(seconds=step * _STEP_S)
            rise = 3.0 if entity == "service-07" and at >= _AT else 1.0
            value = rise * (10 + math.sin(step / 5 + place))
            yield {"ts": at, "entity": entity, "metric": metric, "value": value, "labels": [("zone", "a")]}


def _cycle() -> list[Entry]:
    """Four thousand lines of fifty services in some dozens of kinds; one in a hundred is an error."""
    found = []
    for place in range(4_000):
        level = "error" if place % 100 == 7 else "info"
        text = f"request {place} of user {place * 7} for item-{place % 37} took {place % 900} ms at step {place % 23}"
        if level == "error":
            text = f"cannot reach store {place % 11}: connection refused after {place} ms"
        stream = {"service_name": f"service-{place % _ENTITIES:02}"}
        found.append(Entry(0, stream, text, {"level": level}))
    return found


def _summary(report: dict[str, Any], tool: str, key: str) -> int:
    item = next(item for item in report["evidence"] if item["tool"] == tool)
    return int((item["summary"] or {}).get(key, 0))


if __name__ == "__main__":
    print(json.dumps([figure.line() for figure in figures()], indent=1))
