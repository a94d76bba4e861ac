"""Every system that runs pipelines tells of the same runs in the same words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from opswarden.core.clock import Deadline, FixedClock
from opswarden.core.errors import BackendError, InputError
from opswarden.core.systems.client import SystemClient
from opswarden.tests.doubles.airflow_server import PASSWORD, USER
from opswarden.tests.doubles.job_servers import TOKEN, ArgoServer, DatabricksServer
from opswarden.tests.tools.pipelines.airflow_world import BAD, GOOD, NOW, server
from opswarden.tests.tools.pipelines.sagemaker_world import sagemaker_of, sagemaker_server
from opswarden.tools.pipelines.backends.airflow import Airflow
from opswarden.tools.pipelines.backends.airflow_token import TokenProof
from opswarden.tools.pipelines.backends.argo_workflows import ArgoWorkflows
from opswarden.tools.pipelines.backends.databricks import Databricks
from opswarden.tools.pipelines.backends.held_jobs import FileJobs
from opswarden.tools.pipelines.backends.jobs import JobSystem
from opswarden.tools.pipelines.backends.settings import (
    AirflowSettings,
    ArgoWorkflowsSettings,
    DatabricksSettings,
)
from opswarden.tools.pipelines.place import PipelinePlace
from opswarden.tools.pipelines.tools import pipeline_tools
from opswarden.tools.snapshots.schema import TABLES
from opswarden.tools.spec import ToolContext

DUE = NOW.replace(hour=2)
DAYS = 30
STATES = {"extract": "success", "features": "failed", "train": "upstream_failed"}
Made = tuple[JobSystem, Callable[[], None], str]


def deadline() -> Deadline:
    return Deadline(FixedClock(NOW), 60)


def airflow(version: int, folder: Path) -> Made:
    double = server(version)
    settings = AirflowSettings(
        kind="airflow",
        version=version,
        environment="production",
        url=double.url,
        user=USER,
        password_env="JOBS_PASSWORD",
        shared_s=0,
    )
    proof = TokenProof("jobs", settings, FixedClock(NOW))
    client = SystemClient("jobs", settings, folder, clock=FixedClock(NOW), proof=proof)
    return Airflow(client, settings, proof), double.close, "fraud_training"


def argo(folder: Path) -> Made:
    flows, logs = [], {}
    for day in range(DAYS):
        at, is_bad = (DUE - timedelta(days=day)), day == 0
        times = {"startedAt": at.isoformat(), "finishedAt": (at + timedelta(minutes=30)).isoformat()}
        name = f"fraud-{day:03}"
        pods = [f"{name}-f0", f"{name}-f1"] if is_bad else [f"{name}-f0"]
        nodes: dict[str, Any] = {
            name: {"type": "DAG", "displayName": name, "phase": "Failed", "children": [f"{name}-e"]},
            f"{name}-e": {"type": "Pod", "displayName": "extract", "phase": "Succeeded", "children": [f"{name}-f"]},
            f"{name}-f": {
                "type": "Retry",
                "displayName": "features",
                "phase": "Failed" if is_bad else "Succeeded",
                "children": pods,
                "message": "No more retries left" if is_bad else "",
            },
            f"{name}-t": {
                "type": "Skipped" if is_bad else "Pod",
                "displayName": "train",
                "phase": "Omitted" if is_bad else "Succeeded",
            },
        }
        for pod in pods:
            phase, behind = ("Failed" if is_bad else "Succeeded"), ([f"{name}-t"] if pod == pods[-1] else [])
            nodes[pod] = {"type": "Pod", "displayName": f"features({pod[-1]})", "phase": phase, "children": behind}
            logs[pod] = BAD if is_bad else GOOD
        flows.append(
            {
                "metadata": {
                    "name": name,
                    "creationTimestamp": at.isoformat(),
                    "labels": {"workflows.argoproj.io/cron-workflow": "fraud_training"},
                },
                "spec": {},
                "status": {
                    "phase": "Failed" if is_bad else "Succeeded",
                    **times,
                    "nodes": {key: {**times, **each} for key, each in nodes.items()},
                },
            }
        )
    double = ArgoServer(flows, logs)
    settings = ArgoWorkflowsSettings(
        kind="argo-workflows",
        environment="production",
        url=double.url,
        namespace="ml",
        token_env="JOBS_TOKEN",
        shared_s=0,
    )
    return ArgoWorkflows(SystemClient("jobs", settings, folder), settings), double.close, "fraud_training"


def databricks(folder: Path) -> Made:
    def ms(moment: Any) -> int:
        return round(moment.timestamp() * 1_000)

    runs, outputs = [], {}
    for day in range(DAYS):
        at, is_bad = (DUE - timedelta(days=day)), day == 0
        done = {"life_cycle_state": "TERMINATED", "result_state": "SUCCESS"}
        times = {"start_time": ms(at), "end_time": ms(at + timedelta(minutes=30))}
        tasks = [{"task_key": "extract", "run_id": day * 10 + 1, "attempt_number": 0, "state": done, **times}]
        after = {"depends_on": [{"task_key": "extract"}], **times}
        if is_bad:
            failed = {"life_cycle_state": "TERMINATED", "result_state": "FAILED", "state_message": "Workload failed"}
            skipped = {"life_cycle_state": "SKIPPED", "result_state": "UPSTREAM_FAILED"}
            for attempt in (0, 1):
                key = day * 10 + 2 + attempt
                outputs[str(key)] = {"logs": BAD, "error": "KeyError: 'merchant_country'"}
                tasks.append(
                    {"task_key": "features", "run_id": key, "attempt_number": attempt, "state": failed, **after}
                )
            tasks.append({"task_key": "train", "run_id": 4, "state": skipped, "depends_on": [{"task_key": "features"}]})
        else:
            tasks.append({"task_key": "features", "run_id": day * 10 + 2, "attempt_number": 0, "state": done, **after})
            outputs[str(day * 10 + 2)] = {"logs": GOOD}
        runs.append(
            {
                "job_id": 7,
                "run_id": 1_000 + day,
                "run_name": "fraud_training",
                "trigger": "PERIODIC",
                "state": failed if is_bad else done,
                "tasks": tasks,
                **times,
            }
        )
    double = DatabricksServer([{"job_id": 7, "settings": {"name": "fraud_training"}}], runs, outputs)
    settings = DatabricksSettings(
        kind="databricks", environment="production", url=double.url, token_env="JOBS_TOKEN", shared_s=0
    )
    return Databricks(SystemClient("jobs", settings, folder), settings), double.close, "fraud_training #7"


def sagemaker(folder: Path) -> Made:
    double = sagemaker_server(DUE, DAYS)
    return sagemaker_of(double.url, folder), double.close, "fraud_training"


def files(folder: Path) -> Made:
    rows = []
    for day in range(DAYS):
        at, is_bad = (DUE - timedelta(days=day)), day == 0
        run = {"pipeline": "fraud_training", "run": f"r{day:03}", "ts": at, "ended": at + timedelta(minutes=30)}
        rows.append({**run, "task": "", "attempt": 0, "state": "failed" if is_bad else "success"})
        rows.append({**run, "task": "extract", "attempt": 1, "state": "success", "upstream": ""})
        for attempt in (1, 2) if is_bad else (1,):
            state, log = ("failed", BAD) if is_bad else ("success", GOOD)
            rows.append(
                {**run, "task": "features", "attempt": attempt, "state": state, "upstream": "extract", "log": log}
            )
        late: dict[str, Any] = {"ts": None, "ended": None} if is_bad else {}
        state = "upstream_failed" if is_bad else "success"
        rows.append({**run, "task": "train", "attempt": 0, "state": state, "upstream": "features", **late})
    pq.write_table(pa.Table.from_pylist(rows, schema=TABLES["jobs"]), folder / "jobs.parquet")
    return FileJobs(folder, "production", "jobs"), lambda: None, "fraud_training"


MAKERS: dict[str, Callable[[Path], Made]] = {
    "airflow 2": lambda folder: airflow(2, folder),
    "airflow 3": lambda folder: airflow(3, folder),
    "argo": argo,
    "databricks": databricks,
    "sagemaker": sagemaker,
    "files": files,
}


@pytest.fixture(params=MAKERS)
def made(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    monkeypatch.setenv("JOBS_TOKEN", TOKEN)
    monkeypatch.setenv("JOBS_PASSWORD", PASSWORD)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    found = MAKERS[request.param](tmp_path)
    yield found
    found[1]()


def test_runs_and_tasks_are_told_alike(made: Made) -> None:
    jobs, _, name = made
    assert name in {each.name for each in jobs.pipelines(deadline())}
    runs = jobs.runs(name, DAYS - 2, deadline())
    assert len(runs) == DAYS - 2
    assert [each.state for each in runs[:2]] == ["failed", "success"]
    assert (runs[0].due, runs[0].trigger) == (DUE, "schedule")
    assert runs[0].began is not None
    assert jobs.runs("nobody at all", 5, deadline()) == ()
    tasks = {each.name: each for each in jobs.tasks(runs[0], deadline())}
    assert {name: tasks[name].state for name in STATES} == STATES
    assert (tasks["features"].attempt, tasks["features"].upstream) == (2, ("extract",))
    assert tasks["train"].upstream == ("features",)
    log = jobs.log(runs[0], tasks["features"], 2, deadline())
    assert log is not None
    assert "merchant_country" in log.text
    assert jobs.log(runs[0], tasks["features"], 9, deadline()) is None


def test_the_same_cause_is_told_of_each(made: Made) -> None:
    jobs, _, name = made
    place = PipelinePlace("production", lambda: jobs)
    tool = {each.name: each for each in pipeline_tools(place)}["pipelines.why"]
    clock = FixedClock(NOW)
    context = ToolContext("run", "team", clock, Deadline(clock, 60), artifacts=None)  # type: ignore[arg-type]  # not read
    found = tool.run(tool.args(pipeline=name), context).summary
    assert found.task.startswith("features")
    assert found.line is not None
    assert "merchant_country" in found.line
    assert (found.is_new, len(found.attempts), found.is_intermittent) == (True, 2, False)
    assert found.cause in ("code_changed", "input_changed")


def test_a_wrong_credential_and_garbage_are_errors_and_no_empty_answers(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs, close, name = made
    if isinstance(jobs, FileJobs):
        (tmp_path / "jobs.parquet").write_bytes(b"PAR1 no")
        with pytest.raises(InputError):
            FileJobs(tmp_path, "production", "jobs")
        return
    monkeypatch.setenv("JOBS_TOKEN", "another")
    monkeypatch.setenv("JOBS_PASSWORD", "another")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "another")
    if not isinstance(jobs, Airflow):  # an Airflow's token may be minutes old
        with pytest.raises(BackendError, match="does not accept the credential"):
            jobs.runs(name, 5, deadline())
    close()
    with pytest.raises(BackendError):
        jobs.pipelines(Deadline(FixedClock(NOW), 0.5))
