"""A real Alertmanager is read as what it says now; it keeps no past, so its own checks stand beside the shared ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import BackendError
from opswarden.core.systems.client import SystemClient
from opswarden.tests.alertmanager_peer import AlertmanagerPeer, why_missing
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tools.alerts.backends.alertmanager import AlertmanagerAlerts
from opswarden.tools.alerts.backends.settings import AlertmanagerSettings
from opswarden.tools.alerts.backends.types import EVENT_COLUMNS
from opswarden.tools.windows import to_us

NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def peer() -> Iterator[AlertmanagerPeer]:
    missing = why_missing()
    if missing:
        pytest.skip(missing)
    started = AlertmanagerPeer()
    yield started
    started.close()


def over(url: str, folder: Path, **settings: Any) -> AlertmanagerAlerts:
    given = AlertmanagerSettings(url=url, environment="test", shared_s=0, **settings)
    return AlertmanagerAlerts(SystemClient("the test's", given, folder), given, SystemClock())


def alert(name: str, began: datetime, over: datetime | None = None, **labels: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "labels": {"alertname": name, "severity": "warning", **labels},
        "annotations": {"summary": f"{name} is too much"},
        "startsAt": began.isoformat(),
    }
    return found | ({"endsAt": over.isoformat()} if over else {})


def test_what_fires_and_what_is_over(peer: AlertmanagerPeer, tmp_path: Path, deadline: Deadline) -> None:
    began = NOW - timedelta(minutes=30)
    peer.fire(
        [
            alert("Hot", began, service="oven", shelf="3"),
            alert("Cold", began, NOW - timedelta(seconds=5), job="till"),
            alert("Lone", began),
        ]
    )
    backend = over(peer.url, tmp_path)
    found = backend.events(NOW + timedelta(minutes=1), deadline)
    assert found.schema == EVENT_COLUMNS
    rows = {(row["name"], row["state"]): row for row in found.to_pylist()}
    assert rows["Hot", "firing"]["entity"] == "oven"
    assert rows["Hot", "firing"]["ts_us"] == to_us(began)
    assert ("shelf", "3") in rows["Hot", "firing"]["labels"]
    assert rows["Hot", "firing"]["summary"] == "Hot is too much"
    assert rows["Lone", "firing"]["entity"] == ""
    assert ("Hot", "resolved") not in rows
    narrow = backend.events(NOW + timedelta(minutes=1), deadline, entities=("oven", "nobody"))
    assert narrow["entity"].to_pylist() == ["oven"]
    assert backend.events(began, deadline).num_rows == 0


def test_a_silence_does_not_make_an_alert_untrue(peer: AlertmanagerPeer, tmp_path: Path, deadline: Deadline) -> None:
    peer.fire([alert("Hot", NOW - timedelta(minutes=3), service="oven")])
    peer.post(
        "/api/v2/silences",
        {
            "matchers": [{"name": "alertname", "value": "Hot", "isRegex": False}],
            "startsAt": NOW.isoformat(),
            "endsAt": (NOW + timedelta(hours=1)).isoformat(),
            "createdBy": "somebody",
            "comment": "lunch",
        },
    )
    found = over(peer.url, tmp_path).events(NOW + timedelta(minutes=1), deadline)
    assert found["state"].to_pylist() == ["firing"]


def test_a_scope_confines_what_is_read(peer: AlertmanagerPeer, tmp_path: Path, deadline: Deadline) -> None:
    began = NOW - timedelta(minutes=3)
    peer.fire(
        [alert("Hot", began, service="oven", tenant="ours"), alert("Hot", began, service="oven", tenant="theirs")]
    )
    found = over(peer.url, tmp_path, scope={"tenant": "ours"}).events(NOW + timedelta(minutes=1), deadline)
    assert [dict(labels)["tenant"] for labels in found["labels"].to_pylist()] == ["ours"]


def test_no_alert_is_no_row(peer: AlertmanagerPeer, tmp_path: Path, deadline: Deadline) -> None:
    assert over(peer.url, tmp_path).events(NOW, deadline).num_rows == 0


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b'{"status":"success"}', "no Alertmanager"),
        (b'[{"labels":{"alertname":"Hot"},"startsAt":"soon","endsAt":""}]', "has no time"),
        (b'[7, "x"]', "no Alertmanager"),
        (b'[{"labels": 3}]', "has no time"),
    ],
)
def test_what_is_no_alert_is_an_error(content: bytes, told: str, tmp_path: Path, deadline: Deadline) -> None:
    server = AilingServer(ailing.answer(content))
    try:
        with pytest.raises(BackendError, match=told):
            over(server.url, tmp_path).events(NOW, deadline)
    finally:
        server.close()
