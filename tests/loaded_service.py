"""A running `opswarden serve` under load: alerts and mentions from outside, with the double of Slack beside it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from opswarden.core.clock import FixedClock, SystemClock
from opswarden.tests.doubles.slack_events import SECRET, SlackEvents
from opswarden.tests.doubles.slack_server import TOKEN, WORKSPACE, SlackServer

ENTITIES = ("gateway", "cart", "store", "warehouse")
ASKED = ("search", "mailer", "router", "quotes")
CHANNEL = "C0INCIDENTS"
_PEOPLE = 25
_TOKEN = "loaded-" + "t" * 32
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
token_env = "LOADED_TOKEN"

[slack]
workspace = "{workspace}"
url = "{url}"
token_env = "LOADED_BOT"
signing_env = "LOADED_SIGNING"

[slack.channels.incidents]
id = "{channel}"
environment = "prod"
"""
_CATALOGUE = "version: 1\nentities:\n  gateway: {depends_on: [cart]}\n  cart: {depends_on: [store]}\n" + "".join(
    f"  {name}: {{}}\n" for name in ASKED
)


@dataclass
class LoadedService:
    """One that runs; `process` is the whole of it."""

    home: Path
    slack: SlackServer
    process: subprocess.Popen[bytes]
    port: int

    @property
    def resident_mb(self) -> float:
        """Memory that it holds."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    @property
    def reports(self) -> int:
        """How many incidents out of alerts were reported."""
        return len(list((self.home / "state" / "reports").glob("*.md")))

    def told_in_threads(self) -> dict[str, int]:
        """How many messages of an incident stand in the thread of each mention; what is told below them is left out."""
        found: dict[str, int] = {}
        for one in list(self.slack.messages[CHANNEL]):
            slot = one.get("metadata", {}).get("event_payload", {}).get("slot", "")
            if "thread_ts" in one and slot and "/" not in slot:
                found[one["thread_ts"]] = found.get(one["thread_ts"], 0) + 1
        return found

    def alert(self, number: int, status: str = "firing") -> tuple[float, int]:
        """Send one; milliseconds until it was acknowledged, and whether it was new."""
        labels = {"alertname": f"Slow{number}", "service": ENTITIES[number % 4], "severity": "warning"}
        alert: dict[str, Any] = {"status": status, "labels": labels, "fingerprint": str(number)}
        alert["startsAt"] = datetime.now(UTC).isoformat()
        body = json.dumps({"version": "4", "alerts": [alert]}).encode()
        sent = time.monotonic()
        status_code, content, _ = self._post("/webhooks/am", body, {"Authorization": f"Bearer {_TOKEN}"})
        if status_code >= 300:
            raise RuntimeError(f"an alert was not acknowledged: {status_code}")
        return (time.monotonic() - sent) * 1000, int(json.loads(content)["new"])

    def mention(self, number: int) -> float:
        """Somebody asks for a triage; milliseconds until that was acknowledged."""
        wrote = {
            "ts": self.slack.next_ts(),
            "user": f"U{number % _PEOPLE:08d}",
            "text": f"triage {ASKED[number % 4]}",
        }
        self.slack.messages[CHANNEL].append(wrote)
        events = SlackEvents(
            lambda body, headers: self._post("/slack/events", body, headers), FixedClock(datetime.now(UTC))
        )
        asked = {"type": "app_mention", "channel": CHANNEL, **wrote, "text": f"<@UBOT00001> {wrote['text']}"}
        sent = time.monotonic()
        told = events.event(asked, event_id=f"Ev{number:08d}")
        if told.statuses != (200,):
            raise RuntimeError(f"a mention was not acknowledged: {told.statuses}")
        return (time.monotonic() - sent) * 1000

    def _post(self, path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, Mapping[str, str]]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("POST", path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read(), dict(answer.getheaders())
        finally:
            connection.close()


@contextmanager
def loaded_service(folder: Path, extra: str = "") -> Iterator[LoadedService]:
    """Start one on 5,000 log lines, and end it in order.

    Args:
        folder: for its settings and state.
        extra: more settings.
    """
    with SlackServer(SystemClock()) as slack:
        slack.add_channel(CHANNEL, "incidents")
        for number in range(_PEOPLE):
            slack.add_user(f"U{number:08d}")
        _write(folder, slack.url, extra)
        secrets = {"LOADED_TOKEN": _TOKEN, "LOADED_BOT": TOKEN, "LOADED_SIGNING": SECRET}
        said = folder / "serve.err"
        with said.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-W", "ignore", "-c", _SERVE, "serve", "--http", "127.0.0.1:0"],
                cwd=folder,
                env={**os.environ, **secrets, "OPSWARDEN_STATE_DIR": str(folder / "state")},
                stderr=file,
                stdout=subprocess.DEVNULL,
            )
        try:
            yield LoadedService(folder, slack, process, _port(process, said))
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(120)


def _write(home: Path, url: str, extra: str) -> None:
    (home / "logs").mkdir()
    now = datetime.now(UTC)
    lines = [
        {"ts": (now - timedelta(seconds=number)).isoformat(), "service": "gateway", "message": f"timeout {number}"}
        for number in range(5_000)
    ]
    (home / "logs" / "gateway.log").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (home / "catalogue.yaml").write_text(_CATALOGUE)
    settings = _SETTINGS.format(workspace=WORKSPACE, url=url, channel=CHANNEL)
    (home / "opswarden.toml").write_text(settings + extra)


def _port(process: subprocess.Popen[bytes], said: Path) -> int:
    while process.poll() is None:
        if found := re.search(r"port (\d+)", said.read_text()):
            return int(found.group(1))
        time.sleep(0.05)
    raise RuntimeError(f"the service did not come up: {said.read_text()}")
