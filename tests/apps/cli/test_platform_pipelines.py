"""`opswarden platform pipelines`: a folder of runs, and an Airflow whose task is run again once a person agreed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from opswarden.apps.platform.pipelines import check_pipelines
from opswarden.core.clock import FixedClock
from opswarden.evals.suites.pipeline_worlds import PipelineWorld, pipeline_world
from opswarden.tests.apps.answers import PERSON
from opswarden.tests.apps.conftest import Cli, OpenHouse
from opswarden.tests.doubles.airflow_server import PASSWORD, USER, AirflowServer
from opswarden.tests.doubles.openai_server import Text
from opswarden.tests.tools.pipelines.airflow_world import NOW, server

FILES = '[pipelines.shelf]\nkind = "files"\nenvironment = "production"\nfolder = "runs"\n'


def _at(monkeypatch: pytest.MonkeyPatch, now: Any) -> None:
    monkeypatch.setattr("opswarden.apps.installation.SystemClock", lambda: FixedClock(now))


def _write(world: PipelineWorld, home: Path) -> None:
    (home / "runs").mkdir(exist_ok=True)
    pq.write_table(world.jobs, home / "runs" / "jobs.parquet")


def test_a_folder_of_runs_says_what_failed_why_and_what_is_late(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "pipelines.NAME" in cli("platform", "pipelines", "status").err
    world = pipeline_world(11, "upstream_failed")
    _at(monkeypatch, world.now)
    (home / "opswarden.toml").write_text(f"version = 1\n{FILES}")
    _write(world, home)
    answer = cli("platform", "pipelines", "status")
    assert (answer.code, "5 pipelines: 2 failed" in answer.out) == (1, True), answer
    answer = cli("platform", "pipelines", "why", "fraud_training")
    assert answer.code == 1
    assert "fraud_training <- card_features: upstream_failed" in answer.out
    assert "began in card_features, task " in answer.out
    assert cli("platform", "pipelines", "late", "--format", "json").json["late"]["in_trouble"] == 2
    assert not check_pipelines()
    found = cli("platform", "pipelines", "retry", "fraud_training", "x", "wait", "--attempt", "1")
    assert (found.code, "stage observe" in found.err) == (4, True), found
    world = pipeline_world(12)
    _write(world, home)
    answer = cli("platform", "pipelines", "late")
    assert (answer.code, "0 in trouble" in answer.out) == (0, True), answer
    assert cli("platform", "pipelines", "why").code == 0
    (home / "runs" / "jobs.parquet").write_bytes(b"PAR1 no")
    answer = cli("platform", "pipelines", "late")
    assert (answer.code, "jobs.parquet" in answer.err) == (3, True), answer


@pytest.fixture
def airflow(monkeypatch: pytest.MonkeyPatch) -> Iterator[AirflowServer]:
    monkeypatch.setenv("AIRFLOW_PASSWORD", PASSWORD)
    _at(monkeypatch, NOW)
    double = server(3)
    yield double
    double.close()


def test_a_retry_waits_for_a_person_and_clears_once(cli: Cli, home: Path, airflow: AirflowServer) -> None:
    (home / "opswarden.toml").write_text(
        f"""version = 1
[people.{PERSON}]
roles = ["oncall"]
[gate.stages.platform.production]
"pipelines.retry" = "act"
[pipelines.airflow]
kind = "airflow"
version = 3
environment = "production"
url = "{airflow.url}"
user = "{USER}"
password_env = "AIRFLOW_PASSWORD"
[pipelines.airflow.rules.fraud_training]
safe_to_retry = ["features", "train", "publish"]
"""
    )
    asked = ("fraud_training", "scheduled__2031-03-14", "features", "--attempt", "2")
    waiting = cli("platform", "pipelines", "retry", *asked, "--format", "json")
    assert waiting.code == 5, waiting
    shown = cli("approvals", "show", waiting.json["approval_id"]).out
    assert all(name in shown for name in ("features", "train", "publish", "runs again")), shown
    assert airflow.cleared == []
    assert cli("approvals", "approve", waiting.json["approval_id"]).code == 0
    go_on = ("--go-on", waiting.json["run_id"])
    answer = cli("platform", "pipelines", "retry", *asked, *go_on)
    assert (answer.code, len(airflow.cleared)) == (0, 1), answer
    assert cli("platform", "pipelines", "retry", *asked, *go_on).code == 0
    assert len(airflow.cleared) == 1


ASKED = f'{FILES}[platform.pipelines]\nshelf = ["fraud_training", "ingest"]\n'


@pytest.mark.usefixtures("_litellm_is_loaded")
def test_a_question_is_answered_by_the_checks_that_it_is_about(
    cli: Cli, home: Path, open_house: OpenHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = pipeline_world(11, "upstream_failed")
    _at(monkeypatch, world.now)
    _write(world, home)
    house = open_house(None, ASKED)
    answer = cli("platform", "ask", "why did fraud_training fail?", "--no-model")
    assert answer.code == 0, answer
    assert "fraud_training failed in task wait: upstream failed" in answer.out
    assert "No language model took part" in answer.out
    sentences = [
        {"text": "`fraud_training` failed in task wait.", "evidence": ["E2"]},
        {"text": "It lost 31.4159 % of its rows.", "evidence": ["E2"]},
    ]
    house.script(Text(json.dumps({"sentences": sentences, "unknown": ["who changed it"]})))
    found = cli("platform", "ask", "why did fraud_training fail?", "--format", "json").json
    assert [each["status"] for each in found["claims"][:2]] == ["supported", "unsupported"]
    assert (found["unknown"], found["model"]["used"]) == (["who changed it"], True)
    assert len(found["claims"]) == 4
    house.script(Text("I cannot say"), Text("no"))
    found = cli("platform", "ask", "is anything late?", "--format", "json").json
    assert "could not be used" in found["model"]["note"]
    assert found["claims"]
    assert cli("platform", "ask", " ").code == 2
