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
        """What the person asked for when the run began, redacted; empty where nobody did or nobody knows."""
        try:
            rows = select(self._database, "SELECT request FROM run WHERE run_id = ?", (run_id,))
        except LedgerError:
            return ""
        return str(rows[0]["request"]) if rows else ""


def elsewhere(run_id: str) -> ConfigError:
    """The refusal of a run id for another environment."""
    return ConfigError(f"run {run_id!r} was opened for another environment", remedy="start a new run")


def foreign(run_id: str) -> ConfigError:
    """The refusal of a run id under another principal."""
    return ConfigError(f"run {run_id!r} belongs to another principal", remedy="start a new run")
