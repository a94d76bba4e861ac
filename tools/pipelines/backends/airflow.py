"""Apache Airflow 2 and 3, by their stable REST APIs.

API: Airflow 2 "Stable REST API" 2.9 (`/api/v1`), Airflow 3 "Public API" (`/api/v2`): `/dags`, `/dags/~/dagRuns`,
`…/taskInstances`, `…/logs/{try}`, `/dags/{id}/tasks`, `/dags/{id}/clearTaskInstances`. Both page by `limit` and
`offset` and answer at most 100 entries unless their operator has raised that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.systems.client import Params, SystemClient, json_of, refusal
from ....core.systems.exchange import Place
from ...json_parts import listed, moment, number, part, text
from .airflow_token import Proof
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
    worst,
)
from .settings import AirflowSettings

_PAGE = 100
_MOST_LOG_PAGES = 40
_ANSWER_BYTES = 8_000_000
_NEVER = datetime.fromtimestamp(0, UTC)
_RUN_STATES: Mapping[str, RunState] = {
    "queued": "queued",
    "running": "running",
    "success": "success",
    "failed": "failed",
}
_TASK_STATES: Mapping[str, TaskState] = {
    "scheduled": "queued",
    "queued": "queued",
    "running": "running",
    "restarting": "running",
    "deferred": "running",
    "up_for_reschedule": "running",
    "up_for_retry": "retrying",
    "success": "success",
    "failed": "failed",
    "shutdown": "failed",
    "upstream_failed": "upstream_failed",
    "skipped": "skipped",
    "removed": "skipped",
}
_TRIGGERS: Mapping[str, Trigger] = {
    "scheduled": "schedule",
    "manual": "manual",
    "backfill": "backfill",
    "dataset_triggered": "data",
    "asset_triggered": "data",
    "asset_materialization": "data",
}


class Airflow:
    """Implements `JobSystem` and `Retries`.

    Args:
        client: asks; it must not share answers, for what was cleared is read back.
        settings: of the system.
        proof: gives the `Authorization` header.
    """

    def __init__(self, client: SystemClient, settings: AirflowSettings, proof: Proof) -> None:
        self._client = client
        self._settings = settings
        self._proof = proof
        self._root = "/api/v1" if settings.version == 2 else "/api/v2"
        self._at = Place(client.name, settings)

    @property
    def environment(self) -> str:
        """Where its pipelines run."""
        return self._settings.environment

    @property
    def place(self) -> str:
        """What people call it."""
        return self._client.name

    def pipelines(self, deadline: Deadline) -> tuple[Pipeline, ...]:
        """Its DAGs."""
        found = self._paged("/dags", [("order_by", "dag_id")], "dags", MOST_PIPELINES, deadline)
        return tuple(
            Pipeline(
                text(each, "dag_id"),
                part(each, "is_paused") is True,
                (text(each, "timetable_summary") or text(each, "timetable_description"))[:200],
                moment(each, "next_dagrun_run_after") or moment(each, "next_dagrun_create_after"),
            )
            for each in found
            if text(each, "dag_id")
        )

    def runs(self, pipeline: str | None, limit: int, deadline: Deadline) -> tuple[JobRun, ...]:
        """Its DAG runs."""
        path = f"/dags/{quote(pipeline, safe='') if pipeline is not None else '~'}/dagRuns"
        order = "-execution_date" if self._settings.version == 2 else "-run_after"
        found = self._paged(path, [("order_by", order)], "dag_runs", min(limit, MOST_RUNS), deadline)
        runs = [_run(each) for each in found if text(each, "dag_run_id")]
        return tuple(sorted(runs, key=lambda each: each.due, reverse=True))

    def tasks(self, run: JobRun, deadline: Deadline) -> tuple[TaskRun, ...]:
        """Its task instances, each with the tasks before it."""
        found = self._paged(f"{self._path(run)}/taskInstances", [], "task_instances", MOST_TASKS, deadline)
        upstream = self._upstream(run.pipeline, deadline)
        parts: dict[str, list[TaskRun]] = {}
        for each in found:
            task = _task(each, upstream)
            parts.setdefault(task.name, []).append(task)
        return tuple(worst(several) for several in parts.values())

    def log(self, run: JobRun, task: TaskRun, attempt: int, deadline: Deadline) -> TaskLog | None:
        """The log of a try; it comes in pieces, each with the token of the next."""
        path = f"{self._path(run)}/taskInstances/{quote(task.name, safe='')}/logs/{attempt}"
        asked: list[tuple[str, str]] = [("full_content", "true"), ("map_index", str(task.part))]
        if self._settings.version == 2:
            answer = self._client.get(f"{self._root}{path}", asked, deadline, accept="text/plain")
            if answer.status == 404:
                return None
            if answer.status >= 300:
                raise refusal(self.place, answer.status)
            return tail(answer.content.decode("utf-8", "replace"))
        lines: list[str] = []
        token = ""
        for _ in range(_MOST_LOG_PAGES):
            more = [("token", token)] if token else []
            answer = self._client.get(f"{self._root}{path}", [*asked, *more], deadline)
            if answer.status == 404:
                return None
            document = json_of(self._client, answer)
            lines += _said(document)
            following = text(document, "continuation_token")
            if not following or following == token:
                break
            token = following
        return tail("\n".join(lines)) if lines else None

    def would_run_again(self, run: JobRun, task: str, deadline: Deadline) -> tuple[str, ...]:
        """A dry run of clearing."""
        body = _clearing(run, task, is_dry=True)
        answer = self._client.post_json(self._clear_path(run), body, deadline)
        return _names(json_of(self._client, answer), run)

    def run_again(self, run: JobRun, task: str, deadline: Deadline) -> tuple[str, ...]:
        """Clear; asked once, and never again by itself."""
        seconds = min(self._settings.timeout_s, deadline.left_s)
        if seconds <= 0:
            raise BackendError(f"no time was left to ask {self.place}", remedy="try again")
        headers = {**self._settings.headers, "Accept": "application/json", "Content-Type": "application/json"}
        proof = self._proof()
        if proof is not None:
            headers["Authorization"] = proof.get_secret_value()
        body = json.dumps(_clearing(run, task, is_dry=False)).encode()
        target = f"{self._at.path}{self._clear_path(run)}"
        answer = self._at.ask("POST", target, body, headers, seconds, _ANSWER_BYTES)
        return _names(json_of(self._client, answer), run)

    def _clear_path(self, run: JobRun) -> str:
        return f"{self._root}/dags/{quote(run.pipeline, safe='')}/clearTaskInstances"

    def _path(self, run: JobRun) -> str:
        return f"/dags/{quote(run.pipeline, safe='')}/dagRuns/{quote(run.id, safe='')}"

    def _upstream(self, pipeline: str, deadline: Deadline) -> Mapping[str, tuple[str, ...]]:
        """By task: those right before it. The definition is that of now; a task that has gone since has none."""
        answer = self._client.get(f"{self._root}/dags/{quote(pipeline, safe='')}/tasks", [], deadline)
        if answer.status == 404:
            return {}
        before: dict[str, list[str]] = {}
        for each in listed(json_of(self._client, answer), "tasks"):
            for name in part(each, "downstream_task_ids") or ():
                if isinstance(name, str):
                    before.setdefault(name, []).append(text(each, "task_id"))
        return {name: tuple(sorted(above)) for name, above in before.items()}

    def _paged(self, path: str, params: Params, key: str, most: int, deadline: Deadline) -> Iterator[Mapping[str, Any]]:
        """Entry after entry; a page may be shorter than asked for, as the operator limits it."""
        seen = 0
        while seen < most:
            page = [("limit", str(min(_PAGE, most - seen))), ("offset", str(seen))]
            answer = self._client.get(f"{self._root}{path}", [*params, *page], deadline)
            if answer.status == 404:
                return
            document = json_of(self._client, answer)
            found = list(listed(document, key))[: most - seen]
            if not isinstance(part(document, key), list):
                raise BackendError(f"{self.place} did not answer a list", remedy="check its `url` and `version`")
            yield from found
            seen += len(found)
            if not found or seen >= number(document, "total_entries"):
                return


def _run(each: Mapping[str, Any]) -> JobRun:
    began = moment(each, "start_date")
    due = moment(each, "run_after") or moment(each, "data_interval_end") or moment(each, "logical_date") or began
    versions = list(listed(each, "dag_versions"))
    newest = versions[-1] if versions else {}
    bundle = text(newest, "bundle_version") or text(each, "bundle_version")
    kept = number(newest, "version_number")
    return JobRun(
        text(each, "dag_id"),
        text(each, "dag_run_id"),
        _RUN_STATES.get(text(each, "state"), "other"),
        due or _NEVER,
        began,
        moment(each, "end_date"),
        _TRIGGERS.get(text(each, "run_type"), "other"),
        " ".join(filter(None, (f"v{kept}" if kept else "", bundle[:40]))),
    )


def _task(each: Mapping[str, Any], upstream: Mapping[str, tuple[str, ...]]) -> TaskRun:
    name = text(each, "task_id")
    mapped = part(each, "map_index")
    return TaskRun(
        name,
        _TASK_STATES.get(text(each, "state"), "waiting"),
        number(each, "try_number"),
        moment(each, "start_date"),
        moment(each, "end_date"),
        upstream.get(name, ()),
        # An ExternalTaskSensor says what it waits for among the fields that were rendered for it.
        text(each, "rendered_fields", "external_dag_id") if "Sensor" in text(each, "operator") else "",
        part=mapped if isinstance(mapped, int) and mapped >= 0 else -1,
    )


def _said(document: Any) -> list[str]:
    """The lines of a log of version 3: objects with what happened, each with its errors; or plain texts."""
    content = part(document, "content")
    if isinstance(content, str):
        return content.split("\n")
    lines: list[str] = []
    for each in content if isinstance(content, list) else ():
        if isinstance(each, str):
            lines.append(each)
            continue
        event, level = text(each, "event"), text(each, "level").upper()
        if event.startswith("::"):  # the folds of its page
            continue
        lines.append(f"{text(each, 'timestamp')} {level} {event}".strip())
        for error in listed(each, "error_detail"):
            for frame in listed(error, "frames"):
                lines.append(
                    f'  File "{text(frame, "filename")}", line {number(frame, "lineno")}, in {text(frame, "name")}'
                )
            lines.append(f"{text(error, 'exc_type')}: {text(error, 'exc_value')}")
    return lines


def _clearing(run: JobRun, task: str, *, is_dry: bool) -> dict[str, Any]:
    """What failed or could not run, from a task on, in one run, and nothing else."""
    return {
        "dry_run": is_dry,
        "dag_run_id": run.id,
        "task_ids": [task],
        "only_failed": True,
        "only_running": False,
        "include_upstream": False,
        "include_downstream": True,
        "include_future": False,
        "include_past": False,
        "reset_dag_runs": True,
    }


def _names(document: Any, run: JobRun) -> tuple[str, ...]:
    """Tasks of an answer to clearing.

    Raises:
        BackendError: a task of another run is among them.
    """
    found: Sequence[Mapping[str, Any]] = list(listed(document, "task_instances"))
    if any(text(each, "dag_run_id") != run.id or text(each, "dag_id") != run.pipeline for each in found):
        raise BackendError("other runs would be cleared as well", remedy="a person has to do this")
    return tuple(dict.fromkeys(text(each, "task_id") for each in found))
