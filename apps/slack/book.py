"""What the Slack app has to remember: where each incident is told, mutes, opinions, and how much was asked."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from ...core.clock import Clock, from_iso, to_iso
from ...core.database import Database, Migration, Row
from .texts import Line, Words

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE slack_incident (
            id TEXT PRIMARY KEY,
            channel TEXT NOT NULL,
            thread_ts TEXT NOT NULL,
            run_id TEXT NOT NULL,
            incident TEXT NOT NULL,
            state TEXT NOT NULL,
            found TEXT NOT NULL,
            suspect TEXT NOT NULL,
            began TEXT NOT NULL
        ) STRICT;
        CREATE INDEX slack_incident_by_run ON slack_incident (run_id);
        CREATE TABLE slack_mute (
            channel TEXT NOT NULL,
            until TEXT NOT NULL,
            muted_by TEXT NOT NULL,
            at TEXT NOT NULL
        ) STRICT;
        CREATE TABLE slack_opinion (
            run_id TEXT NOT NULL,
            person TEXT NOT NULL,
            channel TEXT NOT NULL,
            opinion TEXT NOT NULL,
            at TEXT NOT NULL,
            PRIMARY KEY (run_id, person)
        ) STRICT;
        CREATE TABLE slack_asked (
            arrival TEXT PRIMARY KEY,
            person TEXT NOT NULL,
            channel TEXT NOT NULL,
            at TEXT NOT NULL
        ) STRICT;
        CREATE INDEX slack_asked_by_time ON slack_asked (at)
        """,
    ),
)

OPENED_MIGRATIONS: tuple[Migration, ...] = (
    (1, "CREATE TABLE slack_opened (arrival TEXT PRIMARY KEY, incident TEXT NOT NULL) STRICT"),
)
"""Which incident an arrival has opened."""

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Told:
    """An incident as it is told in a channel.

    Args:
        id: of the incident; also the slot of its message.
        channel: id of the channel; empty where it is told elsewhere.
        thread_ts: where a person asked for it; empty where it has a message of its own in the channel.
        incident: `ToldIncident` as JSON, as it was told last.
        state: the line of where it stands.
        found: the lines of what was found.
        suspect: verdict, entity and change of the report; empty before.
    """

    id: str
    channel: str
    thread_ts: str
    run_id: str
    incident: str
    state: str
    found: tuple[tuple[Words, ...], ...]
    suspect: Mapping[str, str]
    began: datetime


class Book:
    """The tables of the Slack app.

    Args:
        database: where they are.
        clock: tells when something was asked.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        database.migrate("slack_book", MIGRATIONS)

    def tell(self, told: Told) -> Told:
        """Remember an incident; what is known already stays."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO slack_incident VALUES (?, ?, ?, ?, ?, ?, '[]', '{}', ?) ON CONFLICT (id) DO NOTHING",
                (told.id, told.channel, told.thread_ts, told.run_id, told.incident, told.state, to_iso(told.began)),
            )
        return self.told(told.id) or told

    def told(self, incident_id: str) -> Told | None:
        """An incident; `None` if nobody was told of it here."""
        return self._one("id = ?", incident_id)

    def of_run(self, run_id: str) -> Told | None:
        """The incident of a run."""
        return self._one("run_id = ?", run_id)

    def at(self, channel: str, thread_ts: str) -> Told | None:
        """The incident that a person asked for in a thread."""
        row = (
            self._database.connection()
            .execute(
                "SELECT * FROM slack_incident WHERE channel = ? AND thread_ts = ? ORDER BY began DESC LIMIT 1",
                (channel, thread_ts),
            )
            .fetchone()
        )
        return _told(row) if row is not None else None

    def newest(self, channel: str, since: datetime) -> tuple[Told, ...]:
        """Incidents of a channel that began since then, the newest first, at most a hundred."""
        rows = self._database.connection().execute(
            "SELECT * FROM slack_incident WHERE channel = ? AND began >= ? ORDER BY began DESC LIMIT 100",
            (channel, to_iso(since)),
        )
        return tuple(_told(row) for row in rows)

    def change(
        self,
        told: Told,
        *,
        incident: str | None = None,
        state: str | None = None,
        found: Sequence[Line] | None = None,
        suspect: Mapping[str, str] | None = None,
        channel: str | None = None,
    ) -> Told:
        """Remember what has become of an incident; what others have changed meanwhile stays."""
        with self._database.transaction() as connection:
            known = self.told(told.id) or told
            now = replace(
                known,
                incident=known.incident if incident is None else incident,
                state=known.state if state is None else state,
                found=known.found if found is None else tuple(tuple(line) for line in found),
                suspect=known.suspect if suspect is None else dict(suspect),
                channel=known.channel if channel is None else channel,
            )
            lines = [[[words.text, words.style] for words in line] for line in now.found]
            connection.execute(
                "UPDATE slack_incident SET incident = ?, state = ?, found = ?, suspect = ?, channel = ? WHERE id = ?",
                (now.incident, now.state, json.dumps(lines), json.dumps(dict(now.suspect)), now.channel, told.id),
            )
        return now

    def mute(self, channel: str, until: datetime, by: str, at: datetime) -> None:
        """Triage nothing by itself in a channel until then; a moment that has passed ends it.

        Args:
            channel: its id.
            until: when it ends.
            by: who wants it, by Slack's id.
            at: when they said so; the same word again changes and counts nothing, the latest one stands.
        """
        row = (channel, to_iso(until), by, to_iso(at))
        same = "SELECT 1 FROM slack_mute WHERE channel = ? AND until = ? AND muted_by = ? AND at = ?"
        with self._database.transaction() as connection:
            if connection.execute(same, row).fetchone() is None:
                connection.execute("INSERT INTO slack_mute VALUES (?, ?, ?, ?)", row)

    def muted_until(self, channel: str) -> datetime | None:
        """Until when; `None` if it is not muted now."""
        row = self._first("SELECT until FROM slack_mute WHERE channel = ? ORDER BY at DESC", channel)
        until = from_iso(row["until"]) if row is not None else None
        return until if until is not None and until > self._clock.now() else None

    def opine(self, run_id: str, person: str, channel: str, opinion: str) -> None:
        """Keep what somebody thinks of a report; their last word counts."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM slack_opinion WHERE run_id = ? AND person = ?", (run_id, person))
            connection.execute(
                "INSERT INTO slack_opinion VALUES (?, ?, ?, ?, ?)",
                (run_id, person, channel, opinion, to_iso(self._clock.now())),
            )

    def usage(self, channel: str) -> dict[str, int]:
        """What was told and thought in a channel: `told`, `muted`, and opinions by their names."""
        counted = {"told": 0, "muted": 0, "useful": 0, "partly": 0, "wrong": 0}
        row = self._first("SELECT count(*) AS n FROM slack_incident WHERE channel = ?", channel)
        counted["told"] = int(row["n"]) if row is not None else 0
        row = self._first("SELECT count(*) AS n FROM slack_mute WHERE channel = ? AND until > at", channel)
        counted["muted"] = int(row["n"]) if row is not None else 0
        rows = self._database.connection().execute(
            "SELECT opinion, count(*) AS n FROM slack_opinion WHERE channel = ? GROUP BY opinion", (channel,)
        )
        return counted | {str(row["opinion"]): int(row["n"]) for row in rows}

    def may_ask(self, arrival: str, person: str, channel: str, per_person: int, per_channel: int) -> bool:
        """Whether another request fits into this minute; counts it, once per arrival, if so."""
        now = self._clock.now()
        since = to_iso(now - _MINUTE)
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM slack_asked WHERE at < ?", (to_iso(now - 60 * _MINUTE),))
            if connection.execute("SELECT 1 FROM slack_asked WHERE arrival = ?", (arrival,)).fetchone() is not None:
                return True
            for column, value, most in (("person", person, per_person), ("channel", channel, per_channel)):
                sql = f"SELECT count(*) AS n FROM slack_asked WHERE {column} = ? AND at >= ?"  # noqa: S608 - two names
                if connection.execute(sql, (value, since)).fetchone()["n"] >= most:
                    return False
            connection.execute("INSERT INTO slack_asked VALUES (?, ?, ?, ?)", (arrival, person, channel, to_iso(now)))
        return True

    def _one(self, where: str, value: str) -> Told | None:
        row = self._first(f"SELECT * FROM slack_incident WHERE {where}", value)  # noqa: S608 - the conditions above
        return _told(row) if row is not None else None

    def _first(self, sql: str, value: str) -> Row | None:
        row: Row | None = self._database.connection().execute(f"{sql} LIMIT 1", (value,)).fetchone()
        return row


def _told(row: Row) -> Told:
    found: Any = json.loads(row["found"])
    return Told(
        row["id"],
        row["channel"],
        row["thread_ts"],
        row["run_id"],
        row["incident"],
        row["state"],
        tuple(tuple(Words(text, style) for text, style in line) for line in found),
        json.loads(row["suspect"]),
        from_iso(row["began"]),
    )
