"""What people think of a report, and the label for evaluation that it can become."""

from __future__ import annotations

from ...core.errors import InputError, RedactionError
from ...evals.cases import Verdict
from ...tools.incidents.past import ReportWas
from ..evaluation.past import Found, label
from ..installation import Installation
from ..past_runs import PastRuns
from .book import Book, Told
from .thread_messages import OPINIONS


def keep_opinion(
    installation: Installation, book: Book, told: Told, run_id: str, who: str, opinion: str, *, is_known: bool
) -> bool:
    """Keep an opinion; whether the incident is labelled with what the report said.

    Only `useful`, from somebody under `people`, says what an incident was; a label that somebody gave stays.

    Args:
        installation: where the label is kept.
        book: where the opinion is kept.
        told: with what the report said.
        run_id: of the report.
        who: `person:<name>`, or `slack:<id>` for a member whom nobody listed.
        opinion: one of `OPINIONS`; another one is not kept.
        is_known: whether `who` is listed.
    """
    if opinion not in OPINIONS or not run_id:
        return False
    book.opine(run_id, who, told.channel, opinion)
    if is_known:
        PastRuns(installation.database).said_of_report(run_id, _REPORT_WAS[opinion])
    verdict = told.suspect.get("verdict", "")
    if opinion != "useful" or not is_known or verdict not in _VERDICTS:
        return False
    if any(each.run_id == run_id for each in installation.incident_labels.all()):
        return False
    is_found = verdict == "cause_found"
    causes = (told.suspect.get("entity", ""),) if is_found else ()
    try:
        found = Found(causes, told.suspect.get("change", "") if is_found else "", _VERDICTS[verdict])
        label(installation, run_id, found, by=who, note="said in Slack")
    except (InputError, RedactionError):
        return False  # nothing of the run was kept that a label could be checked against
    return True


_REPORT_WAS: dict[str, ReportWas] = {"useful": "right", "partly": "partly", "wrong": "wrong"}
_VERDICTS: dict[str, Verdict] = {"cause_found": "cause_found", "inconclusive": "inconclusive", "healthy": "healthy"}
