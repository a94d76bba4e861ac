"""The weekly run of the service: analyse, write the week down, leave the page, tell the channel."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ...core.errors import ConfigError
from ...policies.types import Audience
from ..installation import Installation
from ..models import chosen_models
from .digest import digest_of
from .driving import start
from .requests import FinopsRequest
from .senders import FinopsSender

if TYPE_CHECKING:
    from ...agents.finops.types import FinopsReport
    from ..service.settings import RecurringSettings

DIGEST = "finops.digest"
_TRIGGER = "schedule"


def week(installation: Installation, settings: RecurringSettings, at: datetime) -> str:
    """Do a week's work on the fleet of a schedule; one line of what came of it.

    Raises:
        ConfigError: no fleet or no such channel is named.
        OpswardenError: as a run raises.
    """
    if settings.fleet is None:
        raise ConfigError("`finops` needs a `fleet`", remedy="name the folder of the fleet")
    name = f"finops-{at:%Y%m%dT%H%M}"
    path = installation.state.reports / f"{name}.html"
    request = FinopsRequest(
        fleet=settings.fleet,
        models=chosen_models(installation.settings, None, none_wanted=False),
        style="html",
        out=path,
        on_behalf_of=f"system:{_TRIGGER}",
        trigger=_TRIGGER,
    )
    audience = Audience("file", path.name, installation.settings.team)
    sender = FinopsSender("html", lambda _text: None, out=path)
    outcome = start(installation, request, sender, audience, lambda _step: None)
    report = outcome.report
    if report is None:
        return f"waits for a person: {', '.join(outcome.approval_ids)}"
    if settings.channel is not None:
        tell_week(installation, settings.channel, report, name)
    saving = report.plan.saving.effective
    return f"{report.plan.offered_count} changes save {saving.expected:,.0f} {saving.currency} a month; {path.name}"


def tell_week(installation: Installation, channel: str, report: FinopsReport, name: str) -> None:
    """Tell a channel of Slack the digest, once for a name.

    Raises:
        ConfigError: the channel is not listed.
        BackendError: it did not arrive.
    """
    from ..slack.finops_message import digest_message, slack_ids  # noqa: PLC0415 - where it is told in Slack
    from ..slack.opening import slack_of  # noqa: PLC0415 - the same

    listed = installation.settings.slack.channels.get(channel)
    if listed is None:
        raise ConfigError("the channel of the digest is not listed", remedy=f"list it under `slack.channels.{channel}`")
    people = slack_ids({person: each.known_as for person, each in installation.settings.people.items()})
    parts, shown = slack_of(installation).parts, digest_message(digest_of(report), people, listed.language)
    parts.teller.show(name, f"finops/{name}", parts.audience(listed.id), listed.id, shown, kind=DIGEST)
