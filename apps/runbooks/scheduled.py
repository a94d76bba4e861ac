"""The weekly report of gaps and rot: written among the reports, and told in a channel where one is named."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from ...agents.writing.sources import code
from ...core.errors import ConfigError
from ...policies.types import Notice
from ..installation import Installation
from ..scheduled_file import TRIGGER, tell_in_file
from .opened import ROLE, Where, opened
from .platform import Checking
from .reporting import RunbookReport, report_on

if TYPE_CHECKING:
    from ..service.settings import RecurringSettings
    from ..slack.texts import Message

REPORT = "runbook.report"
"""Kind of the notice."""
_MOST_LINES = 8


def week_of(installation: Installation, settings: RecurringSettings, at: datetime, commands: frozenset[str]) -> str:
    """Look at every page and every alert, and tell once for a moment what is to be done; one line of it.

    Raises:
        InputError: there are no runbooks.
        ConfigError: the channel is not listed.
        BackendError: it did not arrive.
        CallDenied: it may not be told there.
    """
    listed = None
    if settings.channel is not None and (listed := installation.settings.slack.channels.get(settings.channel)) is None:
        raise ConfigError(
            "the channel of the runbook report is not listed",
            remedy=f"list it under `slack.channels.{settings.channel}`",
        )
    where = Where(is_live=bool(installation.settings.systems))
    with opened(installation, where, by=f"system:{TRIGGER}", trigger=TRIGGER) as runbooks:
        found = report_on(runbooks, Checking(settings.oldest_days, None, commands))
        runbooks.gate.end("answered")
    name = f"runbooks-{at:%Y%m%dT%H%M}"
    text = report_markdown(found, at)
    tell_in_file(
        installation, name, ROLE, Notice(REPORT, {"text": text}), lambda body: str(body["text"]), "tell.report"
    )
    if listed is not None:
        from ..slack.opening import slack_of  # noqa: PLC0415 - where it is told in Slack

        parts, channel = slack_of(installation).parts, listed.id
        shown = report_message(found, at, text)
        parts.teller.show(f"{name}-told", f"runbooks/{name}", parts.audience(channel), channel, shown, kind=REPORT)
    return headline(found)


def headline(found: RunbookReport) -> str:
    """One line: how many pages, and how much is to be done of what."""
    counts = [f"{len(lines)} {title}" for title, lines in found.sections() if lines]
    return f"{found.pages} runbooks: {', '.join(counts) or 'nothing to do'}"


def report_markdown(found: RunbookReport, at: datetime) -> str:
    """The whole report; what systems and pages say stands in backticks."""
    parts = [f"# Runbooks, {at:%Y-%m-%d}", headline(found)]
    for title, lines in found.sections():
        parts += [f"## {title.capitalize()}", "\n".join(f"- {code(line)}" for line in lines) or "None."]
    if found.notes:
        parts += ["## Not looked at", "\n".join(f"- {code(line)}" for line in found.notes)]
    return "\n\n".join(parts) + "\n"


def report_message(found: RunbookReport, at: datetime, text: str) -> Message:
    """The message: the first lines of each part, and the report as a file."""
    from ..slack.texts import File, Line, Words, header, message, paragraph  # noqa: PLC0415 - as above

    title = f"Runbooks, {at:%Y-%m-%d}"
    blocks = [header(title), paragraph([[Words(headline(found))]])]
    for name, lines in found.sections():
        if not lines:
            continue
        shown: list[Line] = [[Words(line)] for line in lines[:_MOST_LINES]]
        rest = len(lines) - len(shown)
        shown += [[Words(f"{rest} more, in the file")]] if rest else []
        blocks += [paragraph([[Words(f"{name.capitalize()} ({len(lines)})", "bold")]]), paragraph(shown, bulleted=True)]
    return message(f"{title}: {headline(found)}", blocks, files=[File(f"runbooks-{at:%Y%m%d}.md", title, text)])
