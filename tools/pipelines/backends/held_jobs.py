"""Runs of pipelines as rows of a table: in a snapshot, or in a folder of its own.

A row is a run where `task` is empty, else an attempt of a task. `attributes` of a run hold `version`, `trigger`,
`schedule` and `due` (RFC 3339) where they are known, those of a task `waits_for` and `said`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from ....core.clock import Deadline
from ...json_parts import moment
from ...snapshots.schema import TABLES, TIME_COLUMN
from ...table_folder import TableFolder
from .jobs import MOST_PIPELINES, MOST_TASKS, JobRun, Pipeline, RunState, TaskLog, TaskRun, TaskState, Trigger, tail

_RUNS: Mapping[str, RunState] = {"queued": "queued", "running": "running", "success": "success", "failed": "failed"}
_TASKS: Mapping[str, TaskState] = {
    name: name
    for name in ("waiting", "queued", "running", "retrying", "success", "failed", "upstream_failed", "skipped")
}
_TRIGGERS: Mapping[str, Trigger] = {name: name for name in ("schedule", "data", "manual", "backfill")}


class Asked(Protocol):
    """What can be queried: a snapshot, a folder."""

    def query(
        self, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = (), deadline: Deadline | None = None
    ) -> pa.Table: ...


class HeldJobs:
    """Implements `JobSystem` over the table `jobs`.

    Args:
        tables: holds it.
        environment: of what ran.
        place: what people call it.
        until: rows that begin later are not told; nothing is later unless given.
    """

    def __init__(self, tables: Asked, environment: str, place: str, until: datetime | None = None) -> None:
        self._tables, self._environment, self._place = tables, environment, place
        self._until = until

    @property
    def environment(self) -> str:
        """Where they ran."""
        return self._environment

    @property
    def place(self) -> str:
        """What people call it."""
        return self._place

    def pipelines(self, deadline: Deadline) -> tuple[Pipeline, ...]:
        """Every name with a run."""
        sql = f"""
            SELECT pipeline, arg_max(attributes['schedule'], ts) AS schedule,
                   arg_max(attributes['paused'], ts) AS paused
            FROM jobs WHERE task = '' AND {_NOT_LATER} GROUP BY pipeline ORDER BY pipeline LIMIT {MOST_PIPELINES}
        """  # noqa: S608 - all parts are ours
        found = self._tables.query(sql, {"until": self._until}, deadline).to_pylist()
        return tuple(Pipeline(each["pipeline"], each["paused"] == "true", each["schedule"] or "") for each in found)

    def runs(self, pipeline: str | None, limit: int, deadline: Deadline) -> tuple[JobRun, ...]:
        """Rows without a task."""
        sql = f"""
            SELECT * EXCLUDE (log) FROM jobs
            WHERE task = '' AND ($pipeline::VARCHAR IS NULL OR pipeline = $pipeline) AND {_NOT_LATER}
            ORDER BY ts DESC, run DESC LIMIT $limit
        """  # noqa: S608 - all parts are ours
        where = {"pipeline": pipeline, "limit": limit, "until": self._until}
        return tuple(_run(each, self._until) for each in self._tables.query(sql, where, deadline).to_pylist())

    def tasks(self, run: JobRun, deadline: Deadline) -> tuple[TaskRun, ...]:
        """The newest attempt of each task."""
        sql = f"""
            SELECT * EXCLUDE (log) FROM jobs
            WHERE task <> '' AND pipeline = $pipeline AND run = $run AND (ts IS NULL OR {_NOT_LATER})
            QUALIFY row_number() OVER (PARTITION BY task ORDER BY attempt DESC) = 1
            ORDER BY ts NULLS LAST, task LIMIT {MOST_TASKS}
        """  # noqa: S608 - all parts are ours
        where = {"pipeline": run.pipeline, "run": run.id, "until": self._until}
        return tuple(_task(each) for each in self._tables.query(sql, where, deadline).to_pylist())

    def log(self, run: JobRun, task: TaskRun, attempt: int, deadline: Deadline) -> TaskLog | None:
        """The column `log` of an attempt."""
        sql = """
            SELECT log FROM jobs
            WHERE pipeline = $pipeline AND run = $run AND task = $task AND attempt = $attempt LIMIT 1
        """
        where = {"pipeline": run.pipeline, "run": run.id, "task": task.name, "attempt": attempt}
        found = self._tables.query(sql, where, deadline)["log"].to_pylist()
        return tail(found[0]) if found and found[0] else None


class FileJobs(HeldJobs):
    """The same from a folder with `jobs.parquet`.

    Raises:
        InputError: it is no such folder, or the file cannot be used.
    """

    def __init__(self, folder: Path, environment: str, place: str) -> None:
        tables = TableFolder(folder, "folder", memory_limit_mb=400, threads=1)
        tables.add("jobs", [folder / "jobs.parquet"], TABLES["jobs"], time_column=TIME_COLUMN["jobs"])
        super().__init__(tables, environment, place)


_NOT_LATER = "($until::TIMESTAMPTZ IS NULL OR ts < $until)"


def _run(row: Mapping[str, Any], until: datetime | None) -> JobRun:
    facts = dict(row["attributes"] or ())
    state, ended = _RUNS.get(row["state"] or "", "other"), row["ended"]
    if until is not None and ended is not None and ended > until:
        state, ended = "running", None
    return JobRun(
        row["pipeline"],
        row["run"],
        state,
        moment(facts, "due") or row["ts"],
        None if state == "queued" else row["ts"],
        ended,
        _TRIGGERS.get(facts.get("trigger", "schedule"), "other"),
        facts.get("version", "")[:80],
    )


def _task(row: Mapping[str, Any]) -> TaskRun:
    facts = dict(row["attributes"] or ())
    return TaskRun(
        row["task"],
        _TASKS.get(row["state"] or "", "waiting"),
        int(row["attempt"] or 0),
        row["ts"],
        row["ended"],
        tuple(name for name in (row["upstream"] or "").split(",") if name),
        facts.get("waits_for", "")[:250],
        facts.get("said", "")[:1_024],
    )
