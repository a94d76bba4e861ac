"""`jobs.parquet`: runs of the pipelines that write features, train and report; one that hangs goes on and on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from ...tools.snapshots.writer import SnapshotWriter
from .model import World
from .signals import BATCH_PERIOD_S
from .timeline import SECOND_US, moment

_MOST_RUNS = 150
_DAYS = 12
_HOLDS_S = 240.0
"""How long the pipeline of features works on a run, of the ten minutes that it has."""


@dataclass(frozen=True)
class _Kind:
    """A pipeline that runs once a day.

    Args:
        hour: of UTC.
        length_s: how long it takes.
        tasks: one after the other.
    """

    hour: int
    length_s: float
    tasks: tuple[str, ...]


_DAILY = {
    "model-trainer": _Kind(3, 2_700.0, ("extract", "train", "evaluate", "register")),
    "report-builder": _Kind(5, 1_300.0, ("collect", "render", "send")),
}
_FEATURES = ("wait_for_orders", "aggregate", "write")
Row = dict[str, object]


def write_jobs(world: World, writer: SnapshotWriter) -> int:
    """Write a row for each run and for each of its tasks; returns how many."""
    rows = [*_features(world), *(row for name, kind in _DAILY.items() for row in _nightly(world, name, kind))]
    names = ("ts", "pipeline", "run", "task", "attempt", "state", "ended", "upstream", "log", "attributes")
    writer.write("jobs", {name: [row[name] for row in rows] for name in names})
    return len(rows)


def _features(world: World) -> Iterator[Row]:
    """A run for each time that the features became young again; one more that has not ended."""
    timeline, rng = world.timeline, world.streams.of("jobs", "feature-batch")
    age = world.signals.age_s["feature-batch"]
    ends = (np.flatnonzero(np.diff(age) < -BATCH_PERIOD_S / 3) + 1)[-_MOST_RUNS:]
    number = int(rng.integers(20_000, 60_000))
    last_us = timeline.start_us
    for step in ends.tolist():
        last_us = timeline.start_us + step * timeline.step_us
        length_s = _HOLDS_S * float(np.exp(rng.normal(0, 0.06)))
        number += 1
        yield from _run(
            "feature-batch", f"r-{number}", last_us - int(length_s * SECOND_US), length_s, _FEATURES, _EVERY
        )
    begun_us = last_us + int((BATCH_PERIOD_S - _HOLDS_S) * SECOND_US)
    if begun_us < timeline.end_us:
        at = 0 if world.forces.acts("load_delay", "warehouse") else 1
        lines = "waiting for the partition of the orders table" if at == 0 else "read 41 partitions"
        yield from _hanging(f"r-{number + 1}", begun_us, at, lines)


def _nightly(world: World, name: str, kind: _Kind) -> Iterator[Row]:
    """Twelve nights that went well; one of the reports failed, and was run again by hand."""
    rng = world.streams.of("jobs", name)
    midnight = moment(world.timeline.end_us).replace(hour=0, minute=0, second=0, microsecond=0)
    version = f"{int(rng.integers(2**28)):07x}"
    for back in range(_DAYS, -1, -1):
        due = midnight - timedelta(days=back) + timedelta(hours=kind.hour)
        length_s = kind.length_s * float(np.exp(rng.normal(0, 0.08)))
        due_us = int(due.timestamp()) * SECOND_US
        if due_us + length_s * SECOND_US >= world.timeline.end_us:
            continue
        about = {"schedule": f"0 {kind.hour} * * *", "trigger": "schedule", "version": version}
        run = f"scheduled__{due:%Y-%m-%d}"
        if name == "report-builder" and back == _DAYS // 2:
            yield from _failed(name, run, due_us, kind.tasks, about)
            run, due_us, about = f"manual__{due:%Y-%m-%d}", due_us + 3_600 * SECOND_US, {**about, "trigger": "manual"}
        yield from _run(name, run, due_us, length_s, kind.tasks, about)


_EVERY = {"schedule": "every 10 minutes", "trigger": "schedule"}


def _run(
    name: str, run: str, begun_us: int, length_s: float, tasks: tuple[str, ...], about: dict[str, str]
) -> Iterator[Row]:
    """A run that went well."""
    yield _row(name, run, "", 0, "success", begun_us, begun_us + int(length_s * SECOND_US), about=about)
    step_us = int(length_s * SECOND_US) // len(tasks)
    for place, task in enumerate(tasks):
        start_us = begun_us + place * step_us
        log = f"{moment(start_us):%Y-%m-%dT%H:%M:%SZ} INFO {task} of {run} done"
        upstream = tasks[place - 1] if place else ""
        yield _row(name, run, task, 1, "success", start_us, start_us + step_us, upstream, log)


def _hanging(run: str, begun_us: int, at: int, line: str) -> Iterator[Row]:
    """The run of the features that is under way: well, or stuck without a word of error."""
    yield _row("feature-batch", run, "", 0, "running", begun_us, None, about=_EVERY)
    for place, task in enumerate(_FEATURES):
        state = "success" if place < at else "running" if place == at else "waiting"
        start_us = begun_us + place * 20 * SECOND_US
        log = f"{moment(start_us):%Y-%m-%dT%H:%M:%SZ} INFO {line}" if place == at else None
        ended = start_us + 20 * SECOND_US if place < at else None
        begun = None if state == "waiting" else start_us
        yield _row(
            "feature-batch",
            run,
            task,
            int(begun is not None),
            state,
            begun,
            ended,
            _FEATURES[place - 1] if place else "",
            log,
        )


def _failed(name: str, run: str, begun_us: int, tasks: tuple[str, ...], about: dict[str, str]) -> Iterator[Row]:
    """A run whose first task failed; the others never began."""
    ended_us = begun_us + 90 * SECOND_US
    said = "psycopg.OperationalError: connection to server at warehouse, port 5439 failed: Connection refused"
    log = f"{moment(ended_us):%Y-%m-%dT%H:%M:%SZ} ERROR {said}"
    yield _row(name, run, "", 0, "failed", begun_us, ended_us, about=about)
    for place, task in enumerate(tasks):
        if place:
            yield _row(name, run, task, 0, "upstream_failed", None, None, tasks[place - 1])
        else:
            yield _row(name, run, task, 1, "failed", begun_us, ended_us, "", log)


def _row(
    pipeline: str,
    run: str,
    task: str,
    attempt: int,
    state: str,
    begun_us: int | None,
    ended_us: int | None,
    upstream: str = "",
    log: str | None = None,
    about: dict[str, str] | None = None,
) -> Row:
    return {
        "ts": None if begun_us is None else moment(begun_us),
        "pipeline": pipeline,
        "run": run,
        "task": task,
        "attempt": attempt,
        "state": state,
        "ended": None if ended_us is None else moment(ended_us),
        "upstream": upstream,
        "log": log,
        "attributes": sorted((about or {}).items()),
    }
