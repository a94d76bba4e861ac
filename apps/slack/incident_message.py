"""The one message of an incident: at most six lines, edited in place as more becomes known."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...agents.triage.proposing import PROPOSED
from ...agents.triage.types import Evidence, TriageReport
from ...core.amounts import amount
from ..reports.cleaning import shown
from ..reports.proposals import rollback_command
from ..service.telling import ToldIncident
from .phrases import in_language
from .texts import Line, Message, Words, header, message, paragraph
from .words import Language, number, say

_MOST_IN_LINE = 240


def incident_message(
    incident: ToldIncident, language: Language, *, state: str, found: Sequence[Line] = (), step: str = ""
) -> Message:
    """Title, what was found, and where it stands: six lines at most.

    Args:
        incident: as it is now.
        language: of our own words.
        state: where it stands, in our words.
        found: `found_lines` of the newest report.
        step: what is being done right now, in our fixed words.
    """
    title = " · ".join(part for part in (incident.title, incident.environment, incident.severity) if part)
    lines = [*found, _state(incident, language, state, step)]
    spoken = "".join(words.text for words in lines[0])
    return message(f"{title}: {spoken}", [header(title), paragraph(lines)])


def found_lines(report: TriageReport, language: Language) -> list[Line]:
    """Likely cause or *inconclusive*, impact, next step and owner, a line each."""
    return [
        _cause(report, language),
        _labelled("impact", impact_text(report.evidence, language), language),
        _labelled("next", next_text(report, language), language),
        _labelled(
            "owner", in_language(_first_minute(report, "owner"), language) or say(language, "owner_unknown"), language
        ),
    ]


def _cause(report: TriageReport, language: Language) -> Line:
    first = report.ranking[0] if report.ranking else None
    if report.verdict == "healthy":
        return [Words(f"{say(language, 'healthy')}: ", "bold"), Words(say(language, "healthy_why"))]
    if first is None:
        return [Words(f"{say(language, 'inconclusive')}: ", "bold"), Words(say(language, "inconclusive_why"))]
    if report.verdict == "cause_found":
        start: list[Words] = [Words(f"{say(language, 'cause')}: ", "bold")]
    else:
        start = [
            Words(f"{say(language, 'inconclusive')}: ", "bold"),
            Words(f"{say(language, 'inconclusive_why')}; {say(language, 'leading')}: "),
        ]
    start.append(Words(shown(first.entity, 100), "code"))
    if first.change:
        start += [Words(f" · {say(language, 'change')} "), Words(shown(first.change, 60), "code")]
    elif first.indicator:
        start += [Words(" · "), Words(shown(first.indicator, 60), "code")]
    return start


def impact_text(evidence: Sequence[Evidence], language: Language) -> str:
    """Payments and money that were lost, in words; that nothing was measured, where nothing was."""
    found = next((item for item in evidence if item.tool == "outcomes.segments" and item.status in _READ), None)
    summary = found.summary if found is not None else None
    if not isinstance(summary, Mapping):
        return say(language, "impact_unknown")
    lost = _number(summary.get("payments_lost"))
    if lost is None or lost < 1:
        return say(language, "impact_none")
    money = " + ".join(number(text, language) for text in _money(summary.get("money_lost")))
    count = number(f"{round(lost):,}", language)
    return say(language, "payments_lost", count=count) + (say(language, "worth", money=money) if money else "")


_READ = ("ok", "truncated")


def _money(rows: object) -> Iterator[str]:
    for row in list(rows)[:2] if isinstance(rows, list | tuple) else ():
        if isinstance(row, Mapping):
            minor, currency = _number(row.get("amount_minor")), row.get("currency")
            if minor and minor > 0 and isinstance(currency, str):
                yield amount(minor, shown(currency, 8))


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def next_text(report: TriageReport, language: Language) -> str:
    """What to do first: decide what waits, ask for what is proposed, follow the runbook, or look at the suspect."""
    waiting = next((one for one in report.actions if one.status == "denied" and one.approval_id), None)
    if waiting is not None:
        return say(language, "next_approve", tool=shown(waiting.tool, 80))
    proposed = next((one for one in report.actions if one.status == PROPOSED), None)
    command = rollback_command(proposed, report.incident.environment, report.run_id) if proposed is not None else ""
    if command:
        return say(language, "next_rollback", command=shown(command, 200))
    runbook = _first_minute(report, "runbook")
    if runbook:
        return runbook
    first = report.ranking[0] if report.ranking and report.verdict != "healthy" else None
    if first is None:
        return say(language, "next_none")
    if first.change:
        return say(language, "next_change", change=shown(first.change, 80))
    return say(language, "next_look", entity=shown(first.entity, 100))


def _first_minute(report: TriageReport, kind: str) -> str:
    return next((shown(line.text, _MOST_IN_LINE) for line in report.first_minute if line.kind == kind), "")


def _labelled(name: str, text: str, language: Language) -> Line:
    return [Words(f"{say(language, name)}: ", "bold"), Words(shown(text, _MOST_IN_LINE))]


def _state(incident: ToldIncident, language: Language, state: str, step: str) -> Line:
    parts = [state]
    if step:
        parts.append(step)
    if incident.alerts > 1:
        parts.append(say(language, "alerts", firing=incident.firing, alerts=incident.alerts))
    parts.append(f"{say(language, 'started')} {incident.began:%Y-%m-%d %H:%M} UTC")
    return [Words(f"{say(language, 'state')}: ", "bold"), Words(shown(" · ".join(parts), _MOST_IN_LINE))]
