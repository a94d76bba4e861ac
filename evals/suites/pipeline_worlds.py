"""Invented pipelines of a platform, forty days of them, with one planted trouble on the last day or with none.

Five pipelines in a chain as teams have them: ingest, then features of two kinds that wait for it, then a training that
waits for one of these, and a report. What is harmless is there on every day: warnings, attempts that the system
repeated by itself, versions that changed without a failure, a pipeline that is paused, a run mended by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from ...tools.pipelines.types import PipelineRule, Timeliness
from ...tools.snapshots.schema import TABLES

DAYS = 40
FAULTS = (
    "code_changed",
    "input_changed",
    "upstream_failed",
    "upstream_late",
    "resources",
    "killed",
    "credential",
    "dependency",
    "too_slow",
    "own_error",
)
TIMINGS: tuple[Timeliness, ...] = ("stuck", "late", "not_started", "will_be_late")
_START = datetime(2031, 1, 6, tzinfo=UTC)

_NAMES = ("ingest", "card_features", "merchant_features", "fraud_training", "daily_report")
_WAITS = {"card_features": "ingest", "merchant_features": "ingest", "fraud_training": "card_features"}
_TASKS: Mapping[str, tuple[str, ...]] = {
    "ingest": ("list_files", "copy", "load"),
    "card_features": ("wait", "read", "aggregate", "write_offline", "materialize"),
    "merchant_features": ("wait", "read", "aggregate", "write_offline"),
    "fraud_training": ("wait", "sample", "train", "evaluate", "register"),
    "daily_report": ("query", "render"),
}
_HOUR = {"ingest": 1.0, "card_features": 2.0, "merchant_features": 2.2, "fraud_training": 4.0, "daily_report": 6.0}
_MINUTES = {
    "ingest": 25.0,
    "card_features": 40.0,
    "merchant_features": 30.0,
    "fraud_training": 90.0,
    "daily_report": 8.0,
}

_HARMLESS = (
    "WARNING could not find optional file overrides.json, using defaults",
    "WARNING DeprecationWarning: the argument 'inplace' is deprecated",
    "INFO retrying page {n} after a slow answer",
    "INFO 0 failed rows, {n} rows written",
    "WARNING {n} rows without a country were kept as unknown",
)
_USUAL = (
    "INFO connecting to warehouse-{n}",
    "INFO read {n} rows in {n} ms",
    "INFO partition dt=2031-01-{n} written to s3://lake/p{n}",
    "INFO checkpoint {n} of {n}",
)
_SAYS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "code_changed": (
        ("ERROR TypeError: aggregate() got an unexpected keyword argument 'window'",),
        ("ERROR AttributeError: 'DataFrame' object has no attribute 'merchant_id_norm'",),
        ("ERROR ImportError: cannot import name 'encode_v2' from 'features.encoders'",),
        ("ERROR ValueError: operands could not be broadcast together with shapes ({n},18) ({n},17)",),
        ('ERROR java.lang.NullPointerException: Cannot invoke "Schema.field(String)" because "schema" is null',),
    ),
    "input_changed": (
        ("ERROR KeyError: 'merchant_country'",),
        ("ERROR pyarrow.lib.ArrowInvalid: Could not convert '12,50' with type str: tried to convert to double",),
        ("ERROR FileNotFoundError: [Errno 2] No such file or directory: 's3://lake/raw/dt=2031-02-{n}'",),
        ("ERROR pandera.errors.SchemaError: column 'amount' not in dataframe: validation failed",),
        ("ERROR org.apache.spark.sql.AnalysisException: column `issuer_bin` does not exist",),
    ),
    "resources": (
        ("ERROR MemoryError: Unable to allocate 18.{n} GiB for an array",),
        ("ERROR java.lang.OutOfMemoryError: Java heap space",),
        ("ERROR OSError: [Errno 28] No space left on device",),
        ("INFO Container was OOMKilled", "ERROR Task exited with return code -9"),
    ),
    "killed": (
        ("INFO epoch {n} of {n}", "ERROR Task exited with return code -9"),
        ("ERROR Received SIGTERM. Terminating subprocesses.",),
        ("ERROR Worker was lost while the task was running",),
    ),
    "credential": (
        ("ERROR botocore.exceptions.ClientError: ExpiredToken: The security token has expired",),
        ("ERROR requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://registry/api/{n}",),
        ('ERROR psycopg.OperationalError: FATAL: password authentication failed for user "features"',),
        ("ERROR google.api_core.exceptions.Forbidden: 403 Permission denied on dataset features_{n}",),
    ),
    "dependency": (
        ("ERROR redis.exceptions.ConnectionError: Error 111 connecting to online-store:6379. Connection refused.",),
        ("ERROR requests.exceptions.ReadTimeout: HTTPSConnectionPool(host='warehouse', port=443): Read timed out.",),
        ("ERROR urllib3.exceptions.NameResolutionError: Failed to resolve 'registry.internal'",),
        ("ERROR grpc.RpcError: StatusCode.UNAVAILABLE: failed to connect to all addresses",),
    ),
    "too_slow": (
        ("INFO epoch {n} of 400", "ERROR airflow.exceptions.AirflowTaskTimeout: Timeout, PID: {n}"),
        ("ERROR Step exceeded its deadline",),
    ),
    "own_error": (
        ("ERROR AssertionError: AUC 0.{n} is below the floor of 0.90",),
        ("ERROR RuntimeError: training did not converge after {n} rounds",),
        ("ERROR ZeroDivisionError: division by zero",),
    ),
}


@dataclass(frozen=True)
class PipelineWorld:
    """Runs of all pipelines.

    Args:
        jobs: rows as a snapshot has them.
        now: the moment at which they are looked at.
        fault: what was planted; empty if nothing was.
        pipeline: in which the trouble shows; empty if nothing was planted.
        task: that failed first, for planted failures.
        token: a word of the line that says why, where there is one.
        root: the pipeline in which a chain began; empty if there is none.
    """

    jobs: pa.Table
    now: datetime
    fault: str = ""
    pipeline: str = ""
    task: str = ""
    token: str = ""
    root: str = ""
    rules: Mapping[str, PipelineRule] = field(default_factory=dict)


def pipeline_world(seed: int, fault: str = "") -> PipelineWorld:
    """One world; the same for the same seed."""
    return _Maker(np.random.default_rng((910_000, seed)), fault).world()


class _Maker:
    def __init__(self, rng: np.random.Generator, fault: str) -> None:
        self._rng, self._fault = rng, fault
        self._rows: list[dict[str, Any]] = []
        self._pace = {name: float(rng.uniform(0.6, 1.6)) for name in _NAMES}
        self._spread = {name: float(rng.uniform(0.04, 0.18)) for name in _NAMES}
        self._version = {name: int(rng.integers(3, 40)) for name in _NAMES}

    def world(self) -> PipelineWorld:
        last = _START + timedelta(days=DAYS - 1)
        where, found = self._where(), PipelineWorld(pa.table({}), last + timedelta(hours=10))
        for day in range(DAYS):
            for name in _NAMES:
                due = _START + timedelta(days=day, hours=_HOUR[name])
                if self._rng.random() < 0.06:
                    self._version[name] += 1
                if day == DAYS - 1 and self._fault and name in where:
                    found = self._planted(found, name, due)
                elif name == "daily_report" and day == 20:
                    self._mended(name, due)
                else:
                    self._good(name, due)
        rules = {
            name: PipelineRule(deadline_s=_MINUTES[name] * self._pace[name] * 60 * 2.2, safe_to_retry=("*",))
            for name in _NAMES
        }
        return replace(found, jobs=pa.Table.from_pylist(self._rows, schema=TABLES["jobs"]), rules=rules)

    def _where(self) -> tuple[str, ...]:
        """The pipelines that do not run as usual on the last day."""
        if self._fault in ("upstream_failed", "upstream_late"):
            return ("card_features", "fraud_training")
        return (str(self._rng.choice(_NAMES[:4])),)

    def _took_s(self, name: str) -> float:
        return _MINUTES[name] * 60 * self._pace[name] * float(np.exp(self._rng.normal(0, self._spread[name])))

    def _good(self, name: str, due: datetime) -> None:
        began = due + timedelta(seconds=float(self._rng.uniform(2, 40)))
        ended = began + timedelta(seconds=self._took_s(name))
        run = self._run(name, due, began, ended, "success")
        at, step = began, (ended - began) / len(_TASKS[name])
        for task in _TASKS[name]:
            attempt = 1
            if self._rng.random() < 0.02:  # the system tried again by itself, and it went well
                log = self._log((str(self._rng.choice([says[0] for says in _SAYS["dependency"]])),))
                self._task(name, run, task, 1, "failed", at, at + step / 3, log)
                attempt = 2
            self._task(name, run, task, attempt, "success", at, at + step, self._log(()))
            at += step

    def _mended(self, name: str, due: datetime) -> None:
        """A run that failed, and one by hand that did what it should have done."""
        run = self._run(name, due, due, due + timedelta(minutes=3), "failed")
        self._task(
            name, run, "query", 1, "failed", due, due + timedelta(minutes=3), self._log(("ERROR deadlock found",))
        )
        self._task(name, run, "render", 0, "upstream_failed", None, None, "")
        self._good(name, due + timedelta(hours=1))

    def _planted(self, found: PipelineWorld, name: str, due: datetime) -> PipelineWorld:
        fault = self._fault
        if fault in TIMINGS:
            return self._off_time(found, name, due)
        if fault in ("upstream_failed", "upstream_late") and name == "fraud_training":
            self._fails(name, due, "wait", ("ERROR airflow.exceptions.AirflowSensorTimeout: Sensor has timed out",))
            return replace(found, fault=fault, pipeline=name, task="wait", root="card_features")
        if fault == "upstream_late":
            run = self._run(name, due, due, None, "running")
            self._task(name, run, "wait", 1, "success", due, due + timedelta(minutes=1), self._log(()))
            self._task(name, run, "read", 1, "running", due + timedelta(minutes=1), None, "")
            return found
        kind = "resources" if fault == "upstream_failed" else fault
        if fault == "code_changed":
            self._version[name] += 1
        tasks = _TASKS[name][1:]
        task = str(self._rng.choice(tasks))
        says = _SAYS[kind][int(self._rng.integers(len(_SAYS[kind])))]
        is_silent = kind == "killed" and self._rng.random() < 0.3
        if is_silent:
            self._fails(name, due, task, (), "a zombie: its heartbeat was missed")
        else:
            self._fails(name, due, task, says)
        telling = "OOMKilled" if "OOMKilled" in says[0] else says[-1].split(": ")[0].split(" ")[-1].rpartition(".")[2]
        token = "" if is_silent else telling
        return replace(found, fault=fault, pipeline=name, task=task, token=token)

    def _fails(self, name: str, due: datetime, failing: str, says: tuple[str, ...], said: str = "") -> None:
        tries = int(self._rng.integers(1, 4))
        began = due + timedelta(seconds=10)
        at, step = began, timedelta(seconds=self._took_s(name) / len(_TASKS[name]))
        ended = began + step * len(_TASKS[name])
        run = self._run(name, due, began, ended, "failed")
        has_failed = False
        for task in _TASKS[name]:
            if has_failed:
                self._task(name, run, task, 0, "upstream_failed", None, None, "")
            elif task == failing:
                for attempt in range(1, tries + 1):
                    self._task(name, run, task, attempt, "failed", at, at + step, self._log(says), said)
                has_failed = True
            else:
                self._task(name, run, task, 1, "success", at, at + step, self._log(()))
            at += step

    def _off_time(self, found: PipelineWorld, name: str, due: datetime) -> PipelineWorld:
        usual_s = _MINUTES[name] * 60 * self._pace[name]
        if self._fault == "not_started":
            now = due + timedelta(hours=3.5)
            self._rows = [each for each in self._rows if each["ts"] is None or each["ts"] < now]
            return replace(found, fault=self._fault, pipeline=name, now=now)
        # Deadlines are at 2.2 times the usual time; stuck is looked at before that, by a pipeline that is regular.
        begins_late = {"stuck": 0.0, "late": 0.0, "will_be_late": 1.9}[self._fault]
        looked_at = {"stuck": 2.1, "late": 2.5, "will_be_late": 2.0}[self._fault]
        if self._fault == "stuck":
            self._spread[name] = 0.05
        began = due + timedelta(seconds=usual_s * begins_late + 5)
        run = self._run(name, due, began, None, "running")
        self._task(name, run, _TASKS[name][0], 1, "running", began, None, "")
        return replace(found, fault=self._fault, pipeline=name, now=due + timedelta(seconds=usual_s * looked_at))

    def _run(self, name: str, due: datetime, began: datetime, ended: datetime | None, state: str) -> str:
        run = f"scheduled__{due:%Y-%m-%dT%H:%M}"
        facts = [("version", f"v{self._version[name]}"), ("due", due.isoformat()), ("trigger", "schedule")]
        self._rows.append(_row(name, run, "", 0, state, began, ended, "", "", facts))
        return run

    def _task(
        self,
        name: str,
        run: str,
        task: str,
        attempt: int,
        state: str,
        began: datetime | None,
        ended: datetime | None,
        log: str,
        said: str = "",
    ) -> None:
        place = _TASKS[name].index(task)
        before = _TASKS[name][place - 1] if place else ""
        facts = [("waits_for", _WAITS[name])] if task == "wait" else []
        facts += [("said", said)] if said else []
        self._rows.append(_row(name, run, task, attempt, state, began, ended, before, log, facts))

    def _log(self, says: tuple[str, ...]) -> str:
        usual = [str(self._rng.choice(_USUAL)) for _ in range(int(self._rng.integers(3, 9)))]
        usual += [text for text in _HARMLESS if self._rng.random() < 0.5]
        self._rng.shuffle(usual)
        ends = ("ERROR Task failed with exception",) if says and self._rng.random() < 0.5 else ()
        texts = [*usual, *ends, *says, *(["INFO Marking task as FAILED"] if says else ["INFO done"])]
        return "\n".join(
            f"2031-02-14T02:{place:02}:00Z {text.replace('{n}', str(self._rng.integers(10, 99)))}"
            for place, text in enumerate(texts)
        )


def _row(
    name: str,
    run: str,
    task: str,
    attempt: int,
    state: str,
    began: datetime | None,
    ended: datetime | None,
    upstream: str,
    log: str,
    facts: list[tuple[str, str]],
) -> dict[str, Any]:
    return {
        "ts": began,
        "pipeline": name,
        "run": run,
        "task": task,
        "attempt": attempt,
        "state": state,
        "ended": ended,
        "upstream": upstream,
        "log": log,
        "attributes": facts,
    }
