"""Airflow 2 and 3, asked over a socket: what is told of a failed run, and a retry that is safe, shown and read back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError, ToolFailed
from opswarden.core.systems.client import SystemClient
from opswarden.tests.doubles.airflow_server import PASSWORD, USER, AirflowServer
from opswarden.tests.tools.pipelines.airflow_world import NOW, server
from opswarden.tools.pipelines.backends.airflow import Airflow
from opswarden.tools.pipelines.backends.airflow_token import TokenProof
from opswarden.tools.pipelines.backends.settings import AirflowSettings
from opswarden.tools.pipelines.place import PipelinePlace
from opswarden.tools.pipelines.tools import pipeline_tools
from opswarden.tools.pipelines.types import PipelineRule
from opswarden.tools.spec import AnyTool, ToolContext


@dataclass
class Asked:
    double: AirflowServer
    airflow: Airflow
    call: Callable[..., Any]
    tools: dict[str, AnyTool]


@pytest.fixture(params=[2, 3])
def asked(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asked]:
    monkeypatch.setenv("AIRFLOW_PASSWORD", PASSWORD)
    double = server(request.param)
    settings = AirflowSettings(
        kind="airflow",
        version=request.param,
        environment="production",
        url=double.url,
        user=USER,
        password_env="AIRFLOW_PASSWORD",
        shared_s=0,
    )
    clock = FixedClock(NOW)
    proof = TokenProof("airflow", settings, clock)
    airflow = Airflow(SystemClient("airflow", settings, tmp_path, clock=clock, proof=proof), settings, proof)
    rule = PipelineRule(deadline_s=7_200, safe_to_retry=("features", "train", "publish"))
    place = PipelinePlace("production", lambda: airflow, lambda: airflow, {"fraud_training": rule})
    tools = {each.name: each for each in pipeline_tools(place)}

    def call(name: str, verb: str = "run", **args: Any) -> Any:
        context = ToolContext("run_1", "t", clock, Deadline(clock, 60), artifacts=None)  # type: ignore[arg-type]  # not read
        tool = tools[f"pipelines.{name}"]
        return getattr(tool, verb)(tool.args.model_validate(args), context)

    yield Asked(double, airflow, call, tools)
    double.close()


def test_everything_is_read_page_by_page(asked: Asked) -> None:
    deadline = Deadline(FixedClock(NOW), 60)
    assert len(asked.airflow.pipelines(deadline)) == 141
    runs = asked.airflow.runs("fraud_training", 120, deadline)
    assert (len(runs), runs[0].state, runs[0].due) == (120, "failed", NOW.replace(hour=2))
    assert asked.airflow.runs("nobody", 10, deadline) == ()
    status = asked.call("status", limit=5)
    assert (status.summary.pipelines, status.summary.failed, status.summary.never_ran) == (141, 1, 140)
    assert asked.double.tokens_given == (asked.double.version == 3)


def test_a_failure_is_traced_to_its_task_its_line_and_what_changed(asked: Asked) -> None:
    found = asked.call("why").summary
    assert (found.pipeline, found.task, found.consequences) == ("fraud_training", "features[3]", 2)
    assert "KeyError" in found.line
    assert "merchant_country" in found.line
    assert found.is_new
    assert found.good_run == "scheduled__2031-03-13"
    # Only Airflow 3 keeps versions.
    assert found.cause == ("code_changed" if asked.double.version == 3 else "input_changed")
    assert [(each.attempt, each.is_same) for each in found.attempts] == [(2, True), (1, True)]
    assert not found.is_intermittent


def test_a_retry_shows_what_runs_again_and_is_read_back(asked: Asked) -> None:
    args = {"pipeline": "fraud_training", "run": "scheduled__2031-03-14", "task": "features", "attempt": 2}
    shown = asked.call("retry", "preview", **args)
    assert [each.field for each in shown.changes] == ["features", "train", "publish"]
    assert asked.double.cleared == []
    done = asked.call("retry", **args).summary
    assert set(done.tasks) == {"features", "train", "publish"}
    assert done.state == "waiting"
    (body,) = asked.double.cleared
    assert (body["dag_run_id"], body["include_past"], body["include_upstream"]) == (args["run"], False, False)
    assert asked.call("retry", "reconcile", **args).status == "ok"
    with pytest.raises(ToolFailed, match="not failed in this attempt"):
        asked.call("retry", **args)
    assert len(asked.double.cleared) == 1


def test_a_retry_that_is_not_safe_or_out_of_date_clears_nothing(asked: Asked) -> None:
    args = {"pipeline": "fraud_training", "run": "scheduled__2031-03-14", "task": "features", "attempt": 2}
    with pytest.raises(ToolFailed, match="not failed in this attempt"):
        asked.call("retry", **{**args, "attempt": 1})
    with pytest.raises(ToolFailed, match="not failed in this attempt"):
        asked.call("retry", **{**args, "task": "extract"})
    place = PipelinePlace("production", lambda: asked.airflow, lambda: asked.airflow)
    tool = next(each for each in pipeline_tools(place) if each.name == "pipelines.retry")
    clock = FixedClock(NOW)
    context = ToolContext("run_1", "t", clock, Deadline(clock, 60), artifacts=None)  # type: ignore[arg-type]  # not read
    with pytest.raises(ToolFailed, match="3 of 3 tasks that would run again are not declared safe"):
        tool.run(tool.args.model_validate(args), context)
    # An answer that got lost: the tool cannot say, and reading back can.
    asked.double.fails_after_clearing = True
    assert asked.call("retry", "reconcile", **args).status == "no_data"
    with pytest.raises(BackendError):
        asked.call("retry", **args)
    assert asked.call("retry", "reconcile", **args).status == "ok"
    assert len(asked.double.cleared) == 1


def test_garbage_is_no_answer(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked.double, "answer", lambda *_: (200, {"dags": "many", "dag_runs": 7}))
    deadline = Deadline(FixedClock(NOW), 60)
    for ask in (lambda: asked.airflow.pipelines(deadline), lambda: asked.airflow.runs(None, 5, deadline)):
        with pytest.raises(BackendError, match="did not answer a list"):
            ask()
