"""A runbook out of an incident that is behind us: what was looked at, what showed the cause, what led nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..triage.types import Evidence, RankedCause, TriageReport
from .facts import (
    AGAIN,
    Known,
    Range,
    around_steps,
    at_least,
    at_most,
    measured,
    range_lines,
    ranges,
    read_step,
    say_impact,
    say_past,
)
from .owners import say_owner
from .page import Draft, DraftStep, bullets, query
from .sources import Source, cited, code

_DEAD_ENDS = 5
_MEASURED = frozenset(("metrics.shifts", "outcomes.segments", "alerts.active"))
"""Tools whose figures a document of an incident repeats."""
_MOST_STEPS = 6


def draft_for_incident(report: TriageReport, known: Known, causes: Sequence[str] = ()) -> Draft:
    """Draft a page from a triage that has ended.

    Args:
        report: as it was told, so it is redacted.
        known: what is known of the platform now.
        causes: what people say it was; what the triage says without them.
    """
    incident = report.incident
    alert, entity = incident.alert_name or "", incident.alert_entity or ""
    leading = next((each for each in report.ranking if not causes or each.entity in causes), None)
    source = known.sources.add(f"triage {report.run_id}", content_of(report, causes))
    draft = Draft(f"{alert} at {entity}" if alert and entity else incident.title, {}, known.sources)
    _say_meaning(draft, report, leading, causes, source)
    if entity:
        say_impact(draft, known, entity)
    _check_alert(draft, known, report, source)
    if leading is not None:
        _look_at_cause(draft, known, report, leading, source)
    if entity:
        around_steps(draft, known, entity, "Diagnosis")
    _say_dead_ends(draft, report, leading, source)
    _say_help(draft, known, report, leading, source)
    services = list(dict.fromkeys(name for name in (entity, leading.entity if leading else "") if name))
    owner = say_owner(draft, known, leading.entity if leading else entity) if services else ""
    draft.front = {"alerts": [alert] if alert else [], "services": services, "owner": owner, "risk": "low"}
    return draft


def content_of(report: TriageReport, causes: Sequence[str]) -> dict[str, Any]:
    """What of the report a draft may speak of."""
    return {
        "incident": report.incident.model_dump(mode="json"),
        "verdict": report.verdict,
        "summary": report.summary,
        "ranking": [each.model_dump(mode="json") for each in report.ranking],
        "claims": [each.text for each in report.claims if each.status == "supported"],
        "actions": [each.model_dump(mode="json") for each in report.actions],
        "evidence": [{"id": each.id, "tool": each.tool, "scope": each.scope} for each in report.evidence],
        "people_say": list(causes),
        "gaps": list(report.gaps),
        "first_minute": [each.text for each in report.first_minute],
        "measured": [
            each.summary for each in report.evidence if each.tool in _MEASURED and not each.step and each.summary
        ],
    }


def _say_meaning(
    draft: Draft, report: TriageReport, leading: RankedCause | None, causes: Sequence[str], source: Source
) -> None:
    incident, mark = report.incident, cited(source)
    if incident.alert_summary:
        draft.say("Meaning", f"The alert said: {code(incident.alert_summary)}{mark}", "")
    said = "People say it was" if causes else "The triage says, and nobody has confirmed it, that it was"
    if causes:
        draft.say("Meaning", f"{said} {', '.join(f'{code(name)}' for name in causes)}{mark}", "")
    elif leading is not None and report.verdict == "cause_found":
        draft.say("Meaning", f"{said} {code(leading.entity)}{mark}", "")
    else:
        draft.notes.append(f"what it was: the triage found no cause, and nobody says one{mark}")
    if leading is not None:
        draft.say("Meaning", *bullets([f"{code(reason)}{mark}" for reason in leading.reasons[:4]]))


def _check_alert(draft: Draft, known: Known, report: TriageReport, source: Source) -> None:
    """Whether the alert's metric is as usual again."""
    entity, metric = report.incident.alert_entity, report.incident.alert_metric
    if not entity or not metric:
        return
    found = ranges(known, entity, metric, most=6)
    if found:
        draft.say("As usual", measured(known, found[0].source), "", *range_lines(found))
        selector = found[0].selector if len(found) == 1 else f'{metric}{{entity="{entity}"}}'
        draft.step(
            "Diagnosis",
            DraftStep(
                f"Is {code(metric)} of {code(entity)} still outside of what is usual?{cited(source, found[0].source)}",
                (query(selector, "between the lowest and the highest of `As usual`"),),
            ),
        )


def _look_at_cause(draft: Draft, known: Known, report: TriageReport, leading: RankedCause, source: Source) -> None:
    """The cause's own metric first, as that is what showed it the last time."""
    entity, metric = leading.entity, leading.indicator or ""
    found = ranges(known, entity, metric, most=3) if metric in known.metrics_of(entity) else []
    falls = _falls(report, entity, metric)
    if found:
        usual = "; ".join(_usual(each, of_many=len(found) > 1) for each in found)
        mark = cited(source, *(each.source for each in found))
        text = f"The last time it was {code(entity)}. Is its {code(metric)} as usual, {usual}?{mark}"
        draft.step("Diagnosis", DraftStep(text, tuple(at_least(each) if falls else at_most(each) for each in found)))
    for tool in _tools_of(leading, source):
        text = f"This showed it the last time: {code(tool)} of {code(entity)}{cited(source)}"
        read_step(draft, known, "Diagnosis", text, tool, "it stands out again", [entity])


def _usual(found: Range, *, of_many: bool) -> str:
    """The range of a series, named by its labels where there are several."""
    labels = ", ".join(f"{name} {code(value)}" for name, value in sorted(found.labels.items()))
    which = f" ({labels})" if labels and of_many else ""
    return f"{found.told(found.low)} to {found.told(found.high)}{which}"


def _falls(report: TriageReport, entity: str, metric: str) -> bool:
    """Whether the metric went down in the incident."""
    return any(
        row.get("direction") == "down"
        for item in report.evidence
        if item.tool == "metrics.shifts" and isinstance(item.summary, dict)
        for row in item.summary.get("shifts") or ()
        if row.get("entity") == entity and row.get("metric") == metric
    )


def _tools_of(leading: RankedCause, source: Source) -> list[str]:
    """Tools whose results spoke for the cause, and that can be called again."""
    cited_ids = set(leading.evidence)
    rows = source.content["evidence"] if isinstance(source.content, dict) else []
    found = [row["tool"] for row in rows if row["id"] in cited_ids and row["tool"] in AGAIN]
    return list(dict.fromkeys(found))[:_MOST_STEPS]


def _say_dead_ends(draft: Draft, report: TriageReport, leading: RankedCause | None, source: Source) -> None:
    """Suspects that were ranked and were not it, and calls that gave nothing; where it was noticed is no suspect."""
    none = {report.incident.alert_entity, leading.entity if leading else None}
    others = [each for each in report.ranking if each.entity not in none][:_DEAD_ENDS]
    mark = cited(source)
    lines = [
        f"{code(each.entity)} was suspected too{f': {code(each.reasons[0])}' if each.reasons else ''}{mark}"
        for each in others
    ]
    lines += [f"{code(each.tool)} gave nothing{mark}" for each in report.evidence if _is_empty(each)][:_DEAD_ENDS]
    draft.say("Dead ends", *bullets(list(dict.fromkeys(lines))))


def _is_empty(evidence: Evidence) -> bool:
    return evidence.status == "no_data"


def _say_help(draft: Draft, known: Known, report: TriageReport, leading: RankedCause | None, source: Source) -> None:
    """What was done, what was proposed, and what helped in incidents before it."""
    mark = cited(source)
    done = [each for each in report.actions if each.status == "ok"]
    lines = [f"{code(each.tool)} was done, with a person's leave{mark}" for each in done]
    lines += [f"{code(each.tool)} was proposed, and not done{mark}" for each in report.actions if each.status != "ok"][
        :_MOST_STEPS
    ]
    if leading is not None and leading.change:
        # Nobody tried it in this incident, so it is a question and no step.
        lines.append(f"can the change {code(leading.change)} at {code(leading.entity)} be taken back?{mark}")
    if not done:
        draft.notes.append(f"what helped: nothing was done through the gate in that incident{mark}")
    draft.say("Mitigation", *bullets(lines))
    incident = report.incident
    places = [name for name in (incident.alert_entity, leading.entity if leading else None) if name]
    say_past(draft, known, incident.alert_name or "", list(dict.fromkeys(places)), "Mitigation")
