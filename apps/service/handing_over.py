"""A hand-over that is due is told through the gate: to a file, or to a Slack channel."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ...core.clock import to_iso
from ...core.errors import ConfigError
from ...policies.types import Notice
from ..installation import Installation
from ..scheduled_file import tell_in_file
from .handover import HANDOVER, Handover, handover, handover_markdown
from .settings import RecurringSettings

if TYPE_CHECKING:
    from ..slack.texts import Message


def hand_over(installation: Installation, settings: RecurringSettings, at: datetime) -> str:
    """Tell what the next shift has to know, once for a moment.

    Raises:
        BackendError: it did not arrive.
        CallDenied: it may not be told there.
        ConfigError: the channel is not listed.
    """
    team = installation.settings.team
    made = handover(installation, timedelta(hours=settings.since_hours), team)
    name = f"handover-{at:%Y%m%dT%H%M}"
    if settings.channel is not None:
        _to_slack(installation, settings.channel, name, made)
    else:
        notice = Notice(HANDOVER, made.model_dump(mode="json"))
        tell_in_file(installation, name, "triage", notice, _page, "tell.handover")
    return f"{len(made.open)} open, {len(made.ended)} over, {len(made.questions)} wait for people"


def _page(body: object) -> str:
    return handover_markdown(Handover.model_validate(body))


def _to_slack(installation: Installation, channel: str, name: str, made: Handover) -> None:
    from ..slack.opening import slack_of  # noqa: PLC0415 - where it is told in Slack

    listed = installation.settings.slack.channels.get(channel)
    if listed is None:
        raise ConfigError(
            "the channel of a hand-over is not listed", remedy=f"list it under `slack.channels.{channel}`"
        )
    parts = slack_of(installation).parts
    parts.teller.show(name, f"handover/{name}", parts.audience(listed.id), listed.id, _message(made), kind=HANDOVER)


def _message(made: Handover) -> Message:
    from ..slack.texts import Line, Words, header, message, paragraph  # noqa: PLC0415 - as above

    title = f"Hand-over at {made.until:%Y-%m-%d %H:%M} UTC"
    opened: list[Line] = [
        [
            Words(each.title, "bold"),
            Words(f" of {each.entity} ({each.severity or 'no severity'}), {each.assignee or 'nobody’s'}, "),
            Words(f"since {to_iso(each.began)[:16]}, {each.firing} of {each.alerts} alerts fire"),
            Words(f"; first suspect {each.suspect}" if each.suspect else f"; triage {each.triage}"),
        ]
        for each in made.open
    ]
    asked: list[Line] = [
        [
            Words(each.what, "code"),
            Words(f" in {each.environment}: {' or '.join(each.roles)}, "),
            Words(each.id, "code"),
        ]
        for each in made.questions
    ]
    ended: list[Line] = [[Words(each.title, "bold"), Words(f" of {each.entity}: {each.how}")] for each in made.ended]
    wrong: list[Line] = [[Words(line)] for line in (*made.stops, *made.schedules)]
    blocks = [header(title)]
    for name, lines in (("Open", opened), ("Waiting for people", asked), ("Over", ended), ("Stopped or failed", wrong)):
        if lines or name == "Open":
            blocks.append(paragraph([[Words(f"{name} ({len(lines)})", "bold")]]))
        if lines:
            blocks.append(paragraph(lines, bulleted=True))
    return message(f"{title}: {len(opened)} open", blocks, [])
