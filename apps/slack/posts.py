"""What was posted where: each slot is one message, posted once and edited from then on, whatever dies in between.

Slack knows no key under which a message may be sent again. So a request whose answer is not known is looked for in the
channel, by the slot in the metadata of the message, before the next one. A request that comes to Slack after that
(sent by a process that was held up for two minutes, or kept by something in between) makes a second message: wherever
that may be, the channel is looked at once more two minutes later, and what is there twice is deleted.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ...core.clock import Clock, to_iso
from ...core.database import Database
from .post_slots import Hold, Post, PostSlots
from .texts import File, Message
from .web_api import SlackRefused, SlackUncertain, WebApi

_EVENT = "opswarden_post"
_PAGES, _PAGE = 10, 200
_LOOKED_AROUND = timedelta(minutes=15)
"""How far the clock of the database may be from Slack's, and how late a request may arrive."""

Told = Message | Callable[[], Message]
"""What a slot is to show; asked for once nobody else posts there, where it may have changed until then."""


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
        self._slots = PostSlots(database, clock, sleep)
        self._api = api

    def find(self, slot: str) -> Post | None:
        """The message of a slot, if it was ever begun."""
        return self._slots.find(slot)

    def at(self, channel: str, ts: str) -> Post | None:
        """The message of ours in a place."""
        return self._slots.at(channel, ts)

    def slots(self, prefix: str) -> tuple[str, ...]:
        """Slots that begin so, oldest first."""
        return self._slots.named(prefix)

    def shows(self, post: Post, message: Message) -> bool:
        """Whether this is what it shows, as far as we know."""
        return bool(post.ts) and post.digest == _digest(message)

    def ensure(self, slot: str, channel: str, told: Told, thread_ts: str = "") -> Post:
        """See to it that the slot shows this message: posted once, edited where it differs.

        One thread of one process at a time posts in a slot. A post whose answer was lost, or whose process died, is
        looked for in the channel before anything is posted.

        Raises:
            SlackRefused, SlackUncertain: it is not known to be there; calling again is safe.
        """
        message = told() if callable(told) else told
        hold = self._slots.hold(slot, channel, thread_ts, _kept(message))
        try:
            if callable(told) and not hold.is_new:
                message = told()
                self._slots.want(slot, _kept(message))
            return self._shown(hold, message)
        finally:
            hold.let_go()

    def mend(self, may_speak: Callable[[str], bool] = lambda _channel: True) -> int:
        """Bring to Slack what was begun two minutes ago and did not get there, and delete what came there twice.

        Args:
            may_speak: whether a channel may be told anything now.

        Returns:
            How many messages that was.

        Raises:
            SlackRefused, SlackUncertain: as `ensure`.
        """
        late = self._slots.late()
        for slot in late:
            if self._may_speak(slot, may_speak):
                self._caught_up(slot)
        doubted = self._slots.doubted()
        for slot in doubted:
            if self._may_speak(slot, may_speak):
                self._cleared(slot)
        return len({*late, *doubted})

    def _may_speak(self, slot: str, may_speak: Callable[[str], bool]) -> bool:
        post = self._slots.find(slot)
        return post is not None and may_speak(post.channel)

    def _caught_up(self, slot: str) -> None:
        hold = self._slots.hold(slot)
        try:
            wanted = self._slots.wanted(slot)
            if wanted:  # else somebody else saw to it while we waited
                told = json.loads(wanted)
                files = tuple(File(**each) for each in told["files"])
                self._shown(hold, Message(told["text"], tuple(told["blocks"]), files))
        finally:
            hold.let_go()

    def _cleared(self, slot: str) -> None:
        """Leave one message of a slot: the one that we know, or the first."""
        hold = self._slots.hold(slot)
        try:
            post, doubted = hold.post(), self._slots.doubted(slot).get(slot, "")
            if not post.ts or not doubted:
                return  # whoever posts it looks for it first; or somebody has looked, or posted again, meanwhile
            since = min(post.tried or post.began, datetime.fromtimestamp(float(post.ts), UTC))
            found = sorted(str(row["ts"]) for row in self._rows(hold, post, since) if _slot_of(row) == slot)
            if found and post.ts not in found:
                post = hold.write(ts=found[0], digest="")
            for ts in found:
                if ts != post.ts:
                    hold.renew()
                    self._deleted(post.channel, ts)
            self._slots.settle(slot, doubted)
        finally:
            hold.let_go()

    def _deleted(self, channel: str, ts: str) -> None:
        try:
            self._api.call("chat.delete", {"channel": channel, "ts": ts})
        except SlackRefused as error:
            if error.code != "message_not_found":
                raise

    def _shown(self, hold: Hold, message: Message) -> Post:
        post = hold.post()
        if not post.ts and not hold.is_new:
            post = self._adopted(hold, post)
        if not post.ts:
            post = self._posted(hold, post, message)
        if post.digest != _digest(message):
            post = self._edited(hold, post, message)
        for file in message.files:
            if file.name not in post.files:
                post = self._shared(hold, post, file)
        self._slots.is_shown(post.slot, _kept(message))
        return post

    def _adopted(self, hold: Hold, post: Post) -> Post:
        """The post with the message that stands in the channel, if one does."""
        # What was tried earlier was looked for before it was tried again.
        for row in self._rows(hold, post, post.tried or post.began):
            if _slot_of(row) == post.slot:
                return hold.write(ts=str(row["ts"]), digest="")
        return post

    def _posted(self, hold: Hold, post: Post, message: Message) -> Post:
        arguments = {
            "channel": post.channel,
            "thread_ts": post.thread_ts or None,
            **_content(message),
            "metadata": _metadata(post),
            "unfurl_links": False,
            "unfurl_media": False,
            "parse": "none",
            "link_names": False,
        }
        is_first = hold.is_new
        for is_last in (False, True):
            now = to_iso(self._slots.now())
            # What an earlier request may still bring is looked for once more when this one is long over.
            hold.write(tried=now, **({} if is_first else {"doubted": now}))
            try:
                ts = str(self._api.call("chat.postMessage", arguments, again=False)["ts"])
                return self._kept_or_doubted(hold, ts=ts, digest=_digest(message))
            except SlackUncertain as error:
                post = self._adopted(hold, hold.post())
                if post.ts:
                    return post
                if is_last or not error.is_answered:
                    raise  # it may be on its way still: whoever comes next looks again
                is_first = False
        raise AssertionError("the last attempt returns or raises")

    def _kept_or_doubted(self, hold: Hold, **changed: str) -> Post:
        try:
            return hold.write(**changed)
        except SlackUncertain:
            # We were held up for so long that somebody else took over, and posted it as well perhaps.
            self._slots.doubt(hold.slot)
            raise

    def _edited(self, hold: Hold, post: Post, message: Message) -> Post:
        arguments = {
            "channel": post.channel,
            "ts": post.ts,
            **_content(message),
            "metadata": _metadata(post),
            "parse": "none",
            "link_names": False,
        }
        hold.renew()
        try:
            self._api.call("chat.update", arguments)
        except SlackRefused as error:
            if error.code != "message_not_found":
                raise
            # Somebody deleted it; people still have to be told.
            return self._posted(hold, hold.write(ts="", digest=""), message)
        return hold.write(digest=_digest(message))

    def _shared(self, hold: Hold, post: Post, file: File) -> Post:
        """The post with a file in its thread; one that may be there is looked for by its id."""
        thread_ts, files = post.thread_ts or post.ts, json.dumps([*post.files, file.name])
        file_id = post.sharing.get(file.name, "")
        if file_id and self._is_shared(hold, post, thread_ts, file_id):
            return hold.write(files=files)
        hold.renew()
        file_id = self._api.upload(file)
        post = hold.write(sharing=json.dumps({**post.sharing, file.name: file_id}))
        try:
            self._api.share(file_id, file.title, post.channel, thread_ts)
        except SlackUncertain:
            if not self._is_shared(hold, post, thread_ts, file_id):
                raise
        return hold.write(files=files)

    def _is_shared(self, hold: Hold, post: Post, thread_ts: str, file_id: str) -> bool:
        return any(
            file_id in {str(each.get("id")) for each in row.get("files", ()) if isinstance(each, Mapping)}
            for row in self._rows(hold, post, post.tried or post.began, thread_ts)
        )

    def _rows(self, hold: Hold, post: Post, since: datetime, thread_ts: str = "") -> Iterator[Mapping[str, Any]]:
        """What stands where the post is since then, or a little earlier; of a busy place the newest 2,000 messages."""
        thread_ts = thread_ts or post.thread_ts
        method = "conversations.replies" if thread_ts else "conversations.history"
        cursor = ""
        for _ in range(_PAGES):
            hold.renew()
            found = self._api.call(
                method,
                {
                    "channel": post.channel,
                    "ts": thread_ts or None,
                    "oldest": f"{(since - _LOOKED_AROUND).timestamp():.6f}",
                    "include_all_metadata": True,
                    "limit": _PAGE,
                    "cursor": cursor or None,
                },
            )
            yield from (row for row in found.get("messages", ()) if isinstance(row, Mapping))
            cursor = str((found.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return


def _content(message: Message) -> dict[str, Any]:
    return {"text": message.text, "blocks": list(message.blocks)}


def _metadata(post: Post) -> dict[str, Any]:
    return {"event_type": _EVENT, "event_payload": {"slot": post.slot}}


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
