"""Works off what came from Slack. Every performer may die anywhere and be called again with the same arrival."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ...agents.triage.run import Question
from ...core.errors import BackendError, CallDenied, ConfigError, InputError, OpswardenError, RedactionError
from ...policies.types import Notice
from ..daily.asking import concerns_platform
from ..installation import Installation
from ..live.systems import environment_of
from ..runs import RunRequests
from ..service.arrivals import Arrival
from ..service.folding import FoldingRules, Neighbours
from ..service.incident_records import Incident, KnownAlert
from ..service.incidents import Incidents
from ..triage import Surface, ask, go_on
from .alert_texts import alert_in, plain_words
from .book import OPENED_MIGRATIONS, Told
from .channel_state import told_of_channel
from .deciding import Press, decide, person_of
from .lifecycle import Lifecycle, Step, step_of
from .opinions import keep_opinion
from .phrases import in_language
from .platform_message import answer_platform
from .receiving import SOURCE
from .runbook_message import DRAFT, draft_message, draft_of_run, wants_runbook
from .settings import ChannelSettings, is_quiet
from .telling import EVIDENCE, SlackParts, SlackTelling, place_of
from .telling_once import tell_once
from .texts import Words, message, paragraph
from .thread_messages import EVIDENCE as SHOW_EVIDENCE
from .thread_messages import FEEDBACK
from .words import say

TELLING = "slack"
"""The name under which incidents of Slack are told."""
_NAME = re.compile(r"[A-Za-z0-9][\w./:-]{0,255}")
_LONGEST_QUESTION = 2_000


@dataclass(frozen=True)
class _Asked:
    """Somebody who wants something, in a channel in which the app speaks."""

    arrival: Arrival
    user: str
    channel: ChannelSettings
    text: str
    ts: str
    thread_ts: str


class SlackPerformer:
    """Performers for the arrivals of Slack.

    Args:
        parts: of the app.
        telling: tells incidents.
        incidents: where they are opened.
        rules: which alerts are one trouble.
        neighbours: in the call graph, by environment.
    """

    def __init__(
        self,
        parts: SlackParts,
        telling: SlackTelling,
        incidents: Incidents,
        rules: FoldingRules | None = None,
        neighbours: Callable[[str], Neighbours] = lambda _environment: lambda _entity: (),
    ) -> None:
        self._parts = parts
        self._telling = telling
        self._incidents = incidents
        self._rules = rules or FoldingRules()
        self._neighbours = neighbours

    def perform(self, installation: Installation, arrival: Arrival) -> None:
        """Work off an arrival.

        Raises:
            OpswardenError: a later attempt may mend it.
        """
        if "bot" in arrival.body:
            self.alert(installation, arrival)
        elif arrival.kind in ("mention", "command"):
            self.mention(installation, arrival)
        elif arrival.kind == "action":
            self.action(installation, arrival)
        else:
            self.feedback(installation, arrival)
        with suppress(BackendError):  # not what was asked for; whoever comes next tries again
            self._parts.refresh()

    def mention(self, installation: Installation, arrival: Arrival) -> None:
        """What a person wrote: a word of ours first, or a question in the thread of an incident.

        Raises:
            BackendError: Slack or a system does not answer; calling again is safe.
        """
        asked = self._asked(arrival)
        if asked is None:
            return
        if arrival.body.get("is_shortcut"):
            found = alert_in(asked.text, self._names(installation, asked.channel))
            self._triage(installation, asked, found.entity, found.name)
            return
        words = plain_words(asked.text).split()
        verb, rest = (words[0].casefold(), words[1:]) if words else ("help", [])
        if verb == "triage":
            self._triage(installation, asked, " ".join(rest), "")
        elif verb in ("status", "mute", "unmute", "help"):
            book, at = self._parts.book, arrival.received_at
            self._say(asked, told_of_channel(installation, book, asked.channel, asked.user, verb, rest, at))
        elif asked.thread_ts and self._incident_at(asked) is not None and wants_runbook(asked.text):
            self._runbook(installation, asked)
        elif asked.thread_ts and (told := self._incident_at(asked)) is not None and (step := step_of(words)):
            self._step(installation, asked, told, step, words[1:])
        elif asked.thread_ts and self._incident_at(asked) is not None:
            self._question(installation, asked, " ".join(words)[:_LONGEST_QUESTION])
        elif concerns_platform(installation.settings.platform, " ".join(words)):
            self._platform(installation, asked, " ".join(words)[:_LONGEST_QUESTION])
        else:
            self._say(asked, say(asked.channel.language, "help"))

    def alert(self, installation: Installation, arrival: Arrival) -> None:
        """A message of an alerting bot: part of an incident, unless the channel wants quiet.

        Raises:
            BackendError: Slack does not say whether the channel is ours alone.
        """
        named = self._parts.settings.named(str(arrival.body["channel"]))
        if named is None or self._parts.access.of_channel(named[1].id):
            return
        channel = named[1]
        found = alert_in(str(arrival.body["text"]), self._names(installation, channel))
        if self._parts.book.muted_until(channel.id) or is_quiet(channel, found.severity, arrival.received_at):
            return
        environment = channel.environment or environment_of(installation.settings.systems, None)
        team = channel.team or installation.settings.team
        alert = KnownAlert(
            fingerprint=hashlib.sha256(f"slack {channel.id} {found.name} {found.entity}".encode()).hexdigest(),
            name=_clean(installation, found.name, 256),
            entity=_clean(installation, found.entity, 512),
            severity=found.severity or "warning",
            summary=_clean(installation, str(arrival.body["text"]), 4_096),
            metric="",
            began=arrival.received_at,
            status="resolved" if found.is_over else "firing",
        )

        def fold() -> Incident | None:
            return self._incidents.fold(
                alert,
                team=team,
                environment=environment,
                by="system:slack",
                telling=TELLING,
                neighbours=self._neighbours(environment),
                rules=self._rules,
            )

        self._once(installation, arrival, fold)

    def action(self, installation: Installation, arrival: Arrival) -> None:
        """A pressed button or a chosen line of a menu.

        Raises:
            BackendError: Slack does not answer; calling again is safe.
        """
        asked = self._asked(arrival)
        if asked is None:
            return
        action, value = str(arrival.body["action"]), str(arrival.body["value"])
        if action == SHOW_EVIDENCE:
            self._evidence(installation, asked, value)
            return
        press = Press(asked.user, asked.channel.id, asked.ts, action, value)
        self._say(asked, decide(installation, self._parts, press, asked.channel.language))

    def feedback(self, installation: Installation, arrival: Arrival) -> None:
        """What somebody thinks of a report: kept for the channel, and a label for evaluation where it can be one.

        Raises:
            BackendError: Slack does not answer; calling again is safe.
        """
        asked = self._asked(arrival)
        if asked is None:
            return
        language = asked.channel.language
        post = self._parts.posts.at(asked.channel.id, asked.ts)
        told = self._parts.book.told(post.slot.partition("/")[0]) if post is not None else None
        opinion = str(arrival.body["action"]).removeprefix(f"{FEEDBACK}.")
        if told is None or post is None or post.slot != f"{told.id}/report":
            self._say(asked, say(language, "forged"))
            return
        known = person_of(installation, asked.user)
        who = known[0].principal if known else f"slack:{asked.user}"
        run_id = self._run_of(told)
        is_label = keep_opinion(installation, self._parts.book, told, run_id, who, opinion, is_known=known is not None)
        self._say(asked, say(language, "is_label" if is_label else "thanks"))

    def _asked(self, arrival: Arrival) -> _Asked | None:
        """Who wants something and where; `None` where they were told why they get nothing."""
        body, parts = arrival.body, self._parts
        user, channel_id = str(body["user"]), str(body["channel"])
        named = parts.settings.named(channel_id)
        thread_ts = str(body.get("thread_ts", ""))
        if named is None:
            self._whisper(arrival, channel_id, user, thread_ts, say("en", "unknown_channel"))
            return None
        language = named[1].language
        asked = _Asked(arrival, user, named[1], str(body.get("text", "")), str(body.get("ts", "")), thread_ts)
        is_shared = body.get("is_shared") is True or parts.access.of_channel(channel_id)
        problem = "shared_channel" if is_shared else parts.access.of_person(user)
        if not problem:
            settings = parts.settings
            if parts.book.may_ask(arrival.id, user, channel_id, settings.per_person, settings.per_channel):
                return asked
            problem = "slow_down"
        self._say(asked, say(language, problem))
        return None

    def _triage(self, installation: Installation, asked: _Asked, service: str, title: str) -> None:
        """Open an incident; the service triages it, and it is told in the thread of whoever asked."""
        if not _NAME.fullmatch(service):
            self._say(asked, say(asked.channel.language, "which"))
            return
        known = person_of(installation, asked.user)
        by = known[0].principal if known else f"system:slack-{asked.user}"
        try:
            environment = asked.channel.environment or environment_of(installation.settings.systems, None)
        except OpswardenError as error:
            self._failed(asked, error)
            return
        entity = _clean(installation, service, 512)

        def open_one() -> Incident:
            return self._incidents.open_one(
                team=asked.channel.team or installation.settings.team,
                environment=environment,
                title=_clean(installation, title, 256) or entity,
                entity=entity,
                began=asked.arrival.received_at,
                by=by,
                telling=TELLING,
                thread=place_of(asked.channel.id, asked.thread_ts or asked.ts),
            )

        self._once(installation, asked.arrival, open_one)

    def _question(self, installation: Installation, asked: _Asked, words: str) -> None:
        """Answer in the thread: the triage's own run goes on."""
        told = self._incident_at(asked)
        known = person_of(installation, asked.user)
        if told is None or known is None:
            self._say(asked, say(asked.channel.language, "nobody"))
            return
        slot = f"{told.id}/answer/{asked.arrival.id}"
        post = self._parts.posts.find(slot)
        if post is not None and post.ts:
            return
        incident = self._incidents.told_as(self._incidents.get(told.id))
        try:
            request = RunRequests(installation.database).recall(incident.run_id)
            surface = Surface(
                self._telling.sender(incident, asked.arrival.id),
                self._telling.audience(incident),
                lambda _step: None,
                trigger=SOURCE,
            )
            ask(installation, incident.run_id, request, words, Question(), surface, by=known[0].principal)
        except (InputError, CallDenied, RedactionError) as error:
            self._failed(asked, error)

    def _step(self, installation: Installation, asked: _Asked, told: Told, step: Step, words: list[str]) -> None:
        """Take a step in the life of the incident, on the word of somebody whom we know."""
        known = person_of(installation, asked.user)
        if known is None:
            self._say(asked, say(asked.channel.language, "nobody"))
            return
        life = Lifecycle(installation, self._incidents, asked.channel.language)
        self._say(asked, life.take(told.id, step, known[0].principal, words, asked.text))

    def _platform(self, installation: Installation, asked: _Asked, words: str) -> None:
        """Answer out of the checks of the platform, in the thread of whoever asked."""
        known = person_of(installation, asked.user)
        if known is None:
            self._say(asked, say(asked.channel.language, "nobody"))
            return
        by, at = known[0].principal, asked.thread_ts or asked.ts
        try:
            answer_platform(installation, self._parts, asked.arrival.id, asked.channel, words, by, at)
        except (InputError, ConfigError, CallDenied, RedactionError) as error:
            self._failed(asked, error)

    def _runbook(self, installation: Installation, asked: _Asked) -> None:
        """Draft the runbook of the incident, and answer with the page and what differs from the one in force."""
        told, known = self._incident_at(asked), person_of(installation, asked.user)
        if told is None or known is None:
            self._say(asked, say(asked.channel.language, "nobody"))
            return
        slot = f"{told.id}/runbook/{asked.arrival.id}"
        post = self._parts.posts.find(slot)
        if post is not None and post.ts:
            return
        language, channel = asked.channel.language, asked.channel.id
        try:
            made = draft_of_run(installation, self._run_of(told), known[0].principal)
        except (InputError, ConfigError, CallDenied, RedactionError) as error:
            self._failed(asked, error)
            return
        shown, parts = draft_message(made, language), self._parts
        run_id = f"runbook.{asked.arrival.id}"
        parts.teller.show(run_id, slot, parts.audience(channel), channel, shown, asked.thread_ts, kind=DRAFT)

    def _evidence(self, installation: Installation, asked: _Asked, evidence_id: str) -> None:
        """Tell one piece of evidence of the report: through the gate, redacted for the channel."""
        post = self._parts.posts.at(asked.channel.id, asked.ts)
        told = self._parts.book.told(post.slot.partition("/")[0]) if post is not None else None
        if post is None or told is None or post.slot != f"{told.id}/report":
            self._say(asked, say(asked.channel.language, "forged"))
            return
        incident = self._incidents.told_as(self._incidents.get(told.id))
        sender, audience = self._telling.sender(incident, evidence_id), self._telling.audience(incident)
        try:
            request = RunRequests(installation.database).recall(incident.run_id)
            outcome = go_on(installation, incident.run_id, request, Surface(sender, audience, lambda _step: None))
        except (InputError, CallDenied):
            outcome = None
        report = outcome.report if outcome is not None else None
        item = next((each for each in report.evidence if each.id == evidence_id), None) if report is not None else None
        if item is None:
            self._say(asked, say(asked.channel.language, "evidence_gone"))
            return
        notice = Notice(EVIDENCE, item.model_dump(mode="json"))
        tell_once(installation, f"system:slack-{asked.user}", sender, audience, notice)

    def _incident_at(self, asked: _Asked) -> Told | None:
        """The incident in whose thread somebody writes."""
        post = self._parts.posts.at(asked.channel.id, asked.thread_ts)
        if post is not None:
            return self._parts.book.told(post.slot.partition("/")[0])
        return self._parts.book.at(asked.channel.id, asked.thread_ts)

    def _run_of(self, told: Told) -> str:
        try:
            return self._incidents.get(told.id).run_id
        except InputError:
            return told.run_id

    def _names(self, installation: Installation, channel: ChannelSettings) -> tuple[str, ...]:
        catalogue = installation.catalogue.known_names() if installation.catalogue is not None else ()
        return (*channel.services, *catalogue)

    def _once(self, installation: Installation, arrival: Arrival, make: Callable[[], Incident | None]) -> None:
        """Make the incident of an arrival; called again, nothing happens."""
        installation.database.migrate("slack_opened", OPENED_MIGRATIONS)
        with installation.database.transaction() as connection:
            known = connection.execute("SELECT 1 FROM slack_opened WHERE arrival = ?", (arrival.id,)).fetchone()
            if known is None:
                incident = make()
                row = (arrival.id, incident.id if incident is not None else "")
                connection.execute("INSERT INTO slack_opened VALUES (?, ?)", row)

    def _failed(self, asked: _Asked, error: OpswardenError) -> None:
        why = in_language(error.message, asked.channel.language)
        self._say(asked, say(asked.channel.language, "did_not_work", why=why))

    def _say(self, asked: _Asked, text: str) -> None:
        self._whisper(asked.arrival, asked.channel.id, asked.user, asked.thread_ts, text)

    def _whisper(self, arrival: Arrival, channel: str, user: str, thread_ts: str, text: str) -> None:
        """Tell one person something in our own words, through the gate."""
        said = message(text, [paragraph([[Words(text)]])])
        parts = self._parts
        try:
            parts.teller.whisper(f"said.{arrival.id}", parts.audience(channel), channel, user, thread_ts, said)
        except BackendError:
            if parts.settings.named(channel):
                raise
            # Where the app is not wanted it may not be able to say so.


def _clean(installation: Installation, text: str, limit: int) -> str:
    """What outsiders wrote, redacted; an alert is not lost because a text of it could not be."""
    try:
        return installation.redaction.scrub(text)[:limit]
    except RedactionError:
        return "withheld"
