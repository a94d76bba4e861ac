"""Who calls whom in a live triage, and how a run learns the names of what it looks at."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tests.prometheus_peer import PrometheusPeer, why_missing

from ..conftest import Cli

AT = datetime(2024, 5, 6, 12, 0, tzinfo=UTC)
ODD = "10.20.30.40"
"""A name that redaction takes for an address unless the run has learned it."""


def settings(url: str, **more: str) -> str:
    lines = ["[systems.numbers]", 'kind = "prometheus"', 'environment = "bakery"', f'url = "{url}"', *more.values()]
    return "\n".join([*lines, ""])


def records(cli: Cli) -> list[dict[str, object]]:
    answer = cli("audit", "tail", "--format", "json", "-n", "200", "--tool", "topology.entities")
    assert answer.code == 0, answer.err
    found: list[dict[str, object]] = json.loads(answer.out)
    return found


def test_a_live_triage_has_a_call_graph_and_learns_names_by_a_recorded_call(cli: Cli, home: Path) -> None:
    if missing := why_missing():
        pytest.skip(missing)
    labels = [("client", "shop"), ("server", ODD)]
    peer = PrometheusPeer(
        [
            {
                "ts": AT - timedelta(minutes=30) + step * timedelta(minutes=5),
                "entity": "shop",
                "metric": "traces_service_graph_request_total",
                "labels": labels,
                "value": step * 10.0,
            }
            for step in range(8)
        ]
    )
    (home / "catalogue.yaml").write_text("entities:\n  shop: {depends_on: [cellar]}\n")
    (home / "opswarden.toml").write_text('[catalogue]\npath = "catalogue.yaml"\n' + settings(peer.url))
    answer = cli("triage", "--service", "shop", "--at", AT.isoformat(), "--format", "json")
    peer.close()
    assert answer.code == 0, answer.err
    report = json.loads(answer.out)
    graph = next(item for item in report["evidence"] if item["tool"] == "topology.graph")
    assert (graph["status"], graph["summary"]["edges"], graph["summary"]["source"]) == ("ok", 2, "declared")
    assert sorted(graph["summary"]["some_leaves"]) == [ODD, "cellar"]
    assert not any("topology" in gap for gap in report["gaps"])
    asked = records(cli)
    assert [entry["kind"] for entry in asked] == ["call.decided", "call.outcome"]
    # A run that goes on takes the names that it has learned: nobody is there to be asked again.
    again = cli("resume", report["run_id"])
    assert again.code == 0, again.err
    assert records(cli) == asked


def test_a_policy_decides_on_the_names_too(cli: Cli, home: Path) -> None:
    server = AilingServer(ailing.answer())
    (home / "rules").mkdir()
    (home / "rules" / "names.cedar").write_text(
        '@id("no.names") @reason("not here")\n'
        'forbid (principal, action == Ops::Action::"topology.entities", resource);\n'
    )
    (home / "opswarden.toml").write_text(f'[gate]\npolicy_folders = ["rules"]\n{settings(server.url)}')
    answer = cli("triage", "--service", "shop", "--at", AT.isoformat(), "--format", "json")
    server.close()
    assert answer.code == 0, answer.err
    assert [(entry["kind"], "no.names" in json.dumps(entry)) for entry in records(cli)] == [("call.decided", True)]
