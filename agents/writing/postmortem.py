"""A postmortem: what happened when, by the report and the ledger; what people alone know is left open, visibly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..triage.types import TriageReport
from .document import Document
from .from_incident import content_of
from .sources import Sources, cited, code

OPEN = "- [ ] (nobody yet): write what is to be done, name an owner, and by when"


def postmortem(
    report: TriageReport, entries: Sequence[Mapping[str, Any]], sources: Sources, causes: Sequence[str] = ()
) -> Document:
    """Write the postmortem of an incident.

    Args:
        report: of its triage.
        entries: of the ledger about that run: `at`, `kind`, `what` and `outcome` each, all of them ours.
        sources: where what it rests on is kept.
        causes: what people say it was.
    """
    incident = report.incident
    told = sources.add(f"triage {report.run_id}", content_of(report, causes))
    ledger = sources.add(f"ledger of {report.run_id}", [dict(each) for each in entries])
    page = Document(f"Postmortem: {incident.title}", sources)
    mark = cited(told)
    page.say(
        "summary",
        "Summary",
        [
            f"- from {incident.start} to {incident.end}, in {code(incident.environment)}{mark}",
            f"- the alert: {code(incident.alert_name or 'none')} at {code(incident.alert_entity or 'nowhere')}{mark}",
            *([f"- it said: {code(incident.alert_summary)}{mark}"] if incident.alert_summary else []),
            f"- the triage: {code(report.summary)}{mark}",
        ],
    )
    page.say(
        "impact", "Impact", [f"- {code(each.text)}{mark}" for each in report.first_minute if each.kind == "impact"]
    )
    page.say("timeline", "Timeline", [_line(each) + cited(ledger) for each in entries])
    said = "people say" if causes else "the triage says, and nobody has confirmed it"
    why = [f"- {said}: {code(name)}{mark}" for name in causes]
    why += [f"- the triage ranks {code(each.entity)}{mark}" for each in report.ranking[:3]] if not causes else []
    why += [f"  - {code(reason)}{mark}" for each in report.ranking[:1] for reason in each.reasons]
    page.say("causes", "Contributing causes", why)
    page.say("went-well", "What went well", [
        f"- {code(each.tool)} was done, with a person's leave{mark}" for each in report.actions if each.status == "ok"
    ] or ["Nobody has said so yet. Write it below this part."])  # fmt: skip
    page.say("missing", "What was missing", [f"- {code(each)}{mark}" for each in report.gaps])
    page.say("actions", "Actions", [OPEN])
    if not causes:
        page.notes.append(f"what it was: nobody has labelled the incident{mark}")
    return page


def _line(entry: Mapping[str, Any]) -> str:
    outcome = f", {code(entry['outcome'])}" if entry["outcome"] else ""
    return f"- {entry['at']}: {entry['kind']}, {code(entry['what'])}{outcome}"
