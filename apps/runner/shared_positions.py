"""Where runs stand, in a database that several machines share, so that any of them can go on with a run."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from ...core.database import STATEMENT_ERRORS, Connection, Database, Migration
from ...core.errors import LedgerError
from ...policies.apart.serving import parsed
from .positions import Put, Writes, content_of

if TYPE_CHECKING:
    from langgraph.checkpoint.sqlite import SqliteSaver

    from ..installation import Installation

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE run_position (
            run_id TEXT NOT NULL,
            ns TEXT NOT NULL,
            id TEXT NOT NULL,
            parent TEXT,
            kind TEXT NOT NULL,
            content BLOB NOT NULL,
            metadata TEXT NOT NULL,
            PRIMARY KEY (run_id, ns, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE run_position_write (
            run_id TEXT NOT NULL,
            ns TEXT NOT NULL,
            id TEXT NOT NULL,
            task TEXT NOT NULL,
            idx INTEGER NOT NULL,
            path TEXT NOT NULL,
            channel TEXT NOT NULL,
            kind TEXT NOT NULL,
            content BLOB NOT NULL,
            PRIMARY KEY (run_id, ns, id, task, idx)
        ) STRICT, WITHOUT ROWID
        """,
    ),
)


class SharedPositions:
    """The newest position of one run; the ones before it are let go.

    While the database is away nothing is kept, as reads go on without it: a resume then begins further back, and the
    call journal gives back what had been done since.

    Args:
        database: a shared one.
        run_id: whose position.
    """

    def __init__(self, database: Database, run_id: str) -> None:
        with suppress(LedgerError):
            database.migrate("positions", MIGRATIONS)
        self._database = database
        self._run_id = run_id

    def close(self) -> None:
        """Nothing is held open."""

    def latest(self) -> dict[str, Any] | None:
        """As `Positions.latest`.

        Raises:
            LedgerError: the database cannot be read.
        """
        try:
            connection = self._database.connection()
            row = connection.execute(
                "SELECT ns, id, parent, kind, content, metadata FROM run_position WHERE run_id = ? AND ns = ''"
                " ORDER BY id DESC LIMIT 1",
                (self._run_id,),
            ).fetchone()
            if row is None:
                return None
            writes = connection.execute(
                "SELECT task, path, idx, channel, kind, content FROM run_position_write"
                " WHERE run_id = ? AND ns = ? AND id = ? ORDER BY task, idx",
                (self._run_id, row["ns"], row["id"]),
            ).fetchall()
        except STATEMENT_ERRORS as error:
            raise LedgerError("the positions of runs cannot be read", remedy="check the database") from error
        return {
            "checkpoint": [row["ns"], row["id"], row["parent"], row["kind"], _coded(row["content"]), row["metadata"]],
            "writes": [
                [each["task"], each["path"], each["idx"], each["channel"], each["kind"], _coded(each["content"])]
                for each in writes
            ],
        }

    def put(self, body: Mapping[str, Any]) -> None:
        """Keep a position in the place of those before it.

        Raises:
            BadFrame: the body is none.
        """
        said = parsed(Put, body, "position")
        values = (said.ns, said.id, said.parent, said.kind, content_of(said.content), said.metadata)
        with suppress(LedgerError), self._database.transaction() as connection:
            self._forget(connection, said.ns, said.id)
            connection.execute("INSERT INTO run_position VALUES (?, ?, ?, ?, ?, ?, ?)", (self._run_id, *values))

    def write(self, body: Mapping[str, Any]) -> None:
        """Keep what a task wrote.

        Raises:
            BadFrame: the body is none.
        """
        said = parsed(Writes, body, "position")
        place = (self._run_id, said.ns, said.id, said.task)
        rows = [(*place, row.idx, row.path, row.channel, row.kind, content_of(row.content)) for row in said.rows]
        with suppress(LedgerError), self._database.transaction() as connection:
            connection.execute(
                "DELETE FROM run_position_write WHERE run_id = ? AND ns = ? AND id = ? AND task = ?", place
            )
            connection.executemany("INSERT INTO run_position_write VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def _forget(self, connection: Connection, ns: str, up_to: str) -> None:
        at = (self._run_id, ns, up_to)
        connection.execute("DELETE FROM run_position WHERE run_id = ? AND ns = ? AND id <= ?", at)
        connection.execute("DELETE FROM run_position_write WHERE run_id = ? AND ns = ? AND id < ?", at)


def shared_threads(database: Database) -> frozenset[str]:
    """The runs whose positions lie in the database; it has the tables."""
    rows = database.connection().execute("SELECT DISTINCT run_id FROM run_position")
    return frozenset(row["run_id"] for row in rows)


def shared_contents(database: Database) -> Iterator[tuple[str, tuple[bytes, ...]]]:
    """Every run with what its position holds; the database has the tables."""
    with database.snapshot() as connection:
        for row in connection.execute("SELECT run_id, content, metadata FROM run_position"):
            yield row["run_id"], (bytes(row["content"]), str(row["metadata"]).encode())
        for row in connection.execute("SELECT run_id, content FROM run_position_write"):
            yield row["run_id"], (bytes(row["content"]),)


def forget_shared(database: Database, runs: Iterable[str]) -> int:
    """Remove where runs stand; of how many there was anything.

    Raises:
        LedgerError: the database cannot be written.
    """
    gone = 0
    with database.transaction() as connection:
        for run_id in runs:
            gone += min(connection.execute("DELETE FROM run_position WHERE run_id = ?", (run_id,)).rowcount, 1)
            connection.execute("DELETE FROM run_position_write WHERE run_id = ?", (run_id,))
    return gone


@contextmanager
def saver_of(installation: Installation, run_id: str) -> Iterator[SqliteSaver]:
    """Where LangGraph keeps the position of a run: in this machine's file, or in the database that others share."""
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer  # noqa: PLC0415 - heavy, only a run needs it
    from langgraph.checkpoint.sqlite import SqliteSaver  # noqa: PLC0415 - the same

    from .mirrored import MirroredSaver  # noqa: PLC0415 - the same

    if installation.database.dialect == "sqlite":
        installation.state.checkpoints.touch(mode=0o600)
        with SqliteSaver.from_conn_string(str(installation.state.checkpoints)) as saver:
            # Only plain values are ever stored; nothing else may come back out of a checkpoint.
            saver.serde = JsonPlusSerializer(allowed_msgpack_modules=None)
            yield saver
        return
    positions = SharedPositions(installation.database, run_id)
    verbs = {"position.put": positions.put, "position.write": positions.write}
    latest = None
    with suppress(LedgerError):  # as for a run that begins: what the journal does not give back is done again
        latest = positions.latest()
    yield MirroredSaver(run_id, lambda verb, body: verbs[verb](body), latest)


def _coded(content: Any) -> str:
    return base64.b64encode(bytes(content or b"")).decode("ascii")
