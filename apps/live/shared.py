"""Live incidents in a database that several machines share: what each of them needs to go on with another's run."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from ...core.clock import to_iso
from ...core.database import Database, Migration
from ...core.errors import InputError
from ...core.state import StateDirectory
from ...tools.snapshots.manifest import MANIFEST_NAME

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        "CREATE TABLE live_incident (name TEXT PRIMARY KEY, opened_at TEXT NOT NULL, manifest TEXT NOT NULL)"
        " STRICT, WITHOUT ROWID",
    ),
)


def share_incident(database: Database, folder: Path, now: datetime) -> None:
    """Keep the incident in a folder for the other machines.

    Raises:
        LedgerError: the database cannot be written.
    """
    if database.dialect == "sqlite":
        return
    database.migrate("live_incidents", MIGRATIONS)
    with database.transaction() as connection:
        connection.execute(
            "INSERT INTO live_incident (name, opened_at, manifest) VALUES (?, ?, ?) ON CONFLICT (name) DO NOTHING",
            (folder.name, to_iso(now), (folder / MANIFEST_NAME).read_text(encoding="utf-8")),
        )


def folder_here(database: Database, state: StateDirectory, folder: Path) -> Path:
    """Where the incident of a run lies on this machine; fetched if another one opened it.

    Raises:
        InputError: it is nowhere.
    """
    if folder.is_dir() or database.dialect == "sqlite":
        return folder
    here = state.live / folder.name
    if not here.is_dir():
        sql = "SELECT manifest FROM live_incident WHERE name = ?"
        row = database.connection().execute(sql, (folder.name,)).fetchone()
        if row is None:
            raise InputError(
                f"what the run reads ({folder.name!r}) is not on this machine",
                remedy="resume it where it began, or put the folder into the same place here",
            )
        state.live.mkdir(mode=0o700, exist_ok=True)
        here.mkdir(mode=0o700)
        (here / MANIFEST_NAME).write_text(str(row["manifest"]), encoding="utf-8")
    return here
