"""Alerts with values of every kind in their texts come in by webhook: incidents, and whatever shows them, hold none."""

from __future__ import annotations

import itertools
import logging
from pathlib import Path

import httpx2
import pytest

from opswarden.apps.installation import open_installation
from opswarden.apps.service.arrivals import Arrivals
from opswarden.apps.service.folding import FoldingRules
from opswarden.apps.service.front import Front
from opswarden.apps.service.incidents import Incidents
from opswarden.apps.service.intake import Intake
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.apps.leaks.leaks import bytes_below, leaks_in, telling_parts
from opswarden.tests.apps.leaks.planted_snapshot import said as written
from opswarden.tests.redaction.disguises import FORMATS
from opswarden.tests.redaction.planting import KINDS, SELF_EVIDENT, plant

TOKEN = "t" * 32
PLANTED = [plant(kind, "webhook") for kind in KINDS]
SETTINGS = """version = 1
[webhooks.am]
kind = "alertmanager"
environment = "prod"
token_env = "HOOK_TOKEN"
per_minute = 10_000
[people.ana]
roles = ["oncall"]
"""


def alerts() -> list[dict[str, object]]:
    """One of each kind; what needs no key is also the name of the service that it is about."""
    found: list[dict[str, object]] = []
    for each, wrap in zip(PLANTED, itertools.cycle(FORMATS.values())):
        entity = each.value if each.kind in SELF_EVIDENT else f"svc of {written(each)}"
        # Of long ones the beginning is shown; the value stands across the place where they are cut.
        name = f"Slow {written(each)}" if len(found) % 2 else f"{'slow ' * 50}{written(each)}"
        labels = {"alertname": name, "service": entity, "severity": written(each)}
        found.append(
            {
                "status": "firing",
                "labels": {**labels, each.key: each.value},
                "annotations": {"summary": wrap(each.key, each.value), "description": written(each)},
                "startsAt": "2031-05-06T11:58:00Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": f"http://prometheus/graph?g0.expr=up&{each.key}={each.value}",
                "fingerprint": written(each),
            }
        )
    labels = {"alertname": "Quiet", "service": "gateway", "severity": "Warning"}
    return [*found, {**found[0], "labels": labels, "annotations": {}, "generatorURL": "", "fingerprint": "plain"}]


def test_incidents_of_planted_alerts_show_none_of_it(
    cli: Cli, home: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    monkeypatch.setenv("HOOK_TOKEN", TOKEN)
    (home / "opswarden.toml").write_text(SETTINGS)
    exits: list[tuple[str, bytes]] = []
    with open_installation() as installation, Front(installation).server("127.0.0.1", 0) as server:
        for alert in alerts():
            answer = httpx2.post(
                f"http://127.0.0.1:{server.port}/webhooks/am",
                json={"version": "4", "groupKey": "{}", "status": "firing", "receiver": "x", "alerts": [alert]},
                headers={"authorization": f"Bearer {TOKEN}"},
            )
            assert answer.status_code == 202, answer.text
            exits.append(("the sender", answer.content))
        # Before they are worked off, and after.
        exits += bytes_below(home / "state")
        arrivals = Arrivals(installation.database, installation.keys, installation.clock, installation.ids)
        intake = Intake(
            installation.database,
            arrivals,
            Incidents(installation.database, installation.clock, installation.ids),
            installation.redaction.scrub,
            telling="reports",
            neighbours=lambda _environment: lambda _entity: frozenset(),
            rules=FoldingRules(),
        )
        assert intake.take_waiting() == len(PLANTED) + 1
    listed = cli("incidents", "list", "--format", "json")
    ids = [each["id"] for each in listed.json]
    assert len(ids) > 20
    assert [each["severity"] for each in listed.json if each["title"] == "Quiet"] == ["warning"]
    lines = [
        ("incidents", "list"),
        ("incidents", "handover"),
        ("incidents", "handover", "--format", "json"),
        *(("incidents", "show", each) for each in ids[:20]),
        ("incidents", "acknowledge", ids[0]),
        ("incidents", "cancel", ids[1], "--reason", f"it was {PLANTED[0].value}"),
        ("incidents", "resolve", ids[2], "--anyway", f"told {PLANTED[17].value}", "--solved-by", PLANTED[17].value),
        ("incidents", "show", ids[1]),
        ("audit", "tail", "-n", "1000", "--format", "json"),
    ]
    for line in lines:
        said = cli(*line)
        exits.append((" ".join(line), f"{said.out}\n{said.err}".encode()))
    assert listed.out.count("EMAIL_ADDRESS") + listed.out.count("SECRET") > 3
    logged = "\n".join(repr(record.__dict__) + record.getMessage() for record in caplog.records)
    exits += [("listed", listed.out.encode()), ("log records", logged.encode())]
    exits += [*bytes_below(home), *bytes_below(temporary)]
    wanted = telling_parts(PLANTED, "an alert")
    assert {name: found for name, content in exits if (found := leaks_in(content, wanted))} == {}
    assert logging.root.level == 0
