"""Jobs of a Databricks workspace, by its REST API; read only.

API: Jobs API 2.1 and 2.2: `jobs/list` (at most 100 entries), `jobs/runs/list` (at most 25), both with `page_token`,
`jobs/runs/get` with the tasks of a run, `jobs/runs/get-output` of a task. Times are milliseconds. A pipeline is a job,
known by its name and number, since two jobs may have one name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.systems.client import Params, SystemClient, json_of
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
    Trigger,
    tail,
)
from .settings import DatabricksSettings

_JOBS, _RUNS = 100, 25
_NEVER = datetime.fromtimestamp(0, UTC)
_NUMBER = re.compile(r" #(\d{1,18})$")
_TRIGGERS: Mapping[str, Trigger] = {
    "PERIODIC": "schedule",
    "CRON": "schedule",
    "ONE_TIME": "manual",
    "RETRY": "manual",
    "RUN_JOB_TASK": "data",
    "FILE_ARRIVAL": "data",
    "TABLE": "data",
}


class Databricks:
    """Implements `JobSystem`.

    Args:
        client: asks.
        settings: of the workspace.
    """

    def __init__(self, client: SystemClient, settings: DatabricksSettings) -> None:
        self._client = client
        self._settings = settings
        self._root = f"/api/{settings.api}/jobs"

    @property
    def environment(self) -> str:
        """Where its jobs run."""
        return self._settings.environment

    @property
    def place(self) -> str:
        """What people call it."""
        return self._client.name

    def pipelines(self, deadline: Deadline) -> tuple[Pipeline, ...]:
        """Its jobs."""
        found = []
        for each in self._paged("/list", [], "jobs", _JOBS, MOST_PIPELINES, deadline):
            cron = text(each, "settings", "schedule", "quartz_cron_expression")
            paused = text(each, "settings", "schedule", "pause_status") == "PAUSED"
            found.append(Pipeline(_name(text(each, "settings", "name"), number(each, "job_id")), paused, cron))
        return tuple(sorted(found, key=lambda each: each.name))

    def runs(self, pipeline: str | None, limit: int, deadline: Deadline) -> tuple[JobRun, ...]:
        """Its runs, the newest first."""
        asked: list[tuple[str, str]] = []
        if pipeline is not None:
            named = _NUMBER.search(pipeline)
            if named is None:
                return ()
            asked = [("job_id", named[1])]
        found = self._paged("/runs/list", asked, "runs", _RUNS, min(limit, MOST_RUNS), deadline)
        return tuple(sorted(map(_run, found), key=lambda each: each.due, reverse=True))

    def tasks(self, run: JobRun, deadline: Deadline) -> tuple[TaskRun, ...]:
        """Its tasks; of each the newest attempt, with the runs of all of them as its key."""
        answer = self._client.get(f"{self._root}/runs/get", [("run_id", run.id)], deadline)
        if answer.status in (400, 404):
            return ()
        attempts: dict[str, list[Mapping[str, Any]]] = {}
        for each in listed(json_of(self._client, answer), "tasks"):
            attempts.setdefault(text(each, "task_key"), []).append(each)
        found = []
        for name, several in attempts.items():
            several.sort(key=lambda each: number(each, "attempt_number"))
            newest = several[-1]
            keys = ",".join(str(number(each, "run_id")) for each in several)
            found.append(_task(name, newest, len(several), keys))
        return tuple(found[:MOST_TASKS])

    def log(self, run: JobRun, task: TaskRun, attempt: int, deadline: Deadline) -> TaskLog | None:
        """What an attempt printed, then its error with the trace."""
        keys = task.log_key.split(",")
        if not 0 < attempt <= len(keys):
            return None
        answer = self._client.get(f"{self._root}/runs/get-output", [("run_id", keys[attempt - 1])], deadline)
        if answer.status in (400, 404):
            return None
        document = json_of(self._client, answer)
        said = [value for key in ("logs", "error_trace", "error") if isinstance(value := part(document, key), str)]
        return tail("\n".join(said)) if said else None

    def _paged(
        self, path: str, params: Params, key: str, size: int, most: int, deadline: Deadline
    ) -> Iterator[Mapping[str, Any]]:
        token, seen = "", 0
        while seen < most:
            more = [("page_token", token)] if token else []
            page = [("limit", str(min(size, most - seen)))]
            document = json_of(self._client, self._client.get(f"{self._root}{path}", [*params, *page, *more], deadline))
            if not isinstance(part(document, key), list | None):
                raise BackendError(f"{self.place} did not answer a list", remedy="check its `url`")
            found = list(listed(document, key))[: most - seen]
            yield from found
            seen += len(found)
            following = text(document, "next_page_token")
            if not following or following == token:
                return
            token = following


def _name(name: str, job: int) -> str:
    return f"{name[:200] or 'job'} #{job}"


def _run(each: Mapping[str, Any]) -> JobRun:
    due = _moment(each, "start_time") or _NEVER
    wait_s = number(each, "queue_duration") / 1_000
    version = text(each, "git_source", "git_snapshot", "used_commit")[:12]
    return JobRun(
        _name(text(each, "run_name"), number(each, "job_id")),
        str(number(each, "run_id")),
        _state(each),
        due,
        due if wait_s == 0 else datetime.fromtimestamp(due.timestamp() + wait_s, UTC),
        _moment(each, "end_time"),
        _TRIGGERS.get(text(each, "trigger"), "other"),
        version,
    )


def _state(each: Mapping[str, Any]) -> RunState:
    life, result = text(each, "state", "life_cycle_state"), text(each, "state", "result_state")
    if life in ("PENDING", "QUEUED", "BLOCKED", "WAITING_FOR_RETRY"):
        return "queued"
    if life in ("RUNNING", "TERMINATING"):
        return "running"
    if result in ("SUCCESS", "SUCCESS_WITH_FAILURES"):
        return "success"
    return "failed" if life == "INTERNAL_ERROR" or result in ("FAILED", "TIMEDOUT", "UPSTREAM_FAILED") else "other"


def _task(name: str, each: Mapping[str, Any], attempts: int, keys: str) -> TaskRun:
    life, result = text(each, "state", "life_cycle_state"), text(each, "state", "result_state")
    states: Mapping[RunState, TaskState] = {"success": "success", "failed": "failed", "running": "running"}
    state: TaskState = states.get(_state(each), "waiting")
    if result == "UPSTREAM_FAILED":
        state = "upstream_failed"
    elif life == "SKIPPED" or result in ("EXCLUDED", "DISABLED"):
        state = "skipped"
    said = text(each, "state", "state_message")
    if result == "TIMEDOUT":
        said = f"TIMEDOUT {said}".strip()
    return TaskRun(
        name,
        state,
        0 if state in ("waiting", "upstream_failed", "skipped") else attempts,
        _moment(each, "start_time"),
        _moment(each, "end_time"),
        tuple(sorted(text(one, "task_key") for one in listed(each, "depends_on"))),
        said=said,
        log_key=keys,
    )


def _moment(each: Mapping[str, Any], key: str) -> datetime | None:
    found = number(each, key)
    return datetime.fromtimestamp(found / 1_000, UTC) if 0 < found < 253_402_300_800_000 else None
