"""The queue and the durable runs, on DBOS: which leg of which incident runs when, and what a dead worker left behind.

DBOS owns whether and when something runs; where a triage stands inside is in LangGraph's checkpoints, and what it did
outside in the gate's journal. A workflow holds nothing but ids. Nothing leaves the machine: no conductor is configured.
"""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from typing import Any

from ...core.errors import ConfigError
from ..installation import Installation
from ..settings import DatabaseSettings
from .settings import ServiceSettings

SCHEMA = "opswarden_queue"
"""Of the queue's tables in PostgreSQL; those of the installation are elsewhere."""
VERSION = "opswarden-1"
"""Of what a workflow means. A release that changes it leaves what runs to workers of the old one."""
_LEG, _ARRIVAL, _DUE = "opswarden.leg", "opswarden.arrival", "opswarden.due"
URGENT, USUAL, PEOPLE, CLOCK = "incidents-urgent", "incidents", "arrivals", "schedules"
_OLDEST_SQLITE = (3, 42)
_POLL_S = 0.25

Work = Callable[[str, int], str]
"""Drives a leg of an incident; says how it ended."""
Perform = Callable[[str], None]
"""Works off an arrival."""
Due = Callable[[str, str], None]
"""Does what a schedule says was due at a moment, in ISO 8601."""
_lock = threading.Lock()
_registered: dict[str, Callable[..., Any]] = {}
_doing: dict[str, Callable[..., Any]] = {}


class _Json:
    """What DBOS keeps, as JSON: nothing that is read back can be code."""

    def serialize(self, value: Any) -> str:
        return json.dumps(value, default=repr)

    def deserialize(self, text: str) -> Any:
        return json.loads(text)

    def name(self) -> str:
        return "opswarden_json"


class RunQueue:
    """The queue of an installation; one per process.

    Args:
        installation: whose state directory or database keeps it.
        worker: the place of this process, see `slots.py`.
        work: drives legs.
        perform: works off arrivals that are no alerts.
        due: does what is due.

    Raises:
        ConfigError: this Python's SQLite is too old, or the queue's tables are not there.
    """

    def __init__(self, installation: Installation, worker: int, work: Work, perform: Perform, due: Due) -> None:
        _check_sqlite(installation.settings.database)
        settings = installation.settings.service
        from dbos import DBOS  # noqa: PLC0415 - an extra, and heavy

        self._dbos = DBOS
        self._settings = settings
        self._idle = threading.Condition()
        self._active = 0
        with _lock:
            _register(DBOS)
            _doing.update({_LEG: self._counted(work), _ARRIVAL: self._counted(perform), _DUE: due})
            config = configuration(installation, f"worker-{worker}")
            _hush()
            try:
                DBOS(config=config)
                _hush()
                DBOS.launch()
                self._queues(settings)
            except Exception as error:
                DBOS.destroy()
                raise ConfigError(
                    f"the queue cannot be opened ({type(error).__name__})",
                    remedy="check the state directory; with PostgreSQL run `opswarden database prepare`",
                ) from error

    def put(self, incident_id: str, leg: int, *, priority: int, service: str) -> None:
        """Have a leg of an incident driven, once, however often it is put.

        Args:
            incident_id: of it.
            leg: of its triage, counted from 1.
            priority: 1 for the most urgent to 9.
            service: what it is about; of one service only so many run at once.
        """
        queue = URGENT if priority <= self._settings.urgent_priority else USUAL
        self._put(queue, _LEG, f"{incident_id}.{leg}", priority, service or incident_id, incident_id, leg)

    def put_arrival(self, arrival_id: str, *, priority: int) -> None:
        """Have an arrival worked off, once."""
        self._put(PEOPLE, _ARRIVAL, arrival_id, priority, None, arrival_id)

    def put_due(self, name: str, moment: str) -> None:
        """Have what is due done, once for its moment."""
        self._put(CLOCK, _DUE, f"schedule.{name}.{moment}", 9, None, name, moment)

    def state_of(self, incident_id: str, leg: int) -> str:
        """Where the workflow of a leg stands, in DBOS' words; empty if there is none."""
        status = self._dbos.get_workflow_status(f"{incident_id}.{leg}")
        return str(status.status) if status is not None else ""

    def take_over(self, workers: Sequence[int]) -> None:
        """Put back what workers left behind who live no more."""
        if workers:
            self._dbos._recover_pending_workflows([f"worker-{number}" for number in workers])

    def close(self, wait_s: int) -> None:
        """Let go of the queue; what still runs after `wait_s` is found again as what a dead worker left behind."""
        with self._idle:
            self._idle.wait_for(lambda: self._active == 0, wait_s)
        self._dbos.destroy()
        _hush()

    def _counted(self, work: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any) -> Any:
            with self._idle:
                self._active += 1
            try:
                return work(*args)
            finally:
                with self._idle:
                    self._active -= 1
                    self._idle.notify_all()

        return counted

    def _queues(self, settings: ServiceSettings) -> None:
        for name in (URGENT, USUAL):
            self._dbos.register_queue(
                name,
                worker_concurrency=settings.runs_at_once,
                partition_concurrency=settings.runs_of_one_service,
                polling_interval_sec=_POLL_S,
                on_conflict="always_update",
            )
        self._dbos.register_queue(
            CLOCK, worker_concurrency=2, polling_interval_sec=_POLL_S, on_conflict="always_update"
        )
        self._dbos.register_queue(
            PEOPLE,
            worker_concurrency=settings.arrivals_at_once,
            polling_interval_sec=_POLL_S,
            on_conflict="always_update",
        )

    def _put(self, queue: str, name: str, workflow_id: str, priority: int, service: str | None, *args: Any) -> None:
        options: dict[str, Any] = {
            "workflow_name": name,
            "queue_name": queue,
            "workflow_id": workflow_id,
            "app_version": VERSION,
        }
        if service is not None:
            options["queue_partition_key"] = service[:200]
        options["priority"] = priority
        self._dbos.enqueue_workflow_with_options(options, *args)  # type: ignore[arg-type]  # a TypedDict of theirs


def configuration(installation: Installation, executor: str) -> Any:
    """What DBOS is told."""
    url = url_of(installation)
    return {
        "name": "opswarden",
        "system_database_url": url,
        "dbos_system_schema": SCHEMA,
        "executor_id": executor,
        "application_version": VERSION,
        "run_migrations": url.startswith("sqlite"),
        "log_level": "CRITICAL",
        "serializer": _Json(),
        "enable_otlp": False,
        "max_executor_threads": 64,
        # The server has few connections, and several workers share them.
        "sys_db_pool_size": 8,
        "scheduler_polling_interval_sec": 3_600.0,
    }


def url_of(installation: Installation) -> str:
    """Where the queue is kept: beside the records."""
    url = installation.settings.database.url
    if url is not None:
        return url.get_secret_value()
    path = installation.state.queue
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    return f"sqlite:///{path}"


def prepare_queue(url: str, writer: str) -> None:
    """Make or update the queue's tables in PostgreSQL as their owner, and let the writer use them.

    Raises:
        ConfigError: the server refused.
    """
    if find_spec("dbos") is None:
        return
    from dbos import DBOS  # noqa: PLC0415 - as above

    _hush()
    try:
        DBOS.migrate(url, schema=SCHEMA, application_role=writer)
    except Exception as error:
        raise ConfigError(
            f"the queue's tables cannot be made ({type(error).__name__})", remedy="check the rights of the owner"
        ) from error


def _check_sqlite(settings: DatabaseSettings) -> None:
    if settings.url is None and sys.version_info >= (3, 12) and sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise ConfigError(
            f"SQLite {sqlite3.sqlite_version} is too old for the queue under Python 3.12 and later",
            remedy="use Python 3.11, a Python with SQLite 3.42 or later, or PostgreSQL (`database.url`)",
        )


def _hush() -> None:
    """Nothing of theirs is printed: it has not been redacted, and an error of a run is told by us."""
    logger = logging.getLogger("dbos")
    logger.handlers.clear()
    logger.addHandler(logging.NullHandler())
    logger.propagate = False


def _register(dbos: Any) -> None:
    """Name the workflows, once per process; what they do is that of the queue that is open."""
    if _registered:
        return
    _registered[_LEG] = dbos.workflow(name=_LEG)(_leg)
    _registered[_ARRIVAL] = dbos.workflow(name=_ARRIVAL)(_arrival)
    _registered[_DUE] = dbos.workflow(name=_DUE)(_due)


def _leg(incident_id: str, leg: int) -> str:
    return str(_doing[_LEG](incident_id, leg))


def _arrival(arrival_id: str) -> str:
    _doing[_ARRIVAL](arrival_id)
    return "done"


def _due(name: str, moment: str) -> str:
    _doing[_DUE](name, moment)
    return "done"
