"""Tells incidents in Slack: one message each, edited in place, and everything else in its thread."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from pydantic import ValidationError

from ...agents.triage.types import Answer, Evidence, TriageReport
from ...core.clock import Clock
from ...core.database import STATEMENT_ERRORS
from ...core.errors import BackendError, InputError, OpswardenError
from ...policies.approvals import ApprovalStore
from ...policies.types import Audience, Notice, Sender
from ..people.senders import ANSWER, FINAL, STATISTICS
from ..service.telling import STATUS, IncidentStatus, Telling, ToldIncident
from .access import Access, checked_channel
from .approval_message import ApprovalMessages
from .book import Book, Told
from .incident_message import found_lines, incident_message
from .phrases import in_language
from .posts import Posts
from .settings import RANK, ChannelSettings, SlackSettings, severity_of
from .telling_once import KIND, Teller
from .texts import Message
from .thread_messages import answer_message, evidence_message, report_message
from .web_api import WebApi
from .words import STEPS, Language, say

EVIDENCE = "slack.evidence"
"""The kind of a notice with one `Evidence` that somebody asked for."""
_PLACE = "slack:"
_PACE_S = 5.0
_IDLE_S = 30.0
_STATES = {"opened": "open"}
Later = Callable[[Callable[[], None]], None]


def place_of(channel: str, ts: str) -> str:
    """What `ToldIncident.thread` says where somebody asked for it in Slack."""
    return f"{_PLACE}{channel}:{ts}"


@dataclass(frozen=True)
class SlackParts:
    """What the parts of the Slack app share.

    Args:
        team: of the installation.
        over: ids of questions whose messages show how they ended.
    """

    settings: SlackSettings
    team: str
    api: WebApi
    book: Book
    posts: Posts
    access: Access
    approvals: ApprovalStore
    messages: ApprovalMessages
    clock: Clock
    teller: Teller
    over: set[str] = field(default_factory=set[str])

    def show_approval(self, approval_id: str, channel: str, thread_ts: str, language: Language) -> None:
        """Show a question as it stands now, through the gate.

        Raises:
            BackendError: Slack does not take it.
            LedgerError: it could not be recorded.
            InputError: there is no such question, or it was altered.
        """
        approval, now = self.approvals.get(approval_id), self.clock.now()
        shown, audience = self.messages.message(approval, language, now), self.audience(channel)
        self.teller.show(f"asked.{approval_id}", f"approval/{approval_id}", audience, channel, shown, thread_ts)
        # What was approved can still be used, or become void.
        if approval.state not in ("pending", "approved"):
            self.over.add(approval_id)

    def audience(self, channel: str) -> Audience:
        """The people in a channel; by its id where it is not listed."""
        named = self.settings.named(channel)
        return Audience(KIND, named[0] if named else channel, (named[1].team if named else None) or self.team)

    def refresh(self) -> int:
        """Show questions that were answered elsewhere or expired as they stand; post what a dead process did not.

        Returns:
            How many messages were looked at.

        Raises:
            BackendError: Slack does not take it.
        """
        mended = self.posts.mend(lambda channel: not self.access.of_channel(channel))
        slots = [slot for slot in self.posts.slots("approval/") if slot.removeprefix("approval/") not in self.over]
        for slot in slots:
            post = self.posts.find(slot)
            named = self.settings.named(post.channel) if post is not None else None
            if post is not None and named is not None and not self.access.of_channel(post.channel):
                with suppress(InputError):  # altered behind our back: nothing of it is shown
                    self.show_approval(slot.removeprefix("approval/"), post.channel, post.thread_ts, named[1].language)
        return len(slots) + mended


class SlackTelling:
    """Implements `Telling`; incidents that no channel is for are told as before.

    Args:
        parts: of the app.
        otherwise: tells the incidents that are for no channel.
        later: runs what need not be waited for; a thread of its own if absent, which also keeps questions up to date.
    """

    def __init__(self, parts: SlackParts, otherwise: Telling, later: Later | None = None) -> None:
        self._parts = parts
        self._otherwise = otherwise
        self._background = Background(parts.refresh) if later is None else None
        self._later = later or self._background_later
        self._paced: dict[str, float] = {}

    def audience(self, incident: ToldIncident) -> Audience:
        """The channel of the incident, as it was chosen when it was first told."""
        if self._background is not None:
            self._background.start()
        told = self._placed(incident)
        named = self._parts.settings.named(told.channel) if told.channel else None
        if named is None:
            return self._otherwise.audience(incident)
        return self._parts.audience(told.channel)

    def sender(self, incident: ToldIncident, answer_to: str = "") -> Sender:
        """Delivers into the channel.

        Args:
            incident: that is told.
            answer_to: what names the answer that is wanted, where somebody asked.
        """
        told = self._placed(incident)
        named = self._parts.settings.named(told.channel) if told.channel else None
        if named is None:
            return self._otherwise.sender(incident)
        return _Sender(self._parts, told, named[1], incident, answer_to)

    def progress(self, incident: ToldIncident, step: str) -> None:
        """Edit the message in the background, at most every five seconds."""
        now = self._parts.clock.monotonic()
        if now - self._paced.get(incident.id, -_PACE_S) < _PACE_S:
            return
        if len(self._paced) > 1_000:
            self._paced.clear()
        self._paced[incident.id] = now
        self._later(partial(self._progress, incident, step))

    def _background_later(self, work: Callable[[], None]) -> None:
        if self._background is not None:
            self._background.later(work)

    def _placed(self, incident: ToldIncident) -> Told:
        known = self._parts.book.told(incident.id)
        if known is not None and known.channel:
            return known
        channel, thread_ts = self._chosen(incident)
        if known is not None:
            # Told elsewhere so far; it may have become severe enough meanwhile.
            return self._parts.book.change(known, channel=channel) if channel else known
        return self._parts.book.tell(
            Told(
                incident.id,
                channel,
                thread_ts,
                incident.run_id,
                incident.model_dump_json(),
                "",
                (),
                {},
                incident.began,
            )
        )

    def _chosen(self, incident: ToldIncident) -> tuple[str, str]:
        """The channel and the thread of an incident; empty if none is for it."""
        if incident.thread.startswith(_PLACE):
            channel, _, ts = incident.thread.removeprefix(_PLACE).partition(":")
            return channel if self._parts.settings.named(channel) else "", ts
        for channel_settings in self._parts.settings.channels.values():
            if self._is_for(channel_settings, incident):
                return channel_settings.id, ""
        return "", ""

    def _is_for(self, channel: ChannelSettings, incident: ToldIncident) -> bool:
        if not channel.automatic or channel.mute or (channel.team or self._parts.team) != incident.team:
            return False
        if channel.environment not in (None, incident.environment):
            return False
        if RANK[severity_of(incident.severity) or "warning"] < RANK[channel.floor]:
            return False
        if any(window.holds(incident.began) for window in channel.maintenance):
            return False
        try:
            return self._parts.book.muted_until(channel.id) is None and not self._parts.access.of_channel(channel.id)
        except BackendError:
            return True  # the sender asks again, and refuses to tell while nobody knows

    def _progress(self, incident: ToldIncident, step: str) -> None:
        told = self._parts.book.told(incident.id)
        post = self._parts.posts.find(incident.id) if told is not None else None
        named = self._parts.settings.named(told.channel) if told is not None else None
        if told is None or post is None or not post.ts or named is None or told.found:
            return
        checked_channel(self._parts.access, told.channel)
        words, language = STEPS.get(step), named[1].language
        shown = say(language, words) if words else step

        def message() -> Message:
            now = self._parts.book.told(incident.id) or told
            state = now.state or say(language, "open")
            if now.found:
                return incident_message(incident, language, state=state, found=now.found)
            return incident_message(incident, language, state=state, step=shown)

        self._parts.posts.ensure(incident.id, told.channel, message, post.thread_ts)


@dataclass
class _Sender:
    """Delivers the notices of one incident; implements `Sender`. A slot has one message, however often it is sent."""

    parts: SlackParts
    told: Told
    channel: ChannelSettings
    incident: ToldIncident
    answer_to: str
    repeats_safely: Literal[True] = True

    def send(self, audience: Audience, notice: Notice, key: str) -> str:
        """Deliver.

        Raises:
            BackendError: it certainly did not arrive, or delivering it again is safe.
        """
        checked_channel(self.parts.access, self.channel.id)
        self.told = self.parts.book.told(self.incident.id) or self.told
        try:
            if notice.kind == STATUS:
                return self._status(IncidentStatus.model_validate(notice.body))
            if notice.kind in (FINAL, STATISTICS):
                return self._report(TriageReport.model_validate(notice.body), is_final=notice.kind == FINAL)
            if notice.kind == ANSWER:
                answer = Answer.model_validate(notice.body)
                slot = f"{self.incident.id}/answer/{self.answer_to or answer.number}"
                return self._in_thread(slot, answer_message(answer, self._language))
            if notice.kind == EVIDENCE:
                item = Evidence.model_validate(notice.body)
                slot = f"{self.incident.id}/evidence/{self.answer_to or key}"
                return self._in_thread(slot, evidence_message(item, self._language))
        except ValidationError as error:
            raise BackendError("a notice is not of the form that Slack is told in") from error
        raise BackendError("Slack is not told notices of this kind")

    @property
    def _language(self) -> Language:
        return self.channel.language

    def _status(self, status: IncidentStatus) -> str:
        self.incident = status.incident
        state = say(self._language, _STATES.get(status.what, status.what), by=status.by)
        line = f"{state}: {in_language(status.note, self._language)}" if status.note else state
        self.told = self.parts.book.change(self.told, state=line, incident=status.incident.model_dump_json())
        ts = self._head()
        for approval_id in status.approval_ids:
            self.parts.show_approval(approval_id, self.channel.id, self.told.thread_ts or ts, self._language)
        return ts

    def _report(self, report: TriageReport, *, is_final: bool) -> str:
        first = report.ranking[0] if report.ranking else None
        suspect: dict[str, str] = {"verdict": report.verdict}
        if first is not None:
            suspect |= {"entity": first.entity, "change": first.change or ""}
        state = say(self._language, "reported") if is_final else say(self._language, "open")
        keep = self.told.state if is_final and self.incident.state != "open" else state
        found = found_lines(report, self._language)
        self.told = self.parts.book.change(self.told, state=keep, found=found, suspect=suspect if is_final else {})
        ts = self._head()
        if is_final:
            self._in_thread(f"{self.incident.id}/report", report_message(report, self._language))
        return ts

    def _head(self) -> str:
        """The one message, as things stand when nobody else posts it; its `ts`."""

        def message() -> Message:
            now = self.parts.book.told(self.incident.id) or self.told
            return incident_message(self.incident, self._language, state=now.state, found=now.found)

        return self.parts.posts.ensure(self.incident.id, self.channel.id, message, self.told.thread_ts).ts

    def _in_thread(self, slot: str, shown: Message) -> str:
        return self.parts.posts.ensure(slot, self.channel.id, shown, self.told.thread_ts or self._head()).ts


class Background:
    """Runs one thing after another on a thread of its own; what does not fit or fails is dropped.

    Args:
        idle: run whenever nothing else was to be done for a while.
        every_s: how long that is.
    """

    def __init__(self, idle: Callable[[], object], every_s: float = _IDLE_S) -> None:
        self._idle = idle
        self._every_s = every_s
        self._waiting: queue.Queue[Callable[[], object]] = queue.Queue(maxsize=100)
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin, if it has not begun."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="opswarden-slack", daemon=True)
                self._thread.start()

    def later(self, work: Callable[[], object]) -> None:
        """Run it some time."""
        self.start()
        with suppress(queue.Full):
            self._waiting.put_nowait(work)

    def _run(self) -> None:
        while True:
            try:
                work = self._waiting.get(timeout=self._every_s)
            except queue.Empty:
                work = self._idle
            with suppress(OpswardenError, *STATEMENT_ERRORS):
                work()
