"""A triage in an agent process: the same report, the same effects, and either process may be killed."""

from __future__ import annotations

import json
import os
import re
import signal
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps import triage as triages
from opswarden.apps.runner import apart
from opswarden.tests.apps.answers import PERSON
from opswarden.tests.apps.calm import redeclare
from opswarden.tests.apps.conftest import Cli, OpenHouse, sampled
from opswarden.tests.apps.models import asks, diagnosis
from opswarden.tests.apps.staging import PACKAGES, Stage, deliveries
from opswarden.tests.doubles.openai_server import Step


def same(report: Mapping[str, Any]) -> str:
    """A report without what no two runs share: ids, places in the ledger, and times that were measured."""
    plain = re.sub(r"(run|art)_[0-9a-z]{26}", r"\1", json.dumps(report))
    return re.sub(r'"(seq|wall_s)": -?[0-9.e-]+', r'"\1": 0', plain)


def entries_of(cli: Cli, kind: str) -> list[dict[str, Any]]:
    entries = cli("audit", "tail", "-n", 2000, "--format", "json").json
    return [entry for entry in entries if entry["kind"] == kind]


def assert_nothing_ran_twice(cli: Cli, run_id: str) -> None:
    ran = Counter(
        (entry["kind"], entry["body"]["call_id"])
        for kind in ("call.outcome", "tell.outcome")
        for entry in entries_of(cli, kind)
        if entry["run_id"] == run_id
    )
    assert ran
    assert set(ran.values()) == {1}
    assert cli("audit", "verify", "--format", "json").json["ok"] is True


def test_the_report_is_the_same_and_a_run_of_either_mode_is_read_in_the_other(cli: Cli, calm: Path) -> None:
    here = cli("triage", calm, "--format", "json")
    there = cli("triage", calm, "--apart", "--format", "json")
    assert there.code == 0, there.err
    assert same(there.json) == same(here.json)
    assert there.err == here.err
    again = cli("resume", there.json["run_id"])
    assert (again.code, again.json) == (0, there.json)
    asked = cli("ask", there.json["run_id"], "--evidence", "E1", "--format", "json")
    assert asked.code == 0, asked.err
    assert [item["id"] for item in asked.json["evidence"]] == ["E1"]


class TestKilled:
    def test_the_agent_process(self, cli: Cli, calm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        started: list[int] = []

        class Noted(apart.AgentProcess):
            def __init__(self, *args: Any) -> None:
                super().__init__(*args)
                started.append(self.pid)

        tell = triages._tell

        def kill(on_step: Callable[[str], None], node: str) -> None:
            tell(on_step, node)
            if node == "rank" and len(started) == 1:
                os.kill(started[0], signal.SIGKILL)

        monkeypatch.setattr(apart, "AgentProcess", Noted)
        monkeypatch.setattr(triages, "_tell", kill)
        said = cli("triage", calm, "--apart", "--format", "json")
        assert (said.code, said.out) == (3, "")
        assert "ended by signal 9" in said.err
        run_id = entries_of(cli, "run.started")[0]["run_id"]
        assert f"opswarden resume {run_id}" in said.err
        resumed = cli("resume", run_id)
        assert resumed.code == 0, resumed.err
        assert resumed.json["verdict"] == "healthy"
        assert_nothing_ran_twice(cli, run_id)

    @pytest.mark.parametrize("place", sampled([("step", "rank"), ("delivery", "entry")], [("step", "rank")]))
    def test_the_runner(self, stage: Stage, cli: Cli, home: Path, calm: Path, place: tuple[str, str]) -> None:
        died = stage.run(home, "triage", calm, "--apart", "--format", "json", die=place)
        assert died.code == -signal.SIGKILL
        run_id = entries_of(cli, "run.started")[0]["run_id"]
        resumed = cli("resume", run_id)
        assert resumed.code == 0, resumed.err
        assert json.loads(resumed.out)["run_id"] == run_id
        assert_nothing_ran_twice(cli, run_id)
        assert deliveries(home) == []  # the resumed one delivers in this process, or not again


def pull(body: Mapping[str, Any]) -> Step:
    if any(message["role"] == "tool" for message in body["messages"]):
        return diagnosis("healthy")
    return asks(("levers.pull", {"lever": "left"}), ("levers.look", {"lever": "left"}))


@pytest.mark.usefixtures("_litellm_is_loaded")
def test_an_approval_is_waited_for_and_used_once(
    cli: Cli, home: Path, calm: Path, open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    redeclare(calm, environment="production")
    monkeypatch.syspath_prepend(str(PACKAGES))
    monkeypatch.setenv("LEVERS_FILE", str(home / "effects"))
    people = f'[people.{PERSON}]\nroles = ["oncall"]\n[gate.stages.platform.production]\n"levers.pull" = "act"\n'
    server = open_house(pull, 'packages = ["levers:register"]\n' + people)
    said = cli("triage", calm, "--apart", "--format", "json")
    assert said.code == 5, said.err
    (waiting,) = cli("approvals", "list", "--format", "json").json
    assert f"opswarden approvals show {waiting['id']}" in said.err
    assert cli("approvals", "approve", waiting["id"], "--note", "go on").code == 0
    resumed = cli("resume", entries_of(cli, "run.started")[0]["run_id"])
    assert resumed.code == 0, resumed.err
    assert (home / "effects").read_text().splitlines() == ["looked left", "pulled left"]
    assert resumed.json["model"]["used"] is True
    assert len(server.captured) == 2
    assert server.refusals == []
