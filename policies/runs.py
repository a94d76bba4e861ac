"""Which run belongs to whom: a run id is bound to its principal once and for all."""

from __future__ import annotations

from ..core.canonical import canonical_json
from ..core.clock import Clock, to_iso
from ..core.database import Connection, Database, Migration
from ..core.errors import ConfigError
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
)


class RunRegister:
    """The runs that were ever opened here."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def enter(self, connection: Connection, run: Run) -> bool:
        """Register a run inside the caller's transaction; False if it is a resumed one.

        Raises:
            ConfigError: it was opened before for somebody else.
        """
        principal = canonical_json(dict(vars(run.principal))).decode()
        row = connection.execute("SELECT principal FROM run WHERE run_id = ?", (run.id,)).fetchone()
        if row is None:
            connection.execute("INSERT INTO run VALUES (?, ?, ?)", (run.id, principal, to_iso(self._clock.now())))
            return True
        if row["principal"] != principal:
            raise foreign(run.id)
        return False


def foreign(run_id: str) -> ConfigError:
    """The refusal of a run id under another principal."""
    return ConfigError(f"run {run_id!r} belongs to another principal", remedy="start a new run")
