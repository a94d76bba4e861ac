"""How soon people and alerts are acknowledged while triages run: 200 alerts and 50 mentions in ten seconds.

They go into one `opswarden serve`; Slack is the double of the tests, with its limits.
"""

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
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from opswarden.core.clock import FixedClock, SystemClock
from opswarden.tests.doubles.slack_events import PATIENCE_S, SECRET, SlackEvents
from opswarden.tests.doubles.slack_server import TOKEN, WORKSPACE, SlackServer

from .measuring import Figure

_ALERTS, _SECONDS, _SENDERS = 200, 10.0, 8
_MENTIONS, _PEOPLE, _CHANNEL = 50, 25, "C0INCIDENTS"
_ANSWERED_S = 180
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

[slack]
workspace = "{workspace}"
url = "{url}"
token_env = "BENCH_BOT"
signing_env = "BENCH_SIGNING"

[slack.channels.incidents]
id = "{channel}"
environment = "prod"
"""
_ENTITIES = ("gateway", "cart", "store", "warehouse")
_CATALOGUE = "version: 1\nentities:\n  gateway: {depends_on: [cart]}\n  cart: {depends_on: [store]}\n"


def figures() -> Iterator[Figure]:
    """Milliseconds from sending to the answer, of each alert and mention; and seconds until everything is answered."""
    with tempfile.TemporaryDirectory(prefix="opswarden-bench-") as folder, SlackServer(SystemClock()) as slack:
        slack.add_channel(_CHANNEL, "incidents")
        for number in range(_PEOPLE):
            slack.add_user(f"U{number:08d}")
        home = _home(Path(folder), slack.url)
        secrets = {"BENCH_TOKEN": _TOKEN, "BENCH_BOT": TOKEN, "BENCH_SIGNING": SECRET}
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", _SERVE, "serve", "--http", "127.0.0.1:0"],
            cwd=home,
            env={**os.environ, **secrets, "OPSWARDEN_STATE_DIR": str(home / "state")},
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
        )
        try:
            port = _port(process)
            began = time.monotonic()
            with ThreadPoolExecutor(_SENDERS) as pool:
                asked = [pool.submit(_mention, port, slack, began, number) for number in range(_MENTIONS)]
                waits, new = _storm(port, began)
                mentions = sorted(each.result() for each in asked)
            held_mb = _resident_mb(process.pid)
            reports = _reports(home, began)
            answered, twice = _answered(slack, began)
        finally:
            process.send_signal(signal.SIGTERM)
            stopping = time.monotonic()
            process.wait(60)
        waits.sort()
        yield Figure(f"alerts acknowledged, of {_ALERTS} in {_SECONDS:g} s", tuple(waits), "ms")
        yield Figure("the same, 99th percentile", (statistics.quantiles(waits, n=100)[98],), "ms", 1_000)
        yield Figure("kept as new", (float(new),), "alerts", floor=_ALERTS)
        yield Figure(f"mentions acknowledged, of {_MENTIONS} beside them", tuple(mentions), "ms")
        yield Figure("the same, 99th percentile", (statistics.quantiles(mentions, n=100)[98],), "ms", 1_000)
        yield Figure("the slowest of all", (max(*waits, *mentions),), "ms", PATIENCE_S * 1000)
        yield Figure("mentions answered in their threads", (float(len(answered)),), "mentions", floor=_MENTIONS)
        yield Figure("mentions told of twice", (float(twice),), "mentions", 0)
        yield Figure("until the last mention was answered", tuple(answered) or (_ANSWERED_S,), "s")
        yield Figure("until both incidents of the storm were reported", (reports,), "s")
        yield Figure("memory of the service after the storm", (held_mb,), "MB")
        yield Figure("orderly end", (time.monotonic() - stopping,), "s")


def _home(home: Path, url: str) -> Path:
    (home / "logs").mkdir()
    now = datetime.now(UTC)
    lines = [
        {"ts": (now - timedelta(seconds=number)).isoformat(), "service": "gateway", "message": f"timeout {number}"}
        for number in range(5_000)
    ]
    (home / "logs" / "gateway.log").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (home / "catalogue.yaml").write_text(_CATALOGUE)
    (home / "opswarden.toml").write_text(_SETTINGS.format(workspace=WORKSPACE, url=url, channel=_CHANNEL))
    return home


def _port(process: subprocess.Popen[str]) -> int:
    for line in process.stderr or ():
        if found := re.search(r"port (\d+)", line):
            return int(found.group(1))
    raise RuntimeError("the service did not come up")


def _mention(port: int, slack: SlackServer, begun: float, number: int) -> float:
    """Somebody asks for a triage; milliseconds until that is acknowledged."""
    time.sleep(max(0.0, begun + number * _SECONDS / _MENTIONS - time.monotonic()))
    wrote = {"ts": slack.next_ts(), "user": f"U{number % _PEOPLE:08d}", "text": f"triage {_ENTITIES[number % 4]}"}
    slack.messages[_CHANNEL].append(wrote)

    def post(body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, Mapping[str, str]]:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("POST", "/slack/events", body, dict(headers))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content, dict(answer.getheaders())

    events, sent = SlackEvents(post, FixedClock(datetime.now(UTC))), time.monotonic()
    asked = {"type": "app_mention", "channel": _CHANNEL, **wrote, "text": f"<@UBOT00001> {wrote['text']}"}
    told = events.event(asked, event_id=f"Ev{number:08d}")
    if told.statuses != (200,):
        raise RuntimeError(f"a mention was not acknowledged: {told.statuses}")
    return (time.monotonic() - sent) * 1000


def _answered(slack: SlackServer, began: float) -> tuple[list[float], int]:
    """Seconds until each mention had a message of ours in its thread, as seen twice a second; and those with two."""
    threads: dict[str, float] = {}
    asked = {one["ts"] for one in slack.messages[_CHANNEL] if "app_id" not in one}
    while len(threads) < len(asked) and time.monotonic() < began + _ANSWERED_S:
        for one in list(slack.messages[_CHANNEL]):
            if "app_id" in one and one.get("thread_ts") in asked:
                threads.setdefault(one["thread_ts"], time.monotonic() - began)
        time.sleep(0.5)
    heads = [
        one["thread_ts"]
        for one in slack.messages[_CHANNEL]
        if "app_id" in one and one.get("thread_ts") in asked and "/" not in one["metadata"]["event_payload"]["slot"]
    ]
    return sorted(threads.values()), len(heads) - len(set(heads))


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _storm(port: int, begun: float) -> tuple[list[float], int]:
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
