"""The book of aborts: how often the traffic of a model was given back today."""

from __future__ import annotations

from datetime import timedelta

from ...core.clock import Clock, to_iso
from ...core.database import Database, Migration
from ...core.errors import ToolFailed

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE rollout_aborts (
            environment TEXT NOT NULL,
            model TEXT NOT NULL,
            call_key TEXT NOT NULL,
            begun_at TEXT NOT NULL
        ) STRICT;
        CREATE UNIQUE INDEX rollout_aborts_call ON rollout_aborts (environment, model, call_key)
        """,
    ),
)


class AbortBook:
    """Counts aborts before they are made, so that no crash lets one more through.

    Args:
        database: the installation's.
        clock: tells when.
        most: a model may be given back so often in any 24 hours.
    """

    def __init__(self, database: Database, clock: Clock, most: int = 3) -> None:
        database.migrate("rollout_aborts", MIGRATIONS)
        self._database = database
        self._clock = clock
        self._most = most

    def begin(self, environment: str, model: str, call_key: str) -> int:
        """Count one; a call counts once. Gives how many there are in the last 24 hours.

        Raises:
            ToolFailed: there were too many already.
        """
        now = self._clock.now()
        since = to_iso(now - timedelta(hours=24))
        with self._database.transaction() as connection:
            rows = connection.execute(
                "SELECT call_key FROM rollout_aborts WHERE environment = ? AND model = ? AND begun_at > ?",
                (environment, model, since),
            ).fetchall()
            keys = {str(row["call_key"]) for row in rows}
            if call_key in keys:
                return len(keys)
            if len(keys) >= self._most:
                raise ToolFailed(
                    "the traffic of this model was given back too often today", remedy="a person has to look at it"
                )
            connection.execute(
                "INSERT INTO rollout_aborts VALUES (?, ?, ?, ?)", (environment, model, call_key, to_iso(now))
            )
        return len(keys) + 1
