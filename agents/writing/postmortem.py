"""A postmortem: what happened when, by the report and the ledger; what people alone know is left open, visibly.

What an authority asks for follows the criteria by which the EU has incidents classified (Delegated Regulation (EU)
2024/1772: clients and transactions, duration, places, data, criticality of services, cost); other regulators ask for
much the same. Whether one has to be told is for people to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...core.clock import from_iso
from ..triage.types import RankedCause, TriageReport
from .document import Document
from .from_incident import content_of
from .sources import Sources, cited, code, duration, moment, number, share

OPEN = "- [ ] (nobody yet): write what is to be done, name an owner, and by when"
_NOBODY_SAID = "unknown: nobody has said so yet"
_MOST_SUSPECTS = 3


def postmortem(
    report: TriageReport, entries: Sequence[Mapping[str, Any]], sources: Sources, causes: Sequence[str] = ()
) -> Document:
    """Write the postmortem of an incident.

    Args:
        report: of its triage.
        entries: what happened: `at`, `kind`, `what` and `outcome` each, all of them ours.
        sources: where what it rests on is kept.
        causes: what people say it was.
    """
    incident = report.incident
    lag = _noticed_after(report, entries)
    content = {**content_of(report, causes), "noticed_after_s": lag, "to_label": _labelling(report)}
    told = sources.add(f"triage {report.run_id}", content)
    ledger = sources.add(f"ledger of {report.run_id}", [dict(each) for each in entries])
    # As `incidents.similar` reads it, so that the next triage finds what people say of this one.
    front = {
        "date": _fired(report) or incident.start,
        "run": report.run_id,
        "alert": incident.alert_name or "",
        "entities": list(dict.fromkeys([*([incident.alert_entity] if incident.alert_entity else []), *causes])),
        "cause": ", ".join(causes),
        "resolution": "",
    }
    page = Document(f"Postmortem: {incident.title}", sources, front=front)
    mark = cited(told)
    page.say("summary", "Summary", [f"- {line}{mark}" for line in _summary(report, causes)])
    page.say("impact", "Impact", [f"- {line}{mark}" for line in _impact(report)])
    first = _first_sign(entries)
    sign = [f"- the first sign at a suspect: {_line(first)}{cited(ledger)}"] if first is not None else []
    noticed = [*sign, *(f"- {line}{mark}" for line in _detection(report, lag))]
    page.say("detection", "How it was noticed", noticed)
    page.say("timeline", "Timeline", [f"- {_line(each)}{cited(ledger)}" for each in entries], "Nothing is recorded.")
    page.say("causes", "Contributing causes", [f"{line}{mark}" for line in _causes(report, causes)])
    done = [
        f"- {code(each.tool)} was done, with a person's leave{mark}" for each in report.actions if each.status == "ok"
    ]
    page.say("response", "What was done, and how it ended", [
        *(done or [f"- nothing was done through the gate in this run{mark}"]),
        f"- when it ended: {_NOBODY_SAID}",
        f"- who led the response: {_NOBODY_SAID}",
    ])  # fmt: skip
    page.say("went-well", "What went well", [], "Nobody has said so yet. Write it here, in place of this sentence.")
    missing = [f"- {code(each)}{mark}" for each in report.gaps]
    page.say("missing", "What was missing", missing, f"The triage names no gap in what it could see{mark}")
    page.say("actions", "Actions", [*(f"- [ ] (nobody yet): {line}{mark}" for line in _to_do(report, causes)), OPEN])
    page.say("authorities", "What an authority may ask for", [*_for_authorities(report, mark)])
    if not causes:
        page.notes.append(f"what it was: nobody has labelled the incident{mark}")
    return page


def _line(entry: Mapping[str, Any]) -> str:
    outcome = f", {code(entry['outcome'])}" if entry["outcome"] else ""
    return f"{moment(entry['at'])}: {entry['kind']}, {code(entry['what'])}{outcome}"


def _summary(report: TriageReport, causes: Sequence[str]) -> Iterator[str]:
    incident = report.incident
    if incident.alert_name:
        severity = f", severity {code(incident.alert_severity)}" if incident.alert_severity else ""
        where = f" at {code(incident.alert_entity)}" if incident.alert_entity else ""
        yield f"the alert: {code(incident.alert_name)}{where}{severity}, in {code(incident.environment)}"
    else:
        yield f"no alert opened it; it was in {code(incident.environment)}"
    yield f"the triage looked from {moment(incident.start)} to {moment(incident.end)}"
    if causes:
        yield f"people say it was {', '.join(code(name) for name in causes)}"
    yield f"the triage: {code(report.summary)}"
    yield from (f"whose it is: {code(each.text)}" for each in report.first_minute if each.kind == "owner")


def _impact(report: TriageReport) -> Iterator[str]:
    """What is known of the harm: by the alert, the metric that it watches, payments, objectives, and who depends."""
    incident = report.incident
    if incident.alert_summary:
        yield f"the alert said: {code(incident.alert_summary)}"
    for row in _shifts(report):
        if row.get("entity") == incident.alert_entity:
            series = f" ({code(row['labels'])})" if row.get("labels") else ""
            before, after = number(row.get("before")), number(row.get("after"))
            yield f"{code(row['metric'])} of {code(row['entity'])}{series}: from {before} to {after}"
    yield from _payments(report)
    named = {"impact": "payments", "blast_radius": "who depends on it", "slo": "objectives"}
    yield from (f"{named[each.kind]}: {code(each.text)}" for each in report.first_minute if each.kind in named)


def _payments(report: TriageReport) -> Iterator[str]:
    """What became of payments, all in all; where some were lost the report has its own line with figures."""
    for row in _results(report, "outcomes.segments"):
        before, after = row.get("rate_before"), row.get("rate_after")
        if before is not None and after is not None:
            what = f"{share(after)} of {number(row['payments_after'])} payments went well, {share(before)} before"
            lost = row.get("payments_lost")
            yield what if lost is None else f"{what}; {number(lost)} are counted as lost"


def _detection(report: TriageReport, lag: float | None) -> Iterator[str]:
    fired = _fired(report)
    yield f"the alert fired at {moment(fired)}" if fired else "when the alert fired: unknown"
    if lag is not None and lag >= 0:
        yield f"from the first sign to the alert: {duration(lag)}"
    elif lag is not None:
        yield "the alert fired before the data moved far enough to be seen"
    for each in report.first_minute:
        if each.kind == "runbook":
            yield f"the page for it: {code(each.text.partition('; step ')[0])}"


def _causes(report: TriageReport, causes: Sequence[str]) -> Iterator[str]:
    said = "people say" if causes else "the triage says, and nobody has confirmed it"
    yield from (f"- {said}: {code(name)}" for name in causes)
    for place, each in enumerate(report.ranking[:_MOST_SUSPECTS]):
        if causes and each.entity not in causes:
            continue
        if place == 0 or causes:
            yield f"- {f'the triage has it in place {place + 1}' if causes else said}: {code(each.entity)}"
            yield from (f"  - {code(reason)}" for reason in each.reasons)
        else:
            yield f"- {_follows(each, report)}"
    yield from (f"- seen before: {code(each.text)}" for each in report.first_minute if each.kind == "similar")


def _follows(each: RankedCause, report: TriageReport) -> str:
    noticed = ", where it was noticed" if each.entity == report.incident.alert_entity else ""
    reason = f": {code(each.reasons[0])}" if each.reasons else ""
    return f"less likely: {code(each.entity)}{noticed}{reason}"


def _to_do(report: TriageReport, causes: Sequence[str]) -> Iterator[str]:
    """What the report itself leaves to be done; who does it, people say."""
    leading = next((each for each in report.ranking if not causes or each.entity in causes), None)
    if not causes:
        yield f"say what it was, with {code(_labelling(report))}"
    if leading is not None and leading.change:
        yield f"what would have stopped the change {code(leading.change)} at {code(leading.entity)} before it did harm?"
    if report.incident.alert_name and not any(each.kind == "runbook" for each in report.first_minute):
        yield f"write the page for {code(report.incident.alert_name)}: the triage had none"
    yield from (f"close this gap: {code(each)}" for each in report.gaps)


def _labelling(report: TriageReport) -> str:
    """The command that says what it was; whoever types it puts the name in."""
    return f"opswarden eval past add {report.run_id} --cause"


def _for_authorities(report: TriageReport, mark: str) -> Iterator[str]:
    payments = next(_payments(report), None)
    yield f"- payments that were hit: {payments}{mark}" if payments else f"- payments that were hit: {_NOBODY_SAID}"
    for what in (
        "money that was lost, and whose",
        "customers and merchants that were hit, and in which countries",
        "how long services were down or slow",
        "personal or payment data that was lost, changed or seen by others",
        "whether the service is critical, or rests on a supplier who has to be told",
        "which authorities have to be told, by when, and who does it",
    ):
        yield f"- {what}: {_NOBODY_SAID}"


def _results(report: TriageReport, tool: str) -> Iterator[Mapping[str, Any]]:
    """What the calls of a tool gave besides those for steps of a page."""
    for item in report.evidence:
        if item.tool == tool and not item.step and isinstance(item.summary, Mapping):
            yield item.summary


def _shifts(report: TriageReport) -> Iterator[Mapping[str, Any]]:
    for summary in _results(report, "metrics.shifts"):
        yield from (row for row in summary.get("shifts") or () if isinstance(row, Mapping))


def _fired(report: TriageReport) -> str | None:
    """When the alert of the incident fired first."""
    for summary in _results(report, "alerts.active"):
        for row in summary.get("groups") or ():
            if row.get("name") == report.incident.alert_name and row.get("first_fired"):
                return str(row["first_fired"])
    return None


def _first_sign(entries: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    return next((each for each in entries if each["kind"] == "telemetry"), None)


def _noticed_after(report: TriageReport, entries: Sequence[Mapping[str, Any]]) -> float | None:
    """Seconds from the first sign to the alert."""
    fired, first = _fired(report), _first_sign(entries)
    if fired is None or first is None:
        return None
    return (from_iso(fired) - from_iso(str(first["at"]))).total_seconds()
