"""Pipelines of Amazon SageMaker, by its API: executions, their steps, what a job wrote, and a retry.

API: `ListPipelines`, `ListPipelineExecutions`, `DescribePipelineDefinitionForExecution`, `ListPipelineExecutionSteps`
and `RetryPipelineExecution` of the SageMaker API reference, pages of 100 by `NextToken`; `DescribeLogStreams` and
`GetLogEvents` of CloudWatch Logs. Times are seconds since the epoch.

Steps that never began are in no list: they are read out of the definition that the execution ran with, from which also
comes what they wait for. SageMaker does not say in lists who began an execution, so each counts as scheduled, and it
keeps the job of a step's newest attempt only. A retry is one of the whole execution: every step that failed, and
whatever did not run behind it; steps that succeeded are not run again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ....core.clock import Deadline
from ....core.systems.aws_api import AwsApi, AwsRefused
from ...json_parts import listed, number, part, text
from .jobs import (
    MOST_PIPELINES,
    MOST_RUNS,
    MOST_TASKS,
    JobRun,
    Pipeline,
    RunState,
    TaskLog,
    TaskRun,
    TaskState,
    tail,
)
from .settings import SagemakerPipelinesSettings

_PAGE = 100
_MOST_ASKED = 100
"""Of all pipelines, those that ran last are asked for their executions."""
_EACH = 25
_MOST_LINES = 10_000
_NAMED = re.compile(r'"Get": "Steps\.([A-Za-z0-9_-]+)')
_RUNS: Mapping[str, RunState] = {
    "Executing": "running",
    "Stopping": "running",
    "Succeeded": "success",
    "Failed": "failed",
    "CompletedWithFailures": "failed",
}
_STEPS: Mapping[str, TaskState] = {
    "Starting": "queued",
    "Executing": "running",
    "Stopping": "running",
    "Stopped": "skipped",
    "Failed": "failed",
    "Succeeded": "success",
}
_GROUPS = {
    "TrainingJob": "/aws/sagemaker/TrainingJobs",
    "ProcessingJob": "/aws/sagemaker/ProcessingJobs",
    "TransformJob": "/aws/sagemaker/TransformJobs",
}


class SagemakerPipelines:
    """Implements `JobSystem` and `Retries`. A run is known by its ARN.

    Args:
        api: SageMaker.
        logs: CloudWatch Logs of the same account and region.
        settings: of the account.
    """

    def __init__(self, api: AwsApi, logs: AwsApi, settings: SagemakerPipelinesSettings) -> None:
        self._api, self._logs, self._settings = api, logs, settings

    @property
    def environment(self) -> str:
        """Where they run."""
        return self._settings.environment

    @property
    def place(self) -> str:
        """What people call it."""
        return self._api.client.name

    def pipelines(self, deadline: Deadline) -> tuple[Pipeline, ...]:
        """By name; who begins them is in another service."""
        found = self._paged("ListPipelines", {}, "PipelineSummaries", MOST_PIPELINES, deadline)
        return tuple(sorted((Pipeline(text(each, "PipelineName")) for each in found), key=lambda each: each.name))

    def runs(self, pipeline: str | None, limit: int, deadline: Deadline) -> tuple[JobRun, ...]:
        """Executions of one, or of those pipelines that ran last."""
        most = min(limit, MOST_RUNS)
        if pipeline is not None:
            return self._executions(pipeline, most, deadline)
        by_last = {"SortBy": "LastExecutionTime", "SortOrder": "Descending"}
        known = self._paged("ListPipelines", by_last, "PipelineSummaries", _MOST_ASKED, deadline)
        names = [text(each, "PipelineName") for each in known if part(each, "LastExecutionTime") is not None]
        found = [run for name in names for run in self._executions(name, min(most, _EACH), deadline)]
        return tuple(sorted(found, key=lambda each: each.due, reverse=True)[:most])

    def tasks(self, run: JobRun, deadline: Deadline) -> tuple[TaskRun, ...]:
        """Steps of the definition, those that began with how they went."""
        try:
            began = self._paged(
                "ListPipelineExecutionSteps",
                {"PipelineExecutionArn": run.id},
                "PipelineExecutionSteps",
                MOST_TASKS,
                deadline,
            )
            told = {text(each, "StepName"): each for each in began}
            asked = {"PipelineExecutionArn": run.id}
            definition, _ = self._api.ask("DescribePipelineDefinitionForExecution", asked, deadline)
        except AwsRefused as error:
            if error.kind == "absent":
                return ()
            raise
        before = upstream_of(definition.get("PipelineDefinition"))
        before |= {name: () for name in told if name not in before}
        states: dict[str, TaskState] = {
            name: _STEPS.get(text(each, "StepStatus"), "waiting") for name, each in told.items()
        }
        return tuple(
            _task(name, before[name], told.get(name, {}), _state_of(name, before, states, run.state))
            for name in list(before)[:MOST_TASKS]
        )

    def log(self, run: JobRun, task: TaskRun, attempt: int, deadline: Deadline) -> TaskLog | None:
        """The end of what the job of the newest attempt wrote."""
        group, _, job = task.log_key.partition("|")
        if attempt != task.attempt or not job:
            return None
        try:
            streams, _ = self._logs.ask(
                "DescribeLogStreams", {"logGroupName": group, "logStreamNamePrefix": f"{job}/"}, deadline
            )
            lines = [
                (number(event, "timestamp"), text(event, "message"))
                for stream in list(listed(streams, "logStreams"))[:8]
                for event in self._events(group, text(stream, "logStreamName"), deadline)
            ]
        except AwsRefused as error:
            if error.kind == "absent":
                return None
            raise
        lines.sort(key=lambda line: line[0])
        return tail("\n".join(message for _, message in lines)) if lines else None

    def would_run_again(self, run: JobRun, task: str, deadline: Deadline) -> tuple[str, ...]:
        """Every step of the execution that failed, and what never ran behind them; no step if it cannot be retried."""
        tasks = self.tasks(run, deadline)
        again = tuple(each.name for each in tasks if each.state in ("failed", "upstream_failed", "skipped"))
        is_failed = any(each.name == task and each.state == "failed" for each in tasks)
        return again if is_failed and run.state == "failed" else ()

    def run_again(self, run: JobRun, task: str, deadline: Deadline) -> tuple[str, ...]:
        """`RetryPipelineExecution`, with a token that is the same for the same failures: it happens once."""
        tasks = self.tasks(run, deadline)
        failed = sorted(f"{each.name} {each.attempt}" for each in tasks if each.state == "failed")
        again = self.would_run_again(run, task, deadline)
        token = hashlib.sha256("\n".join((run.id, *failed)).encode()).hexdigest()
        asked = {"PipelineExecutionArn": run.id, "ClientRequestToken": token}
        self._api.ask("RetryPipelineExecution", asked, deadline)
        return again

    def _executions(self, pipeline: str, most: int, deadline: Deadline) -> tuple[JobRun, ...]:
        asked = {"PipelineName": pipeline, "SortBy": "CreationTime", "SortOrder": "Descending"}
        try:
            found = self._paged("ListPipelineExecutions", asked, "PipelineExecutionSummaries", most, deadline)
            return tuple(_run(pipeline, each) for each in found)
        except AwsRefused as error:
            if error.kind == "absent":
                return ()
            raise

    def _events(self, group: str, stream: str, deadline: Deadline) -> Iterator[Mapping[str, Any]]:
        asked = {"logGroupName": group, "logStreamName": stream, "startFromHead": False, "limit": _MOST_LINES}
        found, _ = self._logs.ask("GetLogEvents", asked, deadline)
        return listed(found, "events")

    def _paged(
        self, operation: str, asked: Mapping[str, Any], key: str, most: int, deadline: Deadline
    ) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        token: dict[str, str] = {}
        while len(found) < most:
            question = {**asked, "MaxResults": min(_PAGE, most - len(found)), **token}
            page, _ = self._api.ask(operation, question, deadline)
            found += listed(page, key)
            following = page.get("NextToken")
            if not isinstance(following, str) or not following or token.get("NextToken") == following:
                break
            token = {"NextToken": following}
        return found[:most]


def upstream_of(definition: Any) -> dict[str, tuple[str, ...]]:
    """Steps of a definition in its order, each with those right before it: named, used, or the branch it lies in."""
    try:
        document = json.loads(definition) if isinstance(definition, str) else {}
    except (ValueError, RecursionError):
        return {}
    found: dict[str, tuple[str, ...]] = {}
    waiting = [(each, "") for each in listed(document, "Steps")][::-1]
    while waiting and len(found) < MOST_TASKS:
        step, parent = waiting.pop()
        name = text(step, "Name")
        inside = [each for key in ("IfSteps", "ElseSteps") for each in listed(step, "Arguments", key)]
        arguments = {key: value for key, value in (part(step, "Arguments") or {}).items() if key not in _BRANCHES}
        used = _NAMED.findall(json.dumps(arguments))
        named = [each for each in part(step, "DependsOn") or () if isinstance(each, str)]
        found[name] = tuple(dict.fromkeys(each for each in (*named, *used, parent) if each and each != name))
        waiting += [(each, name) for each in inside[::-1]]
    return found


_BRANCHES = ("IfSteps", "ElseSteps")


def _state_of(
    name: str, before: Mapping[str, tuple[str, ...]], states: dict[str, TaskState], run: RunState
) -> TaskState:
    """Of a step in no list: behind a failure, or of a branch that was not taken, or not begun yet."""
    if name in states:
        return states[name]
    states[name] = "waiting"  # a circle ends here
    behind = [_state_of(each, before, states, run) for each in before.get(name, ())]
    if any(each in ("failed", "upstream_failed") for each in behind):
        states[name] = "upstream_failed"
    elif run in ("success", "failed", "other"):
        states[name] = "skipped"
    return states[name]


def _run(pipeline: str, each: Mapping[str, Any]) -> JobRun:
    began = _moment(each, "StartTime") or datetime.fromtimestamp(0, UTC)
    state = _RUNS.get(text(each, "PipelineExecutionStatus"), "other")
    return JobRun(pipeline, text(each, "PipelineExecutionArn"), state, began, began)


def _task(name: str, upstream: tuple[str, ...], told: Mapping[str, Any], state: TaskState) -> TaskRun:
    jobs = ((kind, text(told, "Metadata", kind, "Arn").rpartition("/")[2]) for kind in _GROUPS)
    key = next((f"{_GROUPS[kind]}|{job}" for kind, job in jobs if job), "")
    return TaskRun(
        name,
        state,
        max(number(told, "AttemptCount"), 1) if told else 0,
        _moment(told, "StartTime"),
        _moment(told, "EndTime"),
        upstream,
        said=text(told, "FailureReason"),
        log_key=key,
    )


def _moment(each: Mapping[str, Any], key: str) -> datetime | None:
    found = part(each, key)
    is_number = isinstance(found, int | float) and not isinstance(found, bool)
    return datetime.fromtimestamp(found, UTC) if is_number and 0 < found < 253_402_300_800 else None
