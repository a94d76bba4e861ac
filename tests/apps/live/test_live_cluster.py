"""A live triage of a service that runs in a cluster: its state, its rollout, and what the report says of both."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tests.doubles.kubernetes_server import TOKEN, KubernetesServer
from opswarden.tests.tools.kubernetes.bakery import NOW, SECRET, bakery

from ..conftest import Cli


def settings(url: str) -> str:
    lines = ["[systems.cluster]", 'kind = "kubernetes"', 'environment = "bakery"', f'url = "{url}"']
    return "\n".join([*lines, 'token_env = "CLUSTER_TOKEN"', ""])


def test_a_cluster_is_evidence(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUSTER_TOKEN", TOKEN)
    monkeypatch.setattr("opswarden.core.clock.SystemClock.now", lambda _: NOW)
    server = KubernetesServer(bakery())
    (home / "opswarden.toml").write_text(settings(server.url))
    began = (NOW - timedelta(minutes=36)).isoformat()
    answer = cli("triage", "--service", "till", "--at", began, "--format", "json")
    asked = len(server.requests)
    server.close()
    assert answer.code == 0, answer.err
    report = json.loads(answer.out)
    found = {item["tool"]: item for item in report["evidence"]}
    assert found["kubernetes.workloads"]["summary"]["shown"][0]["trouble"] == "out_of_memory"
    assert found["kubernetes.rollouts"]["summary"]["newest"][0]["revision"] == 2
    assert found["kubernetes.nodes"]["summary"]["by_trouble"] == {"pressure": 1, "cordoned": 1}
    kinds = {row["kind"] for row in found["changes.recent"]["summary"]["newest"]}
    assert kinds >= {"deploy", "config", "scale"}
    assert found["changes.notices"]["summary"]["notices"] == 2
    assert (report["ranking"][0]["entity"], report["ranking"][0]["indicator"]) == ("till", "out of memory")
    assert found["attribution.changes"]["summary"]["named"] == "till-bb2222222"
    assert found["topology.graph"]["summary"]["edges"] == 3
    # The tools of one triage share their questions.
    assert asked <= 20
    for file in (home / "state").rglob("*"):
        assert not file.is_file() or SECRET.encode() not in file.read_bytes(), file.name
    assert SECRET not in answer.out + answer.err


def test_a_right_that_is_missing_is_named_in_the_report(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUSTER_TOKEN", TOKEN)
    monkeypatch.setattr("opswarden.core.clock.SystemClock.now", lambda _: NOW)
    server = KubernetesServer(bakery(), forbidden=("Node",))
    (home / "opswarden.toml").write_text(settings(server.url))
    answer = cli("triage", "--service", "till", "--format", "json")
    server.close()
    assert answer.code == 0, answer.err
    report = json.loads(answer.out)
    status = {item["tool"]: item["status"] for item in report["evidence"]}
    assert (status["kubernetes.nodes"], status["kubernetes.workloads"]) == ("error", "ok")
    assert status["changes.recent"] == "truncated"
    assert any("forbids us to list nodes" in gap for gap in report["gaps"])


def test_a_cluster_that_answers_nothing_costs_its_own_evidence(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLUSTER_TOKEN", TOKEN)
    server = AilingServer(ailing.answer(status="404 Not Found"))
    (home / "catalogue.yaml").write_text("entities:\n  till: {depends_on: [cellar]}\n")
    (home / "opswarden.toml").write_text(
        f'[catalogue]\npath = "catalogue.yaml"\n{settings(server.url)}timeout_s = 1\nconcurrency = 1\n'
    )
    answer = cli("triage", "--service", "till", "--format", "json")
    server.close()
    assert answer.code == 0, answer.err
    report = json.loads(answer.out)
    status = {item["tool"]: item["status"] for item in report["evidence"]}
    dead = ("kubernetes.workloads", "kubernetes.rollouts", "kubernetes.nodes", "changes.recent", "changes.notices")
    assert {name: status[name] for name in dead} == dict.fromkeys(dead, "error")
    assert (report["verdict"], status["topology.graph"]) == ("inconclusive", "truncated")
    assert any("kubernetes.workloads" in gap and "cluster" in gap for gap in report["gaps"])


def test_what_was_seen_of_a_cluster_can_be_triaged_again(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLUSTER_TOKEN", TOKEN)
    monkeypatch.setattr("opswarden.core.clock.SystemClock.now", lambda _: NOW)
    server = KubernetesServer(bakery())
    (home / "opswarden.toml").write_text(settings(server.url))
    began = (NOW - timedelta(minutes=14)).isoformat()
    live = cli("triage", "--service", "till", "--at", began, "--capture", "seen", "--format", "json")
    asked = cli("capture", "--service", "till", "--at", began, "--out", "asked")
    server.close()
    assert (live.code, asked.code) == (0, 0), live.err + asked.err
    told = {item["tool"]: item["summary"] for item in json.loads(live.out)["evidence"]}
    for folder in ("seen", "asked"):
        again = cli("triage", folder, "--format", "json")
        assert again.code == 0, again.err
        found = {item["tool"]: item for item in json.loads(again.out)["evidence"]}
        for tool in ("kubernetes.workloads", "kubernetes.rollouts", "kubernetes.nodes"):
            assert found[tool]["summary"] == told[tool], (folder, tool)
        assert found["changes.recent"]["summary"]["changes"] == told["changes.recent"]["changes"]
        for file in (home / folder).iterdir():
            assert SECRET.encode() not in file.read_bytes()
