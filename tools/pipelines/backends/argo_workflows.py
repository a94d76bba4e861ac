"""Argo Workflows, by the REST API of its server; read only.

API: Argo Workflows 3.6, `GET /api/v1/workflows/{namespace}` (`listOptions` with `limit` and `continue`, as Kubernetes
pages), `/api/v1/workflows/{namespace}/{name}` and `…/log` (one JSON object a line). A pipeline is what workflows are
made from: their cron workflow, else their template.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from ....core.clock import Deadline
from ....core.errors import BackendError
from ....core.systems.client import SystemClient, json_of, refusal
from ...json_parts import listed, moment, part, text, texts
from .jobs import MOST_PIPELINES, MOST_RUNS, MOST_TASKS, JobRun, Pipeline, RunState, TaskLog, TaskRun, TaskState, tail
from .settings import ArgoWorkflowsSettings

_PAGE = 100
_NEVER = datetime.fromtimestamp(0, UTC)
_CRON, _TEMPLATE = "workflows.argoproj.io/cron-workflow", "workflows.argoproj.io/workflow-template"
_SCHEDULED = "workflows.argoproj.io/scheduled-time"
_RUN_STATES: Mapping[str, RunState] = {
    "": "queued",
    "Pending": "queued",
    "Running": "running",
    "Succeeded": "success",
    "Failed": "failed",
    "Error": "failed",
}
_TASK_STATES: Mapping[str, TaskState] = {
    "Pending": "queued",
    "Running": "running",
    "Succeeded": "success",
    "Failed": "failed",
    "Error": "failed",
    "Skipped": "skipped",
    "Omitted": "upstream_failed",
}


class ArgoWorkflows:
    """Implements `JobSystem`.

    Args:
        client: asks.
        settings: of the server.
    """

    def __init__(self, client: SystemClient, settings: ArgoWorkflowsSettings) -> None:
        self._client = client
        self._settings = settings
        self._root = f"/api/v1/workflows/{settings.namespace}"

    @property
    def environment(self) -> str:
        """Where its workflows run."""
        return self._settings.environment

    @property
    def place(self) -> str:
        """What people call it."""
        return self._client.name

    def pipelines(self, deadline: Deadline) -> tuple[Pipeline, ...]:
        """What the workflows that are kept were made from."""
        names = sorted({run.pipeline for run in self.runs(None, MOST_RUNS, deadline)})
        return tuple(Pipeline(name) for name in names[:MOST_PIPELINES])

    def runs(self, pipeline: str | None, limit: int, deadline: Deadline) -> tuple[JobRun, ...]:
        """Its workflows."""
        runs = [_run(each) for each in self._workflows(deadline)]
        mine = [each for each in runs if each is not None and pipeline in (None, each.pipeline)]
        return tuple(sorted(mine, key=lambda each: each.due, reverse=True)[:limit])

    def tasks(self, run: JobRun, deadline: Deadline) -> tuple[TaskRun, ...]:
        """Its pods; of one that was retried the newest, and what came before it."""
        answer = self._client.get(f"{self._root}/{quote(run.id, safe='')}", [], deadline)
        if answer.status == 404:
            return ()
        return _tasks(part(json_of(self._client, answer), "status", "nodes"))

    def log(self, run: JobRun, task: TaskRun, attempt: int, deadline: Deadline) -> TaskLog | None:
        """What the pod of an attempt wrote; pods of earlier attempts are known by the key of the task."""
        pods = task.log_key.split(",")
        if not 0 < attempt <= len(pods) or not pods[attempt - 1]:
            return None
        asked = [("podName", pods[attempt - 1]), ("logOptions.container", "main")]
        answer = self._client.get(f"{self._root}/{quote(run.id, safe='')}/log", asked, deadline)
        if answer.status == 404:
            return None
        if answer.status >= 300:
            raise refusal(self.place, answer.status)
        lines = []
        for line in answer.content.decode("utf-8", "replace").split("\n"):
            try:
                lines.append(text(json.loads(line), "result", "content"))
            except (ValueError, RecursionError):
                continue
        return tail("\n".join(lines)) if lines else None

    def _workflows(self, deadline: Deadline) -> Iterator[Mapping[str, Any]]:
        following, seen = "", 0
        while seen < MOST_RUNS:
            more = [("listOptions.continue", following)] if following else []
            answer = self._client.get(self._root, [("listOptions.limit", str(_PAGE)), *more], deadline)
            document = json_of(self._client, answer)
            if not isinstance(part(document, "items"), list | None):
                raise BackendError(f"{self.place} did not answer a list", remedy="check its `url`")
            found = list(listed(document, "items"))
            yield from found
            seen += len(found)
            following = text(document, "metadata", "continue")
            if not following or not found:
                return


def _run(each: Mapping[str, Any]) -> JobRun | None:
    labels = texts(each, "metadata", "labels")
    pipeline = labels.get(_CRON) or labels.get(_TEMPLATE) or text(each, "spec", "workflowTemplateRef", "name")
    name = text(each, "metadata", "name")
    if not pipeline or not name:
        return None
    made = moment(each, "metadata", "creationTimestamp")
    return JobRun(
        pipeline,
        name,
        _RUN_STATES.get(text(each, "status", "phase"), "other"),
        moment(texts(each, "metadata", "annotations"), _SCHEDULED) or made or _NEVER,
        moment(each, "status", "startedAt"),
        moment(each, "status", "finishedAt"),
        "schedule" if _CRON in labels else "manual",
        labels.get("app.kubernetes.io/version", "")[:80],
    )


def _tasks(nodes: Any) -> tuple[TaskRun, ...]:
    """Pods as tasks. A retried one is a node of its own over the pods of its attempts; what is between is no task."""
    known = (
        {key: each for key, each in nodes.items() if isinstance(each, Mapping)} if isinstance(nodes, Mapping) else {}
    )
    attempts = {
        key: [child for child in _children(each) if _is_attempt(known.get(child), each)]
        for key, each in known.items()
        if text(each, "type") == "Retry"
    }
    inside = {pod for pods in attempts.values() for pod in pods}
    units = [
        key for key, each in known.items() if (text(each, "type") in ("Pod", "Retry", "Skipped") and key not in inside)
    ]
    before = {unit: set[str]() for unit in units}
    for unit in units:
        last = attempts.get(unit, [])[-1:] or [unit]
        for child in {name for key in (unit, *last) for name in _reached(known, key, set(units) | inside)} - {unit}:
            if child in before and child not in attempts.get(unit, []):
                before[child].add(text(known[unit], "displayName"))
    found = []
    for unit in units[:MOST_TASKS]:
        each, pods = known[unit], attempts.get(unit) or [unit]
        found.append(
            TaskRun(
                text(each, "displayName") or unit,
                _TASK_STATES.get(text(each, "phase"), "waiting"),
                len(pods),
                moment(each, "startedAt"),
                moment(each, "finishedAt"),
                tuple(sorted(before[unit])),
                said=text(known.get(pods[-1], each), "message") or text(each, "message"),
                log_key=",".join(pods),
            )
        )
    return tuple(found)


def _is_attempt(node: Any, of: Any) -> bool:
    """Attempts have the name of their node, and their number in brackets."""
    return text(node, "type") == "Pod" and text(node, "displayName").startswith(f"{text(of, 'displayName')}(")


def _children(node: Any) -> list[str]:
    found = part(node, "children")
    return [name for name in found if isinstance(name, str)] if isinstance(found, list) else []


def _reached(nodes: Mapping[str, Any], key: str, stops: set[str]) -> set[str]:
    """The next tasks below a node, through nodes that only hold others together."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = _children(nodes.get(key))
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        if name in stops:
            found.add(name)
        else:
            waiting += _children(nodes.get(name))
    return found
