"""`opswarden incidents`: what is open, and that it is over only once the alerting systems say so."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.installation import open_installation
from opswarden.apps.service.folding import FoldingRules
from opswarden.apps.service.incident_records import Incident, KnownAlert
from opswarden.apps.service.incidents import Incidents
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer

ALERT = {
    "labels": {"alertname": "Slow\u202e", "service": "gateway", "severity": "critical"},
    "annotations": {},
    "startsAt": "2031-05-06T12:00:00Z",
    "endsAt": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
    "fingerprint": "f1",
    "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
}


def alertmanager(*bodies: Any) -> AilingServer:
    """Answers as Alertmanager's API v2 does, once per body."""
    return AilingServer(*(ailing.answer(json.dumps(body).encode()) for body in bodies))


@pytest.fixture
def opened(home: Path) -> Callable[[], Incident]:
    def open_one() -> Incident:
        with open_installation() as installation:
            incidents = Incidents(installation.database, installation.clock, installation.ids)
            alert = KnownAlert("f1", "Slow\u202e", "gateway", "critical", "", "", datetime.now(UTC), "firing")
            incident = incidents.fold(
                alert,
                team="platform",
                environment="prod",
                by="system:webhook/am",
                telling="reports",
                neighbours=lambda _entity: (),
                rules=FoldingRules(),
            )
        assert incident is not None
        return incident

    return open_one


def test_an_incident_from_the_list_to_its_end(
    cli: Cli, opened: Callable[[], Incident], write_settings: Callable[[str], Path]
) -> None:
    assert cli("incidents", "list").out == "no incident is open\n"
    incident = opened()
    (listed,) = cli("incidents", "list", "--format", "json").json
    assert (listed["id"], listed["alerts"], listed["firing"], listed["triage"]) == (incident.id, 1, 1, "settling")
    assert "\u202e" not in cli("incidents", "list").out
    assert cli("incidents", "acknowledge", incident.id).code == 0
    with_none = cli("incidents", "resolve", incident.id)
    assert with_none.code == 1
    assert "no configured system" in with_none.err
    fires = [{**ALERT, "startsAt": datetime.now(UTC).isoformat()}]
    server = alertmanager(fires, [{**fires[0], "labels": {**ALERT["labels"], "alertname": "Other"}}], "garbage", [])
    write_settings(f'[systems.am]\nkind = "alertmanager"\nurl = "{server.url}"\nenvironment = "prod"\n')
    still = cli("incidents", "resolve", incident.id)
    assert (still.code, "1 of its alerts still fire" in still.err) == (1, True), still.err
    over = cli("incidents", "resolve", incident.id)
    assert (over.code, "none of its alerts fires" in over.err) == (0, True), over.err
    again = cli("incidents", "resolve", incident.id)
    assert (again.code, "resolved already" in again.err) == (2, True), again.err
    shown = cli("incidents", "show", incident.id, "--format", "json").json
    assert [each["what"] for each in shown["timeline"]] == ["acknowledged", "resolved"]
    assert "gateway" in cli("incidents", "show", incident.id).out
    other = opened()
    unsaid = cli("incidents", "resolve", other.id)
    assert (unsaid.code, "unknown" in unsaid.err or "did not answer" in unsaid.err) == (1, True), unsaid.err
    assert cli("incidents", "resolve", other.id, "--anyway", "mia@example.com said so").code == 0
    (last,) = cli("incidents", "show", other.id, "--format", "json").json["timeline"][-1:]
    assert "mia@example.com" not in last["note"]
    assert cli("audit", "verify").code == 0
    server.close()


def test_what_cannot_be_done_is_said_in_one_line(cli: Cli, opened: Callable[[], Incident]) -> None:
    incident = opened()
    assert "not ended" in cli("incidents", "retriage", incident.id).err
    assert cli("incidents", "cancel", incident.id, "--note", "a test").code == 0
    assert cli("incidents", "list").out == "no incident is open\n"
    assert incident.id in cli("incidents", "list", "--all").out
    missing = cli("incidents", "show", "inc_1")
    assert (missing.code, "no such incident" in missing.err) == (2, True)
