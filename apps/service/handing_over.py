"""A hand-over that is due is told through the gate: to a file, or to a Slack channel."""

from __future__ import annotations

from datetime import datetime, timedelta

from ...core.errors import ConfigError
from ...policies.types import Notice
from ..installation import Installation
from ..scheduled_file import tell_in_file
from .handover import HANDOVER, Handover, handover, handover_markdown
from .settings import RecurringSettings


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
    from ..slack.handover_message import handover_message  # noqa: PLC0415 - as above

    parts, message = slack_of(installation).parts, handover_message(made, listed.language)
    parts.teller.show(name, f"handover/{name}", parts.audience(listed.id), listed.id, message, kind=HANDOVER)
