"""Which systems answered as their documentation says, with which version and settings, and when."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from ...core.canonical import canonical_json
from ...core.clock import from_iso, to_iso
from ...core.database import Database, Migration
from .systems import SystemSettings

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE system_conformance (
            name TEXT PRIMARY KEY,
            kind TEXT NOT NULL,
            version TEXT NOT NULL,
            settings_hash TEXT NOT NULL,
            is_kept INTEGER NOT NULL,
            at TEXT NOT NULL
        ) STRICT
        """,
    ),
)
_KEEP = """
    INSERT INTO system_conformance VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET kind = excluded.kind, version = excluded.version,
        settings_hash = excluded.settings_hash, is_kept = excluded.is_kept, at = excluded.at
"""

Standing = Literal["passed", "failed", "changed", "never"]
"""Of a system's conformance; `changed`: other settings or another version passed."""


@dataclass(frozen=True)
class Conformance:
    """What is recorded of a system.

    Args:
        standing: what it is worth now.
        at: when it was asked; `None` if never.
        version: that answered; empty if it told none.
    """

    standing: Standing
    at: datetime | None = None
    version: str = ""


class ConformanceBook:
    """The newest conformance of each system of an installation."""

    def __init__(self, database: Database) -> None:
        self._database = database
        database.migrate("system_conformance", MIGRATIONS)

    def standing(self, name: str, settings: SystemSettings, version: str) -> Conformance:
        """What is recorded of a system, for the settings and the version of today.

        Args:
            name: of the system.
            settings: in force.
            version: that answers now; empty where that is not known, and then it does not count.
        """
        row = self._database.connection().execute("SELECT * FROM system_conformance WHERE name = ?", (name,)).fetchone()
        if row is None:
            return Conformance("never")
        at = from_iso(row["at"])
        if row["settings_hash"] != settings_hash(settings) or (version and row["version"] != version):
            return Conformance("changed", at, row["version"])
        return Conformance("passed" if row["is_kept"] else "failed", at, row["version"])

    def keep(self, name: str, settings: SystemSettings, version: str, is_kept: bool, at: datetime) -> None:
        """Keep how it went; the last time counts."""
        row = (name, settings.kind, version, settings_hash(settings), int(is_kept), to_iso(at))
        with self._database.transaction() as connection:
            connection.execute(_KEEP, row)


def settings_hash(settings: SystemSettings) -> str:
    """SHA-256 of the settings; credentials are not among them, only where they come from."""
    return hashlib.sha256(canonical_json(settings.model_dump(mode="json"))).hexdigest()
