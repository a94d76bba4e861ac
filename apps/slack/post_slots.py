"""The slots of our messages in Slack: what stands in each, and who may change it now.

Whoever posts holds the slot, and says so again before every request; who has not for two minutes has lost it. That is
counted on the clock of the database, so that machines whose clocks differ agree on it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ...core.clock import Clock, from_iso, to_iso
from ...core.database import Database, Migration
from .web_api import SlackUncertain

MIGRATIONS: tuple[Migration, ...] = (
    (
        1,
        """
        CREATE TABLE slack_post (
            slot TEXT PRIMARY KEY,
            channel TEXT NOT NULL,
            thread_ts TEXT NOT NULL,
            ts TEXT NOT NULL,
            digest TEXT NOT NULL,
            files TEXT NOT NULL,
            began TEXT NOT NULL,
            wanted TEXT NOT NULL,
            touched TEXT NOT NULL
        ) STRICT;
        CREATE INDEX slack_post_by_place ON slack_post (channel, ts)
        """,
    ),
    (2, "ALTER TABLE slack_post ADD COLUMN held_until TEXT NOT NULL DEFAULT ''"),
    (
        3,
        """
        ALTER TABLE slack_post ADD COLUMN tried TEXT NOT NULL DEFAULT '';
        ALTER TABLE slack_post ADD COLUMN sharing TEXT NOT NULL DEFAULT '{}';
        ALTER TABLE slack_post ADD COLUMN doubted TEXT NOT NULL DEFAULT ''
        """,
    ),
)

HELD = timedelta(minutes=2)
_LOOK_AGAIN_S = 0.2
_COLUMNS = frozenset(("ts", "digest", "files", "sharing", "tried", "doubted"))
_NOW = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') AS now"


@dataclass(frozen=True)
class Post:
    """A message of ours.

    Args:
        slot: what it is, such as `inc-1/report`.
        ts: its own; empty where nobody knows whether it was posted.
        digest: of what it shows; empty where nobody knows.
        files: names of those that are shared in its thread.
        sharing: ids of files, by name, of which it may be that they are.
        began: when it was first wanted.
        tried: when somebody was last about to post it; `None` if nobody ever was.
    """

    slot: str
    channel: str
    thread_ts: str
    ts: str
    digest: str
    files: tuple[str, ...]
    sharing: Mapping[str, str]
    began: datetime
    tried: datetime | None


@dataclass
class Hold:
    """A slot that is ours, until `until` at least.

    Args:
        is_new: whether nobody has ever held it, so nothing of it can be in Slack.
    """

    slots: PostSlots
    slot: str
    until: str
    is_new: bool

    def renew(self) -> None:
        """Hold it for another two minutes.

        Raises:
            SlackUncertain: somebody else holds it.
        """
        self.write()

    def write(self, **changed: str) -> Post:
        """Keep something about the message, and hold it for another two minutes.

        Args:
            changed: columns of the table.

        Raises:
            SlackUncertain: somebody else holds it; nothing was kept.
        """
        if not _COLUMNS.issuperset(changed):
            raise ValueError("a column that a holder does not write")
        until = to_iso(self.slots.now() + HELD)
        names = "".join(f", {name} = ?" for name in changed)
        sql = f"UPDATE slack_post SET held_until = ?{names} WHERE slot = ? AND held_until = ?"  # noqa: S608 - the columns above
        with self.slots.database.transaction() as connection:
            written = connection.execute(sql, (until, *changed.values(), self.slot, self.until)).rowcount
        if written != 1:
            raise SlackUncertain("somebody else posts the same by now", remedy="it is tried again")
        self.until = until
        return self.post()

    def post(self) -> Post:
        """The message as it is kept."""
        post = self.slots.find(self.slot)
        if post is None:
            raise SlackUncertain("what was about to be posted was erased meanwhile", remedy="it is tried again")
        return post

    def let_go(self) -> None:
        """Let others have it."""
        with self.slots.database.transaction() as connection:
            sql = "UPDATE slack_post SET held_until = '' WHERE slot = ? AND held_until = ?"
            connection.execute(sql, (self.slot, self.until))


class PostSlots:
    """The table of them.

    Args:
        database: where they are kept.
        clock: tells the time where the database has no clock of its own.
        sleep: waits for whoever holds a slot.
    """

    def __init__(self, database: Database, clock: Clock, sleep: Callable[[float], None]) -> None:
        self.database = database
        self._clock = clock
        self._sleep = sleep
        database.migrate("slack_posts", MIGRATIONS)

    def now(self) -> datetime:
        """The time of day, the same for everybody who shares the database."""
        if self.database.dialect != "postgresql":
            return self._clock.now()  # one file is on one machine, which has one clock
        return from_iso(self.database.connection().execute(_NOW).fetchone()["now"])

    def find(self, slot: str) -> Post | None:
        """The message of a slot, if it was ever begun."""
        return self._read("slot = ?", slot)

    def at(self, channel: str, ts: str) -> Post | None:
        """The message of ours in a place."""
        return self._read("channel = ? AND ts = ?", channel, ts)

    def named(self, prefix: str) -> tuple[str, ...]:
        """Slots that begin so, oldest first."""
        rows = self.database.connection().execute(
            "SELECT slot FROM slack_post WHERE substr(slot, 1, ?) = ? ORDER BY began, slot LIMIT 1000",
            (len(prefix), prefix),
        )
        return tuple(row["slot"] for row in rows)

    def hold(self, slot: str, channel: str = "", thread_ts: str = "", wanted: str = "") -> Hold:
        """Hold a slot, waiting for whoever does.

        Args:
            slot: begun if it is new and has a channel.
            channel: of its message.
            thread_ts: of its message.
            wanted: what it is to show, kept for whoever comes after us if we die; empty leaves what is kept.

        Raises:
            SlackUncertain: others have held it all the time, or it is no slot.
        """
        if channel and (until := self._begun(slot, channel, thread_ts, wanted)):
            return Hold(self, slot, until, is_new=True)
        if wanted:
            self.want(slot, wanted)
        for _ in range(round(HELD.total_seconds() / _LOOK_AGAIN_S) + 10):
            now = self.now()
            until = to_iso(now + HELD)
            with self.database.transaction() as connection:
                sql = "UPDATE slack_post SET held_until = ? WHERE slot = ? AND held_until <= ?"
                if connection.execute(sql, (until, slot, to_iso(now))).rowcount == 1:
                    return Hold(self, slot, until, is_new=False)
            self._sleep(_LOOK_AGAIN_S)
        raise SlackUncertain("somebody else has been posting the same for two minutes", remedy="it is tried again")

    def want(self, slot: str, wanted: str) -> None:
        """Keep what a slot is to show."""
        now = to_iso(self.now())
        with self.database.transaction() as connection:
            connection.execute("UPDATE slack_post SET wanted = ?, touched = ? WHERE slot = ?", (wanted, now, slot))

    def wanted(self, slot: str) -> str:
        """What a slot is to show and may not; empty if nothing."""
        row = self.database.connection().execute("SELECT wanted FROM slack_post WHERE slot = ?", (slot,)).fetchone()
        return str(row["wanted"]) if row is not None else ""

    def is_shown(self, slot: str, wanted: str) -> None:
        """It shows this by now; what somebody else wants of it by now stays wanted."""
        with self.database.transaction() as connection:
            connection.execute("UPDATE slack_post SET wanted = '' WHERE slot = ? AND wanted = ?", (slot, wanted))

    def doubt(self, slot: str) -> None:
        """Have it looked for again, whoever holds it."""
        now = to_iso(self.now())
        with self.database.transaction() as connection:
            connection.execute("UPDATE slack_post SET doubted = ? WHERE slot = ?", (now, slot))

    def settle(self, slot: str, since: str) -> None:
        """It is looked for no more, unless somebody has doubted it since."""
        with self.database.transaction() as connection:
            connection.execute("UPDATE slack_post SET doubted = '' WHERE slot = ? AND doubted = ?", (slot, since))

    def late(self) -> tuple[str, ...]:
        """Slots that have not shown for two minutes what they are to show, at most a hundred."""
        sql = "SELECT slot FROM slack_post WHERE wanted <> '' AND touched < ? LIMIT 100"
        rows = self.database.connection().execute(sql, (to_iso(self.now() - HELD),)).fetchall()
        return tuple(row["slot"] for row in rows)

    def doubted(self, slot: str = "") -> Mapping[str, str]:
        """Slots whose message may have come twice, two minutes after the last request for it, at most a hundred.

        Args:
            slot: the only one that is asked for.

        Returns:
            Since when, by slot.
        """
        sql = "SELECT slot, doubted FROM slack_post WHERE doubted <> '' AND doubted < ? AND ? IN ('', slot) LIMIT 100"
        rows = self.database.connection().execute(sql, (to_iso(self.now() - HELD), slot)).fetchall()
        return {row["slot"]: row["doubted"] for row in rows}

    def _begun(self, slot: str, channel: str, thread_ts: str, wanted: str) -> str:
        """Until when a new slot is held; empty if it is not new."""
        now = self.now()
        until, moment = to_iso(now + HELD), to_iso(now)
        with self.database.transaction() as connection:
            written = connection.execute(
                "INSERT INTO slack_post (slot, channel, thread_ts, ts, digest, files, began, wanted, touched,"
                " held_until) VALUES (?, ?, ?, '', '', '[]', ?, ?, ?, ?) ON CONFLICT (slot) DO NOTHING",
                (slot, channel, thread_ts, moment, wanted, moment, until),
            )
            return until if written.rowcount == 1 else ""

    def _read(self, where: str, *values: str) -> Post | None:
        sql = f"SELECT * FROM slack_post WHERE {where}"  # noqa: S608 - the two conditions above
        row: Any = self.database.connection().execute(sql, values).fetchone()
        if row is None:
            return None
        return Post(
            row["slot"],
            row["channel"],
            row["thread_ts"],
            row["ts"],
            row["digest"],
            tuple(json.loads(row["files"])),
            json.loads(row["sharing"]),
            from_iso(row["began"]),
            from_iso(row["tried"]) if row["tried"] else None,
        )
