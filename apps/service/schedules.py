"""What is done again and again: due by the clock, caught up with after a stop, done once whoever is killed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

from ...core.clock import Clock, from_iso, to_iso
from ...core.database import Database, Migration
from ...core.errors import BackendError, OpswardenError
from ...core.https import HttpPlace
from .cron import parse_cron
from .settings import RecurringSettings

if TYPE_CHECKING:
    from ..installation import Installation

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE schedule (
            name TEXT PRIMARY KEY,
            due_at TEXT NOT NULL,
            done_at TEXT,
            result TEXT NOT NULL
        ) STRICT
        """,
    ),
    (2, "ALTER TABLE schedule ADD COLUMN succeeded_at TEXT"),
)
_LATE = timedelta(minutes=10)

Task: TypeAlias = "Callable[[Installation, RecurringSettings, datetime], str]"
"""Does what is due at a moment; one line of what came of it. Raises what is wrong; then no sign of life is left."""


@dataclass(frozen=True)
class Standing:
    """Where a schedule stands.

    Args:
        due_at: when it was due last; `None` if it has not been seen yet.
        done_at: when it was done last.
        result: one line of what came of it.
    """

    name: str
    due_at: datetime | None
    done_at: datetime | None
    result: str


class Schedules:
    """The schedules of an installation.

    Args:
        database: where they stand.
        clock: tells what is due.
        settings: by name.
        tasks: by what they do.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        settings: Mapping[str, RecurringSettings],
        tasks: Mapping[str, Task],
    ) -> None:
        self._database = database
        self._clock = clock
        self._settings = dict(settings)
        self._tasks = dict(tasks)
        database.migrate("schedules", MIGRATIONS)

    def standings(self) -> list[Standing]:
        """Where each stands, by name."""
        rows = {row["name"]: row for row in self._database.connection().execute("SELECT * FROM schedule").fetchall()}
        return [
            Standing(
                name,
                from_iso(rows[name]["due_at"]) if name in rows else None,
                from_iso(rows[name]["done_at"]) if name in rows and rows[name]["done_at"] else None,
                rows[name]["result"] if name in rows else "",
            )
            for name in sorted(self._settings)
        ]

    def due(self) -> list[tuple[str, datetime]]:
        """What is due, each with its moment; of several missed ones the last. Call `queued` once it cannot be lost."""
        now, found = self._clock.now(), []
        for standing in self.standings():
            settings = self._settings[standing.name]
            moment = parse_cron(settings.cron).last(now)
            if moment is None or (standing.due_at is not None and moment <= standing.due_at):
                continue
            if standing.due_at is None or (not settings.catch_up and now - moment > _LATE):
                self.queued(standing.name, moment)  # seen for the first time, or missed for good
                continue
            found.append((standing.name, moment))
        return found

    def queued(self, name: str, moment: datetime) -> None:
        """Say that what was due then is under way."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO schedule (name, due_at, done_at, result) VALUES (?, ?, NULL, '') "
                "ON CONFLICT (name) DO UPDATE SET due_at = excluded.due_at",
                (name, to_iso(moment)),
            )

    def do(self, installation: Installation, name: str, moment: datetime) -> str:
        """Do what was due, and send the sign of life that says so; one line of what came of it."""
        settings = self._settings.get(name)
        if settings is None:
            return "no longer configured"
        succeeded = False
        try:
            result = self._tasks[settings.do](installation, settings, moment)
            beat(settings, self._clock.now())
            succeeded = True
        except OpswardenError as error:
            result = f"failed: {error.message}"
        result = installation.redaction.scrub(result)[:500]
        now = to_iso(self._clock.now())
        with self._database.transaction() as connection:
            connection.execute("UPDATE schedule SET done_at = ?, result = ? WHERE name = ?", (now, result, name))
            if succeeded:
                connection.execute("UPDATE schedule SET succeeded_at = ? WHERE name = ?", (now, name))
        return result


def beat(settings: RecurringSettings, now: datetime) -> None:
    """Leave the sign of life that somebody outside waits for.

    Raises:
        BackendError: it cannot be left.
        InputError: the address cannot be used.
    """
    from ..people.senders import write_whole  # noqa: PLC0415 - it brings the reports along

    if settings.beat_file is not None:
        write_whole(settings.beat_file, to_iso(now) + "\n")
    if settings.beat_url is not None:
        place = HttpPlace("the receiver of the sign of life", settings.beat_url.get_secret_value())
        answer = place.ask("GET", place.path or "/")
        if not 200 <= answer.status < 300:
            raise BackendError(f"{place.name} answered with status {answer.status}", remedy="check `beat_url`")
