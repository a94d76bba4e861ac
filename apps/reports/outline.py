"""A report in reading order, worded once for every surface; all its texts are clean lines, none is escaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ...agents.triage.types import Claim, Evidence, HowOftenRight, Incident, RankedCause, TriageReport, Verdict
from .cleaning import clean, shown
from .digest import digest, document
from .domain import Finding, findings
from .moments import Calendar, Windows, clock, parse, span
from .numbers import finite, money, quantity, scores, whole
from .opinions import lines_of
from .proposals import Fact, NextStep, Proposal, proposal_of, value_text
from .readings import Change, MetricReading, Runbook, changes_missing, found_runbooks, metric_readings, recent_changes

NO_MODEL = "No language model was used."
SYNTHETIC = "Synthetic: this incident was made by the sandbox world. It happened on no real system."
NO_CLAIMS = "No claim was made."
NO_ACTIONS = "No action was proposed or taken."
NO_GAPS = "Nothing is known to be missing."
NO_EVIDENCE = "No tool was called."
COMPUTED_AUTHOR = "computed"
MODEL_AUTHOR = "language model"
COMPUTED = "Everything in this report was computed."

_VERDICTS: dict[Verdict, str] = {
    "cause_found": "Cause found",
    "inconclusive": "Inconclusive",
    "healthy": "Healthy",
}
_STATUSES = {
    "ok": "ok",
    "no_data": "no data",
    "error": "failed",
    "truncated": "cut short",
    "denied": "denied",
}
_FIRST_MINUTE = {
    "impact": "Impact",
    "slo": "SLO",
    "owner": "Owner",
    "blast_radius": "Affected",
    "change": "Changed",
    "similar": "Seen before",
    "runbook": "Do first",
}
_LEADING = 3
_EVIDENCE_ID = re.compile(r"E[0-9]{1,6}", re.ASCII)


@dataclass(frozen=True)
class Suspect:
    """A row of the ranking."""

    place: int
    entity: str
    indicator: str
    change: str
    score: float
    score_text: str
    evidence: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Statement:
    """A claim and whether it is borne out."""

    text: str
    is_supported: bool
    author: str
    evidence: tuple[str, ...]
    problem: str

    @property
    def remark(self) -> str:
        """Why it is not supported, as a sentence; empty if it is."""
        return _sentence(self.problem) if self.problem else ""

    @property
    def mark(self) -> str:
        """The status in a word."""
        return "supported" if self.is_supported else "unsupported"


@dataclass(frozen=True)
class Source:
    """A row of the evidence."""

    id: str
    is_anchor: bool
    tool: str
    status: str
    status_text: str
    scope: str
    ledger: str
    message: str
    digest: str
    document: str


@dataclass(frozen=True)
class Brief:
    """A line of the first minute."""

    label: str
    text: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Outline:
    """The whole report. The order of the fields is the order of reading."""

    title: str
    verdict: Verdict
    verdict_text: str
    summary: str
    model: str
    used_model: bool
    synthetic: str
    first_minute: tuple[Brief, ...]
    facts: tuple[Fact, ...]
    suspects: tuple[Suspect, ...]
    readings: tuple[MetricReading, ...]
    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    changes_missing: int
    opinions: tuple[Statement, ...]
    statements: tuple[Statement, ...]
    proposals: tuple[Proposal, ...]
    gaps: tuple[str, ...]
    runbooks: tuple[Runbook, ...]
    sources: tuple[Source, ...]
    costs: tuple[Fact, ...]
    run_id: str
    checks: tuple[NextStep, ...]
    windows: Windows | None
    calendar: Calendar

    def unclaimed_reasons(self, suspect: Suspect) -> tuple[str, ...]:
        """The reasons that no claim repeats, for surfaces on which there is little room."""
        claimed = {statement.text for statement in self.statements}
        return tuple(reason for reason in suspect.reasons if f"{suspect.entity}: {reason}" not in claimed)

    @property
    def claims_lead(self) -> str:
        """How the claims came about, and how many of them stand."""
        bad = sum(not statement.is_supported for statement in self.statements)
        if all(statement.author == COMPUTED_AUTHOR for statement in self.statements) and not bad:
            return "Computed from the evidence."
        lead = "Checked by code: what a supported claim quotes, counts and names stands in the evidence it cites."
        return f"{lead} {bad} of {len(self.statements)} could not be supported." if bad else lead

    @property
    def no_suspects(self) -> str:
        """What stands where a ranking would."""
        return "Nothing was out of the ordinary." if self.verdict == "healthy" else "There is nothing to rank."

    def is_suspect(self, change: Change) -> bool:
        """Whether a change belongs to one of the three leading suspects."""
        leading = {(suspect.entity, suspect.change) for suspect in self.suspects[:_LEADING]}
        return (change.entity, change.id) in leading

    def nearest_changes(self, most: int) -> list[Change]:
        """At most so many, in time order: those of leading suspects first, then those nearest to the start."""
        windows = self.windows
        if windows is None:
            return list(self.changes[-most:])
        order = sorted(
            self.changes,
            key=lambda change: (not self.is_suspect(change), abs((change.at - windows.start).total_seconds())),
        )
        return sorted(order[:most], key=lambda change: change.at)

    @property
    def anchors(self) -> frozenset[str]:
        """The evidence ids that a surface can link to."""
        return frozenset(source.id for source in self.sources if source.is_anchor)


def outline(report: TriageReport) -> Outline:
    """Put a report into words."""
    incident = report.incident
    start = parse(incident.start)
    calendar = Calendar(start.date() if start else None)
    return Outline(
        title=shown(incident.title, 200),
        verdict=report.verdict,
        verdict_text=_VERDICTS[report.verdict],
        summary=shown(report.summary),
        model=_model(report),
        used_model=report.model.used,
        synthetic=SYNTHETIC if report.synthetic else "",
        first_minute=tuple(
            Brief(_FIRST_MINUTE[line.kind], shown(line.text, 600), _ids(line.evidence)) for line in report.first_minute
        ),
        facts=_facts(incident),
        suspects=_suspects(report.ranking, report.reliability),
        readings=metric_readings(report.evidence),
        findings=findings(report.evidence),
        changes=recent_changes(report.evidence),
        changes_missing=changes_missing(report.evidence),
        opinions=tuple(_opinion(*line) for one in report.hypotheses for line in lines_of(one)),
        statements=tuple(_statement(claim) for claim in report.claims),
        proposals=tuple(proposal_of(action, report.run_id, report.incident.environment) for action in report.actions),
        gaps=_gaps(report),
        runbooks=found_runbooks(report.evidence),
        sources=_sources(report.evidence, incident, calendar),
        costs=_costs(report),
        run_id=shown(report.run_id, 128),
        checks=_checks(report),
        windows=_windows(incident),
        calendar=calendar,
    )


def _model(report: TriageReport) -> str:
    use, note = report.model, clean(report.model.note)
    if not use.used:
        if note.lower().startswith("no language model was used"):
            return _sentence(shown(note, 600))
        return f"{NO_MODEL} {_sentence(shown(note or COMPUTED, 600))}"
    parts = [f"Language model: {shown(use.model, 120)}"]
    if use.endpoint:
        parts.append(f", endpoint {shown(use.endpoint, 120)}")
    if use.fallbacks:
        parts.append(f"; fallbacks: {', '.join(shown(name, 120) for name in use.fallbacks[:8])}")
    note = f" {_sentence(shown(note, 600))}" if note else ""
    verdict = f" Its own verdict: {_VERDICTS[use.verdict].lower()}." if use.verdict else ""
    return f"{''.join(parts)}. Its claims were checked by code.{verdict}{note}"


def _sentence(text: str) -> str:
    """A capital letter first, a full stop last."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?', '…')) else '.'}"


def _facts(incident: Incident) -> tuple[Fact, ...]:
    facts = [
        Fact("Environment", shown(incident.environment, 120)),
        Fact("Incident", _window(incident.start, incident.end)),
    ]
    began = parse(incident.began)
    if began is not None:
        facts.append(Fact("Began", f"{clock(began)}, by what the series say together"))
    if incident.baseline_start is None or incident.baseline_end is None:
        facts.append(Fact("Compared with", "nothing: there was no quiet time"))
    else:
        facts.append(Fact("Compared with", _window(incident.baseline_start, incident.baseline_end)))
    about = [text for text in (incident.alert_entity, incident.alert_metric) if text]
    if incident.alert_name or about:
        severity = f" ({shown(incident.alert_severity, 40)})" if incident.alert_severity else ""
        named = shown(incident.alert_name, 160) if incident.alert_name else "unnamed"
        on = f" on {' · '.join(shown(text, 160) for text in about)}" if about else ""
        facts.append(Fact("Alert", f"{named}{severity}{on}"))
    if incident.alert_summary:
        facts.append(Fact("Alert says", shown(incident.alert_summary, 600)))
    return tuple(facts)


def _windows(incident: Incident) -> Windows | None:
    """The incident's times, if they can be read and are in order."""
    start, end = parse(incident.start), parse(incident.end)
    if start is None or end is None or end <= start:
        return None
    quiet_start, quiet_end = parse(incident.baseline_start), parse(incident.baseline_end)
    if quiet_start is None or quiet_end is None or quiet_end <= quiet_start:
        return Windows(start, end)
    return Windows(start, end, quiet_start, quiet_end)


def _window(start: str, end: str) -> str:
    first, last = parse(start), parse(end)
    if first is None or last is None:
        return f"{shown(start, 60)} to {shown(end, 60)}"
    return span(first, last)


def _suspects(ranking: tuple[RankedCause, ...], reliability: HowOftenRight | None) -> tuple[Suspect, ...]:
    """The suspects; until it is known what a score is worth here, it is shown as a rank."""
    known = scores([cause.score for cause in ranking])
    texts = known if reliability else [f"rank {place}" for place in range(1, len(ranking) + 1)]
    return tuple(
        Suspect(
            place=place,
            entity=shown(cause.entity, 512),
            indicator=shown(cause.indicator, 256),
            change=shown(cause.change, 256),
            score=finite(cause.score) or 0.0,
            score_text=text,
            evidence=_ids(cause.evidence),
            reasons=tuple(shown(reason, 400) for reason in (*_worth(reliability, place), *cause.reasons)),
        )
        for place, (cause, text) in enumerate(zip(ranking, texts, strict=True), start=1)
    )


def _worth(reliability: HowOftenRight | None, place: int) -> tuple[str, ...]:
    """What the leading suspect's score is worth, in words."""
    if reliability is None or place > 1 or reliability.of < 1:
        return ()
    share = f"{reliability.right / reliability.of:.0%}, 95 % interval {reliability.low:.0%} to {reliability.high:.0%}"
    count = f"{reliability.right} of {reliability.of} labelled incidents"
    return (f"a leading suspect with such a score was right in {count} of this installation ({share})",)


def _statement(claim: Claim) -> Statement:
    return Statement(
        text=shown(claim.text),
        is_supported=claim.status == "supported",
        author=COMPUTED_AUTHOR if claim.author == "statistics" else MODEL_AUTHOR,
        evidence=_ids(claim.evidence),
        problem=shown(claim.problem, 200) if claim.problem else "",
    )


def _opinion(text: str, is_supported: bool, evidence: tuple[str, ...], problem: str) -> Statement:
    return Statement(text, is_supported, MODEL_AUTHOR, _ids(evidence), shown(problem, 200) if problem else "")


def _gaps(report: TriageReport) -> tuple[str, ...]:
    gaps = (*report.gaps, *report.incident.absent, *report.incident.notes)
    return tuple(dict.fromkeys(shown(gap, 600) for gap in gaps))


def _sources(evidence: tuple[Evidence, ...], incident: Incident, calendar: Calendar) -> tuple[Source, ...]:
    seen: set[str] = set()
    sources = []
    for item in evidence:
        is_anchor = bool(_EVIDENCE_ID.fullmatch(item.id)) and item.id not in seen
        seen.add(item.id)
        sources.append(
            Source(
                id=shown(item.id, 24),
                is_anchor=is_anchor,
                tool=shown(item.tool, 120),
                status=item.status,
                status_text=_STATUSES[item.status],
                scope=_scope(item.scope, incident, calendar),
                ledger=str(item.seq) if item.seq >= 0 else "journal",
                message=shown(item.message, 400) if item.message else "",
                digest=digest(item.summary),
                document=document(item.summary),
            )
        )
    return tuple(sources)


def _scope(scope: Mapping[str, Any], incident: Incident, calendar: Calendar) -> str:
    parts: list[str] = []
    environment = scope.get("environment")
    if environment and environment != incident.environment:
        parts.append(value_text(environment))
    start, end = parse(scope.get("start")), parse(scope.get("end"))
    if start and end:
        parts.append(calendar.span(start, end))
    filters = scope.get("filters")
    named = dict(filters) if isinstance(filters, Mapping) else {}
    named |= {name: value for name, value in scope.items() if name not in _SCOPE_FIELDS}
    parts += [f"{shown(str(name), 60)}={value_text(value)}" for name, value in list(named.items())[:8]]
    return shown(" · ".join(parts), 600)


_SCOPE_FIELDS = frozenset({"environment", "start", "end", "filters"})


def _costs(report: TriageReport) -> tuple[Fact, ...]:
    cost = report.cost
    facts = [Fact("Took", quantity(cost.wall_s, "s"))]
    if cost.model_calls or report.model.used:
        facts += [
            Fact("Model calls", whole(cost.model_calls)),
            Fact("Tokens in", whole(cost.tokens_in)),
            Fact("Tokens out", whole(cost.tokens_out)),
            Fact("Model cost", money(cost.usd)),
        ]
    return (*facts, Fact("Evidence", f"{len(report.evidence)} {'call' if len(report.evidence) == 1 else 'calls'}"))


def _checks(report: TriageReport) -> tuple[NextStep, ...]:
    recorded = [item.seq for item in report.evidence if item.seq >= 0]
    if not recorded:
        return (NextStep("None of this stands in the ledger yet. How the installation is:", "opswarden doctor"),)
    return (
        NextStep(
            "Each piece of evidence is a ledger entry; see one by its number:", f"opswarden audit show {recorded[0]}"
        ),
        NextStep("See that no entry was changed since:", "opswarden audit verify"),
    )


def _ids(evidence: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(shown(name, 24) for name in evidence))
