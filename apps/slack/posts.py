"""What was posted where: each slot is one message, posted once and edited from then on, whatever dies in between."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ...core.clock import Clock, from_iso, to_iso
from ...core.database import Database, Migration
from .texts import File, Message
from .web_api import SlackRefused, SlackUncertain, WebApi

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
)

_EVENT = "opswarden_post"
_PAGES = 5
_ABANDONED = timedelta(minutes=2)
_LOOKED_BACK = timedelta(minutes=15)
"""How far our clock may be ahead of Slack's."""
_LOOK_AGAIN_S = 0.2

Told = Message | Callable[[], Message]
"""What a slot is to show; asked for once nobody else posts there, where it may have changed until then."""


@dataclass(frozen=True)
class Post:
    """A message of ours.

    Args:
        slot: what it is, such as `inc-1/report`.
        ts: its own; empty where nobody knows whether it was posted.
    """

    slot: str
    channel: str
    thread_ts: str
    ts: str
    digest: str
    files: tuple[str, ...]
    began: datetime

    def shows(self, message: Message) -> bool:
        """Whether this is what it shows."""
        return self.digest == _digest(message)


class Posts:
    """The messages of ours that are in Slack.

    Args:
        database: where they are kept.
        clock: tells when each was begun.
        api: posts them.
        sleep: waits for whoever posts in the same slot.
    """

    def __init__(
        self, database: Database, clock: Clock, api: WebApi, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._database = database
        self._clock = clock
        self._api = api
        self._sleep = sleep
        database.migrate("slack_posts", MIGRATIONS)

    def find(self, slot: str) -> Post | None:
        """The message of a slot, if it was ever begun."""
        return self._read("slot = ?", slot)

    def at(self, channel: str, ts: str) -> Post | None:
        """The message of ours in a place."""
        return self._read("channel = ? AND ts = ?", channel, ts)

    def slots(self, prefix: str) -> tuple[str, ...]:
        """Slots that begin so, oldest first."""
        rows = self._database.connection().execute(
            "SELECT slot FROM slack_post WHERE substr(slot, 1, ?) = ? ORDER BY began, slot LIMIT 1000",
            (len(prefix), prefix),
        )
        return tuple(row["slot"] for row in rows)

    def ensure(self, slot: str, channel: str, told: Told, thread_ts: str = "") -> Post:
        """See to it that the slot shows this message: posted once, edited where it differs.

        One thread of one process at a time posts in a slot. A post whose answer was lost, or whose process died, is
        looked for in the channel before anything is posted.

        Raises:
            SlackRefused, SlackUncertain: it is not known to be there; calling again is safe.
        """
        message = told() if callable(told) else told
        held, is_new = self._begun(slot, channel, message, thread_ts)
        try:
            if callable(told) and not is_new:
                message = told()
                self._want(slot, message)
            return self._shown(slot, message, is_new=is_new)
        finally:
            self._let_go(slot, held)

    def _shown(self, slot: str, message: Message, *, is_new: bool) -> Post:
        digest, post = _digest(message), self.find(slot)
        if post is None:
            raise AssertionError("the slot was just written")
        if not post.ts:
            ts = "" if is_new else self._looked_for(post)
            post = self._with(post, ts=ts or self._post(post, message), digest=digest if not ts else "")
        if post.digest != digest:
            post = self._edited(post, message, digest)
        for file in message.files:
            if file.name not in post.files:
                self._api.upload(file, post.channel, post.thread_ts or post.ts)
                post = self._with(post, files=(*post.files, file.name))
        with self._database.transaction() as connection:
            connection.execute("UPDATE slack_post SET wanted = '' WHERE slot = ?", (slot,))
        return post

    def mend(self, may_speak: Callable[[str], bool] = lambda _channel: True) -> int:
        """Bring to Slack what was begun two minutes ago and did not get there; how much that was.

        Args:
            may_speak: whether a channel may be told anything now.

        Raises:
            SlackRefused, SlackUncertain: as `ensure`.
        """
        late = to_iso(self._clock.now() - _ABANDONED)
        rows = (
            self._database.connection()
            .execute("SELECT slot, wanted FROM slack_post WHERE wanted <> '' AND touched < ? LIMIT 100", (late,))
            .fetchall()
        )
        for row in rows:
            post, told = self.find(row["slot"]), json.loads(row["wanted"])
            if post is not None and may_speak(post.channel):
                files = tuple(File(**each) for each in told["files"])
                wanted = Message(told["text"], tuple(told["blocks"]), files)
                self.ensure(post.slot, post.channel, wanted, post.thread_ts)
        return len(rows)

    def _post(self, post: Post, message: Message) -> str:
        arguments = {
            "channel": post.channel,
            "thread_ts": post.thread_ts or None,
            **_content(message),
            "metadata": {"event_type": _EVENT, "event_payload": {"slot": post.slot}},
            "unfurl_links": False,
            "unfurl_media": False,
            "parse": "none",
            "link_names": False,
        }
        try:
            return str(self._api.call("chat.postMessage", arguments, again=False)["ts"])
        except SlackUncertain:
            ts = self._looked_for(post)
            if ts:
                return ts
            return str(self._api.call("chat.postMessage", arguments, again=False)["ts"])

    def _edited(self, post: Post, message: Message, digest: str) -> Post:
        arguments = {"channel": post.channel, "ts": post.ts, **_content(message), "parse": "none", "link_names": False}
        try:
            self._api.call("chat.update", arguments)
        except SlackRefused as error:
            if error.code != "message_not_found":
                raise
            # Somebody deleted it; people still have to be told.
            return self._with(post, ts=self._post(post, message), digest=digest)
        return self._with(post, digest=digest)

    def _looked_for(self, post: Post) -> str:
        """The `ts` of a post whose answer never came; empty if it is not there."""
        method = "conversations.replies" if post.thread_ts else "conversations.history"
        cursor = ""
        for _ in range(_PAGES):
            found = self._api.call(
                method,
                {
                    "channel": post.channel,
                    "ts": post.thread_ts or None,
                    "oldest": f"{(post.began - _LOOKED_BACK).timestamp():.6f}",
                    "include_all_metadata": True,
                    "limit": 200,
                    "cursor": cursor or None,
                },
            )
            for row in found.get("messages", ()):
                if _slot_of(row) == post.slot:
                    return str(row["ts"])
            cursor = str((found.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return ""
        return ""

    def _begun(self, slot: str, channel: str, message: Message, thread_ts: str) -> tuple[str, bool]:
        """Hold the slot, waiting for whoever does; until when, and whether it is new."""
        now, held = self._now_and_later()
        with self._database.transaction() as connection:
            written = connection.execute(
                "INSERT INTO slack_post (slot, channel, thread_ts, ts, digest, files, began, wanted, touched,"
                " held_until) VALUES (?, ?, ?, '', '', '[]', ?, ?, ?, ?) ON CONFLICT (slot) DO NOTHING",
                (slot, channel, thread_ts, now, _kept(message), now, held),
            )
            if written.rowcount == 1:
                return held, True
        self._want(slot, message)
        for _ in range(round(_ABANDONED.total_seconds() / _LOOK_AGAIN_S) + 10):
            now, held = self._now_and_later()
            with self._database.transaction() as connection:
                sql = "UPDATE slack_post SET held_until = ? WHERE slot = ? AND held_until <= ?"
                if connection.execute(sql, (held, slot, now)).rowcount == 1:
                    return held, False
            self._sleep(_LOOK_AGAIN_S)
        raise SlackUncertain("somebody else has been posting the same for two minutes", remedy="it is tried again")

    def _now_and_later(self) -> tuple[str, str]:
        now = self._clock.now()
        return to_iso(now), to_iso(now + _ABANDONED)

    def _want(self, slot: str, message: Message) -> None:
        with self._database.transaction() as connection:
            sql = "UPDATE slack_post SET wanted = ?, touched = ? WHERE slot = ?"
            connection.execute(sql, (_kept(message), to_iso(self._clock.now()), slot))

    def _let_go(self, slot: str, held: str) -> None:
        with self._database.transaction() as connection:
            connection.execute("UPDATE slack_post SET held_until = '' WHERE slot = ? AND held_until = ?", (slot, held))

    def _with(self, post: Post, **changed: Any) -> Post:
        fields = {**vars(post), **changed}
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE slack_post SET ts = ?, digest = ?, files = ? WHERE slot = ?",
                (fields["ts"], fields["digest"], json.dumps(list(fields["files"])), post.slot),
            )
        return Post(**fields)

    def _read(self, where: str, *values: str) -> Post | None:
        sql = f"SELECT * FROM slack_post WHERE {where}"  # noqa: S608 - the two conditions above
        row = self._database.connection().execute(sql, values).fetchone()
        if row is None:
            return None
        return Post(
            row["slot"],
            row["channel"],
            row["thread_ts"],
            row["ts"],
            row["digest"],
            tuple(json.loads(row["files"])),
            from_iso(row["began"]),
        )


def _content(message: Message) -> dict[str, Any]:
    return {"text": message.text, "blocks": list(message.blocks)}


def _kept(message: Message) -> str:
    return json.dumps({**_content(message), "files": [vars(file) for file in message.files]})


def _digest(message: Message) -> str:
    return hashlib.sha256(json.dumps(_content(message), sort_keys=True).encode()).hexdigest()


def _slot_of(row: Mapping[str, Any]) -> str:
    told = row.get("metadata")
    if not isinstance(told, Mapping) or told.get("event_type") != _EVENT:
        return ""
    payload = told.get("event_payload")
    return str(payload.get("slot", "")) if isinstance(payload, Mapping) else ""
