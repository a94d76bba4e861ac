"""The daily check of the service: told when something is wrong and on Mondays, and grave faults become incidents."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ...agents.platform.graph import REPORT
from ...agents.platform.types import DailyReport, PlatformFault
from ...core.errors import ConfigError
from ...policies.types import Audience
from ..boundaries import usual_environment
from ..installation import Installation
from ..service.incidents import Incidents
from .driving import daily
from .texts import DailySender, headline

if TYPE_CHECKING:
    from ..service.settings import RecurringSettings
    from ..slack.texts import Message

_TRIGGER = "schedule"
_MONDAY = 0
_MOST_LINES = 20
_MOST_INCIDENTS = 5


def day_of(installation: Installation, settings: RecurringSettings, at: datetime) -> str:
    """Make the checks of a moment, and tell once what came of them; one line of it.

    Raises:
        ConfigError: nothing is watched, or the channel is not listed.
        BackendError: it did not arrive.
        CallDenied: it may not be told there.
    """
    listed = None
    if settings.channel is not None and (listed := installation.settings.slack.channels.get(settings.channel)) is None:
        raise ConfigError(
            "the channel of the daily check is not listed", remedy=f"list it under `slack.channels.{settings.channel}`"
        )
    name = f"platform-{at:%Y%m%dT%H%M}"
    path = installation.state.reports / f"{name}.md"

    def is_told(report: DailyReport) -> bool:
        return bool(report.faults or report.unknown) or at.weekday() == _MONDAY

    report = daily(
        installation,
        DailySender("markdown", lambda _text: None, path),
        Audience("file", path.name, installation.settings.team),
        by=f"system:{_TRIGGER}",
        trigger=_TRIGGER,
        at=at,
        run_id=name,
        is_told=is_told,
    )
    thread = ""
    if is_told(report) and listed is not None:
        from ..slack.opening import slack_of  # noqa: PLC0415 - where it is told in Slack
        from ..slack.telling import place_of  # noqa: PLC0415 - the same

        parts, audience = slack_of(installation).parts, listed.id
        # A run of its own: what is told in Slack is told by another role.
        told = f"{name}-told"
        slot = f"platform/{name}"
        parts.teller.show(told, slot, parts.audience(audience), audience, _message(report), kind=REPORT)
        post = parts.posts.find(slot)
        thread = place_of(audience, post.ts) if post is not None and post.ts else ""
    opened = open_incidents(installation, report, at, thread)
    return headline(report) + (f"; {opened} opened as incidents" if opened else "")


def open_incidents(installation: Installation, report: DailyReport, at: datetime, thread: str = "") -> int:
    """Open an incident for each fault that concerns enough, unless one of its kind is open; how many were opened.

    Args:
        installation: whose incidents.
        report: of the day.
        at: when.
        thread: of the message in Slack in which the day was told; the incidents are told there as well.
    """
    least = installation.settings.platform.incident_share
    if least is None:
        return 0
    incidents = Incidents(installation.database, installation.clock, installation.ids)
    live = {(each.title, each.entity) for each in incidents.listed(limit=1_000)}
    opened = 0
    for fault in report.faults:
        title, entity = _title(fault), fault.subject
        if fault.share is None or fault.share < least or (title, entity) in live or opened == _MOST_INCIDENTS:
            continue
        incidents.open_one(
            team=installation.settings.team,
            environment=usual_environment(installation.settings.gate),
            title=title,
            entity=entity,
            began=at,
            by=f"system:{_TRIGGER}",
            telling="slack" if thread else "reports",
            thread=thread,
        )
        live.add((title, entity))
        opened += 1
    return opened


def _title(fault: PlatformFault) -> str:
    return f"{fault.fault}: {fault.check}"[:256]


def _message(report: DailyReport) -> Message:
    from ..slack.texts import Line, Words, header, message, paragraph  # noqa: PLC0415 - as above

    title = f"Daily check at {report.at[:16].replace('T', ' ')} UTC"
    wrong: list[Line] = [
        [Words(each.fault, "bold"), Words(" in "), Words(each.check, "code"), Words(f": {each.cause} ({each.reach})")]
        for each in report.faults
    ]
    unsure: list[Line] = [[Words(each.name, "code"), Words(f": {each.why}")] for each in report.checks if each.why]
    blocks = [header(title), paragraph([[Words(headline(report))]])]
    for name, lines in (("Wrong", wrong), ("Not seen", unsure)):
        if lines:
            blocks.append(paragraph([[Words(f"{name} ({len(lines)})", "bold")]]))
            blocks.append(paragraph(lines[:_MOST_LINES], bulleted=True))
    return message(f"{title}: {headline(report)}", blocks, [])
