"""What belongs to no triage of its own is told through the gate all the same: evidence, questions, our own words."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ...core.canonical import canonical_json
from ...core.errors import BackendError, CallDenied
from ...policies.types import Audience, Notice, Principal, Run, Sender, TellResult
from ..boundaries import usual_environment
from ..catalogue import declared_tools
from ..installation import Installation
from ..wiring import gate_factory
from .access import Access, checked_channel
from .posts import Posts
from .receiving import SOURCE
from .texts import File, Message
from .web_api import WebApi

KIND = "slack"
QUESTION, WORDS = "slack.question", "slack.words"
"""Kinds of notices: a question to people as it stands, in the form in which it is posted; a sentence to one person."""
_MOST_TOLD = 1_000
_LONGEST_S = 10 * 365 * 86_400


def tell_once(installation: Installation, by: str, sender: Sender, audience: Audience, notice: Notice) -> None:
    """Tell something through the gate, in a run of its own.

    Raises:
        BackendError: it did not arrive.
        CallDenied: it may not be told there.
    """
    told = _told(installation, installation.ids.new("run"), by, sender, audience, notice, "tell.evidence")
    if told.status == "failed":
        raise BackendError(told.message)
    if told.status != "sent":
        raise CallDenied(f"it may not be told: {told.message}", code=told.code)


class Teller:
    """Tells a channel, or one person in it, what is neither report nor evidence: decided, redacted and recorded.

    Args:
        installation: whose gate.
        api: speaks to one person.
        posts: keeps what the channel sees.
        access: says whether the channel is ours alone.
    """

    def __init__(self, installation: Installation, api: WebApi, posts: Posts, access: Access) -> None:
        self._installation = installation
        self._api = api
        self._posts = posts
        self._access = access

    def show(
        self,
        run_id: str,
        slot: str,
        audience: Audience,
        channel: str,
        shown: Message,
        thread_ts: str = "",
        kind: str = QUESTION,
    ) -> None:
        """See to it that a slot of a channel shows a message.

        What the gate refuses stays unsaid, and on record.

        Raises:
            BackendError: Slack does not take it; calling again is safe.
            LedgerError: it could not be recorded.
        """
        sender = _ToChannel(self._posts, self._access, slot, channel, thread_ts)
        body: dict[str, Any] = {"text": shown.text, "blocks": list(shown.blocks)}
        if shown.files:
            body["files"] = [asdict(file) for file in shown.files]
        before = self._posts.find(slot)
        if before is not None and self._posts.shows(before, shown):
            return
        # The same question can come to look as it did before: by what it looked like meanwhile the two differ.
        looks = canonical_json({"before": before.digest if before is not None else "", "now": body})
        self._tell(run_id, sender, audience, Notice(kind, body), f"show-{hashlib.sha256(looks).hexdigest()[:24]}")

    def whisper(self, run_id: str, audience: Audience, channel: str, user: str, thread_ts: str, said: Message) -> None:
        """Tell one person something in our own words.

        Raises:
            BackendError: as `show`.
            LedgerError: as `show`.
        """
        body: dict[str, Any] = {"to": user, "text": said.text, "blocks": list(said.blocks)}
        sender = _ToPerson(self._api, channel, user, thread_ts)
        name = hashlib.sha256(canonical_json(body)).hexdigest()[:24]
        self._tell(run_id, sender, audience, Notice(WORDS, body), f"say-{name}")

    def _tell(self, run_id: str, sender: Sender, audience: Audience, notice: Notice, call_id: str) -> None:
        told = _told(self._installation, run_id, f"system:{SOURCE}", sender, audience, notice, call_id)
        if told.status == "failed":
            raise BackendError(told.message)


@dataclass
class _ToChannel:
    """Posts or edits one slot; implements `Sender`."""

    posts: Posts
    access: Access
    slot: str
    channel: str
    thread_ts: str
    repeats_safely: Literal[True] = True

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        checked_channel(self.access, self.channel)
        return self.posts.ensure(self.slot, self.channel, _message(notice), self.thread_ts).ts


@dataclass
class _ToPerson:
    """Speaks to one person, who alone sees it; nobody is hurt if it is said twice. Implements `Sender`."""

    api: WebApi
    channel: str
    user: str
    thread_ts: str
    repeats_safely: Literal[True] = True

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        said = _message(notice)
        arguments = {
            "channel": self.channel,
            "user": self.user,
            "thread_ts": self.thread_ts or None,
            "text": said.text,
            "blocks": list(said.blocks),
        }
        return str(self.api.call("chat.postEphemeral", arguments).get("message_ts") or "")


def _message(notice: Notice) -> Message:
    text, blocks = notice.body["text"], notice.body["blocks"]
    if not isinstance(text, str) or not isinstance(blocks, list):
        raise BackendError("a notice is not of the form that Slack is told in")
    given = notice.body.get("files")
    files = tuple(
        File(str(each.get("name")), str(each.get("title")), str(each.get("content")))
        for each in (given if isinstance(given, list) else ())
        if isinstance(each, dict)
    )
    return Message(text, tuple(block for block in blocks if isinstance(block, dict)), files)


def _told(
    installation: Installation, run_id: str, by: str, sender: Sender, audience: Audience, notice: Notice, call_id: str
) -> TellResult:
    own = installation.of_team(audience.team)
    tools = declared_tools(own, usual_environment(own.settings.gate))
    # A run only in name: it lasts as long as the question, and does nothing but tell.
    limits = own.settings.gate.limits.model_copy(update={"tells": _MOST_TOLD, "wall_s": _LONGEST_S})
    run = Run(id=run_id, principal=Principal("triage", by, audience.team), trigger=SOURCE, audience_team=audience.team)
    gate = gate_factory(own, tools, senders={audience.kind: sender}, limits=limits).open_run(run)
    told = gate.tell(audience, notice, call_id=call_id)
    gate.end("told")
    return told
