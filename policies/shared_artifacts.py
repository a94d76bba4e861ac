"""Full results in a database that several machines share, beside the file of the machine that made them."""

from __future__ import annotations

from contextlib import suppress

from ..core.database import STATEMENT_ERRORS, Database, Migration
from ..core.errors import LedgerError

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        "CREATE TABLE shared_artifact (id TEXT PRIMARY KEY, expires TEXT NOT NULL, content BLOB NOT NULL)"
        " STRICT, WITHOUT ROWID",
    ),
)
_FAILED = (LedgerError, *STATEMENT_ERRORS)
_MOST_BYTES = 64 * 1024 * 1024


class SharedArtifacts:
    """Encrypted tables by their ids, as they lie in files; the database never sees what is in them.

    Rows are written outside of transactions, so that nobody waits for a large one. While the database is away, or a
    table is over 64 MiB, the machine that made it alone has it.
    """

    def __init__(self, database: Database) -> None:
        with suppress(LedgerError):
            database.migrate("shared_artifacts", MIGRATIONS)
        self._database = database

    def put(self, artifact_id: str, expires: str, content: bytes) -> None:
        """Keep a table until a moment, as far as it can be kept."""
        if len(content) <= _MOST_BYTES:
            with suppress(*_FAILED):
                sql = "INSERT INTO shared_artifact (id, expires, content) VALUES (?, ?, ?)"
                self._database.connection().execute(sql, (artifact_id, expires, content))

    def get(self, artifact_id: str) -> bytes | None:
        """A table; `None` if it is not there, or nobody can tell."""
        with suppress(*_FAILED):
            sql = "SELECT content FROM shared_artifact WHERE id = ?"
            row = self._database.connection().execute(sql, (artifact_id,)).fetchone()
            return None if row is None else bytes(row["content"])
        return None

    def ids(self) -> tuple[str, ...]:
        """Of everything that is there.

        Raises:
            LedgerError: as `expiries`.
        """
        return tuple(artifact_id for artifact_id, _ in self.expiries())

    def expiries(self, *, until: str | None = None) -> tuple[tuple[str, str], ...]:
        """Ids and when each expires: of everything that is there, or of what has expired by a moment.

        Raises:
            LedgerError: the database cannot be read.
        """
        sql = "SELECT id, expires FROM shared_artifact WHERE ? = '' OR expires <= ? ORDER BY id"
        moment = until or ""
        try:
            rows = self._database.connection().execute(sql, (moment, moment)).fetchall()
        except STATEMENT_ERRORS as error:
            raise LedgerError("the full results cannot be read", remedy="check the database") from error
        return tuple((str(row["id"]), str(row["expires"])) for row in rows)

    def remove(self, artifact_id: str) -> bool:
        """Remove a table; whether it was there.

        Raises:
            LedgerError: the database cannot be written.
        """
        with self._database.transaction() as connection:
            sql = "DELETE FROM shared_artifact WHERE id = ?"
            return connection.execute(sql, (artifact_id,)).rowcount > 0
