"""What a system that runs pipelines has to be able to tell, and the one thing that may be done to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from ....core.clock import Deadline

RunState = Literal["queued", "running", "success", "failed", "other"]
TaskState = Literal["waiting", "queued", "running", "retrying", "success", "failed", "upstream_failed", "skipped"]
"""`waiting`: not begun. `retrying`: failed, and the system tries again by itself."""
Trigger = Literal["schedule", "data", "manual", "backfill", "other"]

MOST_PIPELINES = 1_000
MOST_RUNS = 500
MOST_TASKS = 2_000
LOG_LIMIT = 400_000
"""Characters of one log; of a longer one the end, where errors stand."""


@dataclass(frozen=True)
class Pipeline:
    """A pipeline as its system knows it.

    Args:
        name: of the pipeline.
        is_paused: whether its schedule is off.
        schedule: in the system's words; empty if it has none.
        next_start: when the system will begin the next run; `None` if it does not say.
    """

    name: str
    is_paused: bool = False
    schedule: str = ""
    next_start: datetime | None = None


@dataclass(frozen=True)
class JobRun:
    """One run of a pipeline.

    Args:
        pipeline: its name.
        id: of the run, as its system has it.
        due: the moment it was to begin.
        version: of the code or the definition that ran; empty if the system does not keep one.
    """

    pipeline: str
    id: str
    state: RunState
    due: datetime
    began: datetime | None = None
    ended: datetime | None = None
    trigger: Trigger = "schedule"
    version: str = ""


@dataclass(frozen=True)
class TaskRun:
    """One task of a run; of a task with many parts the part that is worst off.

    Args:
        name: of the task.
        attempt: the newest, from 1; 0 if it has not begun.
        upstream: tasks that come right before it.
        waits_for: the pipeline that it waits for, if that is what it does.
        said: what the system itself says of its failure.
        part: number of the part that is told of; -1 if it has none.
        log_key: by which the backend finds its log.
    """

    name: str
    state: TaskState
    attempt: int = 0
    began: datetime | None = None
    ended: datetime | None = None
    upstream: tuple[str, ...] = ()
    waits_for: str = ""
    said: str = ""
    part: int = -1
    log_key: str = ""


@dataclass(frozen=True)
class TaskLog:
    """The log of one attempt.

    Args:
        text: the end of it, at most `LOG_LIMIT` characters.
        is_cut: whether more was written.
    """

    text: str
    is_cut: bool = False


class JobSystem(Protocol):
    """A system that runs pipelines, asked with the credential of one environment. Methods raise `BackendError`."""

    @property
    def environment(self) -> str:
        """The environment its credential reaches."""
        ...

    @property
    def place(self) -> str:
        """What people call it."""
        ...

    def pipelines(self, deadline: Deadline) -> tuple[Pipeline, ...]:
        """The pipelines by name, at most `MOST_PIPELINES`."""
        ...

    def runs(self, pipeline: str | None, limit: int, deadline: Deadline) -> tuple[JobRun, ...]:
        """The newest runs of a pipeline, or of all, the newest first; none if there is no such pipeline."""
        ...

    def tasks(self, run: JobRun, deadline: Deadline) -> tuple[TaskRun, ...]:
        """The tasks of a run, at most `MOST_TASKS`."""
        ...

    def log(self, run: JobRun, task: TaskRun, attempt: int, deadline: Deadline) -> TaskLog | None:
        """What an attempt of a task wrote; `None` if nothing is kept."""
        ...


@runtime_checkable
class Retries(Protocol):
    """A system whose failed tasks can be cleared, so that they run again. Raises `BackendError`."""

    def would_run_again(self, run: JobRun, task: str, deadline: Deadline) -> tuple[str, ...]:
        """What clearing a failed task would run again: itself, and what failed or never ran behind it."""
        ...

    def run_again(self, run: JobRun, task: str, deadline: Deadline) -> tuple[str, ...]:
        """Clear it; the tasks that were cleared."""
        ...


def tail(text: str) -> TaskLog:
    """The end of a log, from the beginning of a line."""
    if len(text) <= LOG_LIMIT:
        return TaskLog(text)
    return TaskLog(text[-LOG_LIMIT:].partition("\n")[2], is_cut=True)


def worst(parts: Sequence[TaskRun]) -> TaskRun:
    """Of the parts of a task, the one that is worst off; the first of several."""
    return min(parts, key=lambda each: (_WORST.index(each.state), each.part))


_WORST: tuple[TaskState, ...] = (
    "failed",
    "upstream_failed",
    "retrying",
    "running",
    "queued",
    "waiting",
    "skipped",
    "success",
)
