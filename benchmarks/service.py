"""How soon alerts are acknowledged while triages run: a storm of 200 in ten seconds, into `opswarden serve`."""

from __future__ import annotations

import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from .measuring import Figure

_ALERTS, _SECONDS, _SENDERS = 200, 10.0, 8
_TOKEN = "benchmark-" + "t" * 32
_SERVE = "from opswarden.apps.cli.main import main; main()"
_SETTINGS = """
[service]
settle_s = 2

[catalogue]
path = "catalogue.yaml"

[systems.lines]
kind = "files"
environment = "prod"
path = "logs"

[webhooks.am]
kind = "alertmanager"
token_env = "BENCH_TOKEN"
"""
_ENTITIES = ("gateway", "cart", "store", "warehouse")
_CATALOGUE = "version: 1\nentities:\n  gateway: {depends_on: [cart]}\n  cart: {depends_on: [store]}\n"


def figures() -> Iterator[Figure]:
    """Milliseconds from sending to the answer, of each alert; and seconds until everything is reported."""
    with tempfile.TemporaryDirectory(prefix="opswarden-bench-") as folder:
        home = _home(Path(folder))
        environment = {**os.environ, "OPSWARDEN_STATE_DIR": str(home / "state"), "BENCH_TOKEN": _TOKEN}
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _SERVE, "serve", "--http", "127.0.0.1:0"],
            cwd=home,
            env=environment,
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        try:
            port = _port(process)
            began = time.monotonic()
            waits, new = _storm(port)
            reports = _reports(home, began)
        finally:
            process.send_signal(signal.SIGTERM)
            stopping = time.monotonic()
            process.wait(60)
        waits.sort()
        yield Figure(f"acknowledged, of {_ALERTS} in {_SECONDS:g} s", tuple(waits), "ms")
        yield Figure("the same, 99th percentile", (statistics.quantiles(waits, n=100)[98],), "ms", 1_000)
        yield Figure("kept as new", (float(new),), "alerts", floor=_ALERTS)
        yield Figure("until both incidents of the storm were reported", (reports,), "s")
        yield Figure("orderly end", (time.monotonic() - stopping,), "s")


def _home(home: Path) -> Path:
    (home / "logs").mkdir()
    now = datetime.now(UTC)
    lines = [
        {"ts": (now - timedelta(seconds=number)).isoformat(), "service": "gateway", "message": f"timeout {number}"}
        for number in range(5_000)
    ]
    (home / "logs" / "gateway.log").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (home / "catalogue.yaml").write_text(_CATALOGUE)
    (home / "opswarden.toml").write_text(_SETTINGS)
    return home


def _port(process: subprocess.Popen[str]) -> int:
    for line in process.stderr or ():
        if found := re.search(r"port (\d+)", line):
            return int(found.group(1))
    raise RuntimeError("the service did not come up")


def _storm(port: int) -> tuple[list[float], int]:
    begun = time.monotonic()
    now = datetime.now(UTC).isoformat()

    def send(number: int) -> tuple[float, int]:
        time.sleep(max(0.0, begun + number * _SECONDS / _ALERTS - time.monotonic()))
        labels = {"alertname": f"Slow{number}", "service": _ENTITIES[number % 4], "severity": "warning"}
        alert: dict[str, Any] = {"status": "firing", "labels": labels, "startsAt": now, "fingerprint": str(number)}
        body = json.dumps({"version": "4", "alerts": [alert]})
        sent = time.monotonic()
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", "/webhooks/am", body, {"Authorization": f"Bearer {_TOKEN}"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return (time.monotonic() - sent) * 1000, answer["new"]

    with ThreadPoolExecutor(_SENDERS) as pool:
        found = list(pool.map(send, range(_ALERTS)))
    return [wait for wait, _ in found], sum(new for _, new in found)


def _reports(home: Path, began: float) -> float:
    folder = home / "state" / "reports"
    while time.monotonic() < began + 120:
        if len(list(folder.glob("*.md"))) >= 2:
            return time.monotonic() - began
        time.sleep(0.1)
    raise RuntimeError("the storm was not reported within two minutes")
