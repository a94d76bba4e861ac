"""A home whose only live system is a folder of logs: every triage of it is real, and takes a second or two."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opswarden.apps.service.arrivals import Arrivals

SETTINGS = """
version = 1
{more}

[service]
tell = "recording"
settle_s = 0.2
stop_s = 5
runs_at_once = 2

[catalogue]
path = "catalogue.yaml"

[systems.lines]
kind = "files"
environment = "prod"
path = "{logs}"

[webhooks.am]
kind = "alertmanager"
token_env = "HOOK_TOKEN"
"""
CATALOGUE = """
version: 1
entities:
  gateway: {depends_on: [cart]}
  cart: {depends_on: [store]}
"""
TOKEN = "t" * 32


def write_home(home: Path, more: str = "") -> Path:
    """Settings, a service catalogue and some log lines."""
    logs = home / "logs"
    logs.mkdir(exist_ok=True)
    now = datetime.now(UTC)
    lines = [
        {"ts": (now - timedelta(seconds=30 * number)).isoformat(), "service": "gateway", "message": f"timeout {number}"}
        for number in range(40)
    ]
    (logs / "gateway.log").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (home / "catalogue.yaml").write_text(CATALOGUE)
    (home / "opswarden.toml").write_text(SETTINGS.format(logs=logs, more=more))
    return home


@pytest.fixture
def served_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOOK_TOKEN", TOKEN)
    return write_home(home)


def accept(arrivals: Arrivals, *entities: str, event: str = "", environment: str = "prod") -> None:
    """Keep an alert of each entity, as a webhook does before it answers."""
    now = datetime.now(UTC).isoformat()
    for entity in entities:
        alert = {
            "fingerprint": entity,
            "event": event or entity,
            "status": "firing",
            "name": f"Slow {entity}",
            "entity": entity,
            "severity": "warning",
            "began": now,
        }
        arrivals.accept(
            "webhook/am", event or entity, "alert", {"team": "platform", "environment": environment, "alert": alert}
        )
