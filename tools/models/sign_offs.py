"""Who has signed a version off, by role; one row per word that somebody gave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ...core.clock import Clock, from_iso, to_iso
from ...core.database import Database, Migration

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE model_sign_offs (
            environment TEXT NOT NULL,
            model TEXT NOT NULL,
            version INTEGER NOT NULL,
            role TEXT NOT NULL,
            person TEXT NOT NULL,
            signed_at TEXT NOT NULL
        ) STRICT;
        CREATE INDEX model_sign_offs_of ON model_sign_offs (environment, model, version)
        """,
    ),
)


class SignOffBook:
    """The sign-offs of an installation."""

    def __init__(self, database: Database, clock: Clock) -> None:
        database.migrate("model_sign_offs", MIGRATIONS)
        self._database = database
        self._clock = clock

    def give(self, environment: str, model: str, version: int, role: str, person: str) -> None:
        """Write down that somebody who holds the role signs this version off, now."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO model_sign_offs VALUES (?, ?, ?, ?, ?, ?)",
                (environment, model, version, role, person, to_iso(self._clock.now())),
            )

    def of(self, environment: str, model: str, version: int) -> Mapping[str, datetime]:
        """By role: when it was signed off last."""
        rows = (
            self._database.connection()
            .execute(
                "SELECT role, MAX(signed_at) AS at FROM model_sign_offs "
                "WHERE environment = ? AND model = ? AND version = ? GROUP BY role",
                (environment, model, version),
            )
            .fetchall()
        )
        return {str(row["role"]): from_iso(row["at"]) for row in rows}
