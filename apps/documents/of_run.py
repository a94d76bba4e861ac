"""The draft that a triage gives, measured where that triage looked, and held against the page in force."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...tools.runbooks.publish_types import PAGE_NAME
from ..installation import Installation
from ..keeping.reports import KeptReports
from ..models import chosen_models, open_transports
from ..runbooks.opened import OpenRunbooks, Where, opened
from ..runbooks.platform import Checking
from ..runs import RunRequests
from .drafting import Drafted, draft_incident
from .keeping import difference

_SIDES = re.compile(r"[^a-z0-9]+")
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True)
class DraftOfRun:
    """A draft beside the page in force.

    Args:
        drafted: it.
        title: of the page.
        file: the name under which it is published: that of the page in force, if there is one.
        page: the page in force for the alert; empty if there is none.
        diff: from that page to the draft, as lines; empty without one.
        run_id: of the triage.
    """

    drafted: Drafted
    title: str
    file: str
    page: str
    diff: tuple[str, ...]
    run_id: str

    def count(self, sign: str) -> int:
        """How many lines of the difference come (`+`) or go (`-`)."""
        return sum(line.startswith(sign) and not line.startswith(sign * 3) for line in self.diff)


def where_of(installation: Installation, run_id: str) -> Where:
    """Where a triage looked.

    Raises:
        InputError: there is no such run.
    """
    request = RunRequests(installation.database).recall(run_id)
    return Where(kept=request.snapshot) if request.is_live else Where(snapshot=request.snapshot)


def draft_of_run(installation: Installation, run_id: str, by: str) -> DraftOfRun:
    """Draft the runbook of a triage that has ended, worded by the configured models where there are some.

    Raises:
        InputError: no report of this run is kept, or what it looked at is gone.
        DraftRefusedError: the draft says what no source has.
    """
    settings = installation.settings
    models = chosen_models(settings, None, none_wanted=False)
    with (
        open_transports(settings, models, installation.clock) as transports,
        opened(installation, where_of(installation, run_id), by=by, trigger="slack", transports=transports) as runbooks,
    ):
        made = draft_incident(runbooks, run_id, Checking())
        report = KeptReports(installation.database).report_of(run_id)
        alert = report.incident.alert_name if report is not None else None
        page, before = in_force(runbooks, alert or "")
        runbooks.gate.end("answered")
    title = next((line[2:] for line in made.text.splitlines() if line.startswith("# ")), "runbook")
    diff = difference(before, made.text) if page else ()
    return DraftOfRun(made, title, file_for(alert or title, page), page, diff, run_id)


def file_for(words: str, page: str) -> str:
    """The name under which a draft is published: that of the page in force, so that it takes its place."""
    if re.fullmatch(PAGE_NAME, page):
        return page
    apart = _HUMPS.sub("-", words).lower()
    return f"{_SIDES.sub('-', apart).strip('-')[:80].strip('-') or 'runbook'}.md"


def in_force(runbooks: OpenRunbooks, alert: str) -> tuple[str, str]:
    """Name and text of the page in force for an alert, redacted; empty if there is none."""
    found = runbooks.library.index(runbooks.deadline()).named(alert) if alert else None
    if found is None:
        return "", ""
    scrub = runbooks.installation.redaction.scrub
    return scrub(found[0].runbook.name), scrub(found[0].runbook.text)
