"""What somebody asks for elsewhere, shown in the thread of the incident that it is for."""

from __future__ import annotations

from ..installation import Installation
from ..service.incidents import Incidents
from .opening import slack_of


def show_in_thread(installation: Installation, approval_id: str, run_id: str) -> bool:
    """Show a question in the thread of a triage's incident; whether that triage is told in a channel.

    Args:
        installation: whose Slack app shows it.
        approval_id: what is to be agreed to.
        run_id: of the triage.

    Raises:
        BackendError: Slack does not take it.
        LedgerError: it could not be recorded.
        ConfigError: the app cannot be used as it is configured.
    """
    if not installation.settings.slack.channels:
        return False
    parts = slack_of(installation).parts
    incident = Incidents(installation.database, installation.clock, installation.ids).of_run(run_id)
    told = parts.book.told(incident.id) if incident is not None else None
    named = parts.settings.named(told.channel) if told is not None else None
    head = parts.posts.find(told.id) if told is not None else None
    if told is None or named is None or head is None or not head.ts:
        return False
    parts.show_approval(approval_id, told.channel, told.thread_ts or head.ts, named[1].language)
    return True
