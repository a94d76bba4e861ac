"""Alerts of Grafana's own rules, by a double of its API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
from opswarden.tests.doubles.delivery_servers import TOKEN
from opswarden.tests.doubles.grafana_server import GrafanaServer
from opswarden.tools.alerts.backends.alertmanager import GRAFANA, AlertmanagerAlerts
from opswarden.tools.alerts.backends.settings import GrafanaSettings

NOW = datetime(2031, 5, 6, 12, 30, tzinfo=UTC)


def alert(name: str, minutes_ago: float, ended: float = -9, **labels: str) -> dict[str, Any]:
    return {
        "labels": {"alertname": name, **labels},
        "annotations": {"summary": f"{name} is too much"},
        "startsAt": (NOW - timedelta(minutes=minutes_ago)).isoformat(),
        "endsAt": (NOW - timedelta(minutes=ended)).isoformat(),
    }


def test_what_its_rules_say(tmp_path: Path, deadline: Deadline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRAFANA_TOKEN", TOKEN)
    server = GrafanaServer(
        [
            alert("Hot", 20, service="oven", severity="critical"),
            alert("DatasourceNoData", 10, rulename="Cold", service="till"),
            alert("Slow", 40, ended=5, service="oven"),
        ]
    )

    def over(**more: Any) -> AlertmanagerAlerts:
        given = GrafanaSettings.model_validate({"url": server.url, "environment": "bakery", "shared_s": 0, **more})
        return AlertmanagerAlerts(SystemClient("the test's", given, tmp_path), given, FixedClock(NOW), GRAFANA)

    found = over(token_env="GRAFANA_TOKEN").events(NOW, deadline)
    assert [(row["name"], row["entity"], row["state"]) for row in found.to_pylist()] == [
        ("Slow", "oven", "resolved"),
        ("Cold (DatasourceNoData)", "till", "firing"),
        ("Hot", "oven", "firing"),
        ("Slow", "oven", "firing"),
    ]
    assert found["summary"][2].as_py() == "Hot is too much"
    with pytest.raises(BackendError, match="does not accept the credential"):
        over().events(NOW, deadline)
    server.may_read = False
    with pytest.raises(BackendError, match="forbids"):
        over(token_env="GRAFANA_TOKEN").events(NOW, deadline)
    server.close()
