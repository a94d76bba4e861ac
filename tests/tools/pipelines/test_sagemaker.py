"""Pipelines of SageMaker: what is only in a definition, a retry that happens once, and what moto holds of them."""

from __future__ import annotations

import json
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError, ToolFailed
from opswarden.tests.doubles.sagemaker_server import SagemakerServer
from opswarden.tests.tools.pipelines.airflow_world import NOW
from opswarden.tests.tools.pipelines.sagemaker_world import sagemaker_of, sagemaker_server
from opswarden.tools.pipelines.backends.sagemaker_pipelines import SagemakerPipelines, upstream_of
from opswarden.tools.pipelines.place import PipelinePlace
from opswarden.tools.pipelines.tools import pipeline_tools
from opswarden.tools.pipelines.types import PipelineRule
from opswarden.tools.spec import ToolContext

PIPELINE = "fraud_training"


@dataclass
class Asked:
    double: SagemakerServer
    jobs: SagemakerPipelines

    def call(self, verb: str, safe: tuple[str, ...], **more: Any) -> Any:
        rules = {PIPELINE: PipelineRule(safe_to_retry=safe)}
        place = PipelinePlace("production", lambda: self.jobs, lambda: self.jobs, rules)
        tool = next(each for each in pipeline_tools(place) if each.name == "pipelines.retry")
        clock = FixedClock(NOW)
        run = self.jobs.runs(PIPELINE, 1, Deadline(clock, 60))[0].id
        args = tool.args.model_validate({"pipeline": PIPELINE, "run": run, "task": "features", "attempt": 2, **more})
        return getattr(tool, verb)(args, ToolContext("run", "t", clock, Deadline(clock, 60), artifacts=None))  # type: ignore[arg-type]  # not read


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.fixture
def asked(tmp_path: Path, key: None) -> Iterator[Asked]:
    double = sagemaker_server(NOW.replace(hour=2), 3)
    yield Asked(double, sagemaker_of(double.url, tmp_path))
    double.close()


def test_a_retry_names_all_that_runs_again_and_happens_once(asked: Asked) -> None:
    shown = asked.call("preview", ("features", "train"))
    assert [(each.field, each.before) for each in shown.changes] == [
        ("features", "failed"),
        ("train", "upstream_failed"),
    ]
    assert asked.call("reconcile", ()).status == "no_data"
    done = asked.call("run", ("features", "train")).summary
    assert (done.tasks, done.attempt, done.state) == (("features", "train"), 3, "queued")
    assert asked.call("reconcile", ()).status == "ok"
    with pytest.raises(ToolFailed, match="not failed in this attempt"):
        asked.call("run", ("features", "train"))
    assert len(asked.double.retried) == 1


def test_an_answer_that_is_lost_is_asked_again_with_the_same_token(asked: Asked) -> None:
    deadline = Deadline(FixedClock(NOW), 60)
    run = asked.jobs.runs(PIPELINE, 1, deadline)[0]
    asked.jobs.run_again(run, "features", deadline)
    token = asked.double.asked[-1][1]["ClientRequestToken"]
    # What SageMaker would have answered lately, before the steps show the retry.
    for step in asked.double._steps[run.id]:
        if step["StepName"] == "features":
            step |= {"StepStatus": "Failed", "AttemptCount": 2}
    asked.jobs.run_again(run, "features", deadline)
    assert asked.double.asked[-1][1]["ClientRequestToken"] == token
    assert len(asked.double.retried) == 1


def test_what_is_not_declared_safe_is_not_retried(asked: Asked) -> None:
    with pytest.raises(ToolFailed, match="1 of 2 tasks that would run again are not declared safe"):
        asked.call("run", ("features",))
    with pytest.raises(ToolFailed, match="not failed in this attempt"):
        asked.call("run", ("*",), task="extract", attempt=1)
    assert not asked.double.retried


def test_a_right_that_is_missing_is_an_error(tmp_path: Path, key: None) -> None:
    double = sagemaker_server(NOW.replace(hour=2), 2)
    double._forbidden.add("ListPipelineExecutionSteps")
    jobs, deadline = sagemaker_of(double.url, tmp_path), Deadline(FixedClock(NOW), 60)
    with pytest.raises(BackendError, match="forbids us this"):
        jobs.tasks(jobs.runs(PIPELINE, 1, deadline)[0], deadline)
    double.close()


def test_steps_are_read_out_of_a_definition() -> None:
    steps = [
        {"Name": "load", "Arguments": {}},
        {
            "Name": "good?",
            "Type": "Condition",
            "Arguments": {
                "Conditions": [{"LeftValue": {"Std:JsonGet": {}}, "RightValue": {"Get": "Steps.load.Out"}}],
                "IfSteps": [{"Name": "register", "Arguments": {"Data": {"Get": "Steps.load.Model"}}}],
                "ElseSteps": [{"Name": "stop", "Arguments": {}}],
            },
        },
    ]
    assert upstream_of(json.dumps({"Steps": steps})) == {
        "load": (),
        "good?": ("load",),
        "register": ("load", "good?"),
        "stop": ("good?",),
    }
    assert upstream_of("[1") == upstream_of(None) == upstream_of('{"Steps": 3}') == {}


def test_moto_knows_its_lists_and_definitions(tmp_path: Path, key: None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        url, deadline = f"http://{host}:{port}", Deadline(FixedClock(NOW), 60)
        aws = boto3.client("sagemaker", region_name="eu-west-1", endpoint_url=url)
        definition = json.dumps({"Version": "2020-12-01", "Steps": [{"Name": "train", "Arguments": {}}]})
        role = "arn:aws:iam::123456789012:role/p"
        aws.create_pipeline(
            PipelineName="daily", PipelineDefinition=definition, ClientRequestToken="x" * 32, RoleArn=role
        )
        begun = [
            aws.start_pipeline_execution(PipelineName="daily", ClientRequestToken=letter * 32)["PipelineExecutionArn"]
            for letter in "ab"
        ]
        jobs = sagemaker_of(url, tmp_path)
        assert [each.name for each in jobs.pipelines(deadline)] == ["daily"]
        runs = jobs.runs("daily", 5, deadline)
        assert sorted(each.id for each in runs) == sorted(begun)
        assert {each.state for each in runs} == {"success"}
    finally:
        server.stop()
