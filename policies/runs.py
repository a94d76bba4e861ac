"""Which run belongs to whom: a run id is bound to its principal once and for all."""

from __future__ import annotations

from ..core.canonical import canonical_json
from ..core.clock import Clock, to_iso
from ..core.database import Connection, Database, Migration
from ..core.errors import ConfigError, LedgerError
from .store import select
from .types import Run

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE run (
            run_id TEXT PRIMARY KEY,
            principal TEXT NOT NULL,
            started_at TEXT NOT NULL
        ) STRICT
        """,
    ),
    (2, "ALTER TABLE run ADD COLUMN request TEXT NOT NULL DEFAULT ''"),
    (3, "ALTER TABLE run ADD COLUMN environment TEXT"),
    (
        4,
        """
        ALTER TABLE run ADD COLUMN question TEXT;
        ALTER TABLE run ADD COLUMN question_is_own INTEGER NOT NULL DEFAULT 1
        """,
    ),
)


class RunRegister:
    """The runs that were ever opened here."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def enter(self, connection: Connection, run: Run) -> bool:
        """Register a run inside the caller's transaction; False if it is a resumed one.

        Args:
            connection: of the transaction.
            run: with its request redacted.

        Raises:
            ConfigError: it was opened before for somebody else, or for another environment.
        """
        principal, environment = canonical_json(dict(vars(run.principal))).decode(), run.environment or ""
        row = connection.execute("SELECT principal, environment FROM run WHERE run_id = ?", (run.id,)).fetchone()
        if row is None:
            connection.execute(
                "INSERT INTO run (run_id, principal, started_at, request, environment) VALUES (?, ?, ?, ?, ?)",
                (run.id, principal, to_iso(self._clock.now()), run.request, environment),
            )
            return True
        if row["principal"] != principal:
            raise foreign(run.id)
        # Runs of before environments were registered have none on record.
        if row["environment"] not in (None, environment):
            raise elsewhere(run.id)
        return False

    def request_of(self, run_id: str) -> str:
        """What the person asks for, redacted: with the question that is open, else what the run began with.

        Empty where nobody asked or nobody knows.
        """
        sql = "SELECT coalesce(question, request) AS request FROM run WHERE run_id = ?"
        try:
            rows = select(self._database, sql, (run_id,))
        except LedgerError:
            return ""
        return str(rows[0]["request"]) if rows else ""

    def open_question(self, run_id: str, words: str, *, is_own: bool) -> None:
        """Keep what a question asks until it is answered, so that its words count after an interruption too.

        Args:
            run_id: of the run.
            words: redacted.
            is_own: whether they are those of the person on whose behalf the run works; others' give no leave.
        """
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE run SET question = ?, question_is_own = ? WHERE run_id = ?", (words, int(is_own), run_id)
            )

    def close_question(self, run_id: str) -> None:
        """The question is answered: what the run began with counts again."""
        with self._database.transaction() as connection:
            connection.execute("UPDATE run SET question = NULL, question_is_own = 1 WHERE run_id = ?", (run_id,))

    def is_own(self, run_id: str) -> bool:
        """Whether what is asked for now are the words of the person on whose behalf the run works."""
        rows = select(self._database, "SELECT question_is_own FROM run WHERE run_id = ?", (run_id,))
        return bool(rows[0]["question_is_own"]) if rows else True


def elsewhere(run_id: str) -> ConfigError:
    """The refusal of a run id for another environment."""
    return ConfigError(f"run {run_id!r} was opened for another environment", remedy="start a new run")


def foreign(run_id: str) -> ConfigError:
    """The refusal of a run id under another principal."""
    return ConfigError(f"run {run_id!r} belongs to another principal", remedy="start a new run")
