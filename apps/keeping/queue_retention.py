"""What the queue keeps of legs that are done is let go of in its time, by the country of what their runs have read."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ...core.database import STATEMENT_ERRORS
from ...core.errors import LedgerError
from .retention import Due
from .stores import QUEUE_TABLE, existing

if TYPE_CHECKING:
    from ..installation import Installation

_DONE = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
_MOST = 1_000


def forget_queue(installation: Installation, due: Due) -> int:
    """Let go of what the queue keeps of work that was done long ago; of how much.

    Raises:
        LedgerError: the queue cannot be read or written.
    """
    before = due.latest("queue")
    if before is None or find_spec("dbos") is None or not _has_older(installation, before):
        return 0
    from dbos import DBOSClient  # noqa: PLC0415 - an extra, and heavy

    from ..service.queue import SCHEMA, url_of  # noqa: PLC0415 - only where there is a queue

    try:
        with closing(_Client(DBOSClient(system_database_url=url_of(installation), dbos_system_schema=SCHEMA))) as queue:
            old = [each.workflow_id for each in queue.done(before) if _is_over(installation, due, each)]
            queue.forget(old)
            return len(old)
    except Exception as error:
        raise LedgerError(
            f"the queue cannot be tidied ({type(error).__name__})", remedy="check the state directory or the database"
        ) from error


class _Client:
    """The few things of DBOS' client that are needed here."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def done(self, before: datetime) -> list[Any]:
        found: list[Any] = self._client.list_workflows(
            status=list(_DONE),
            completed_before=before.isoformat(),
            limit=_MOST,
            load_input=False,
            load_output=False,
        )
        return found

    def forget(self, workflow_ids: list[str]) -> None:
        if workflow_ids:
            self._client.delete_workflows(workflow_ids)

    def close(self) -> None:
        self._client.destroy()


def _has_older(installation: Installation, before: datetime) -> bool:
    """Whether anything is that old, asked without loading what serves the queue."""
    marks, moment = ", ".join("?" * len(_DONE)), int(before.timestamp() * 1000)
    where = f"WHERE status IN ({marks}) AND updated_at < ? LIMIT 1"
    try:
        if installation.database.dialect != "sqlite":
            if not existing(installation.database, (QUEUE_TABLE,)):
                return False
            sql = f"SELECT 1 FROM {QUEUE_TABLE} {where}"  # noqa: S608 - a name of ours
            return installation.database.connection().execute(sql, (*_DONE, moment)).fetchone() is not None
        if not installation.state.queue.exists():
            return False
        with closing(sqlite3.connect(f"file:{installation.state.queue}?mode=ro", uri=True)) as connection:
            there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'workflow_status'").fetchone()
            sql = f"SELECT 1 FROM workflow_status {where}"  # noqa: S608 - as above
            return there is not None and connection.execute(sql, (*_DONE, moment)).fetchone() is not None
    except STATEMENT_ERRORS as error:
        raise LedgerError("the queue cannot be read", remedy="check the state directory or the database") from error


def _is_over(installation: Installation, due: Due, workflow: Any) -> bool:
    moment = datetime.fromtimestamp(workflow.updated_at / 1000, due.now.tzinfo)
    return due.is_over("queue", moment, _runs_of(installation, workflow.workflow_id.partition(".")[0]))


def _runs_of(installation: Installation, incident_id: str) -> tuple[str, ...]:
    """The run of a leg's incident; arrivals and schedules belong to none."""
    if not existing(installation.database, ("incident",)):
        return ()
    sql = "SELECT run_id FROM incident WHERE id = ? AND run_id <> ''"
    row = installation.database.connection().execute(sql, (incident_id,)).fetchone()
    return (str(row["run_id"]),) if row is not None else ()
