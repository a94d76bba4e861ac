"""What is told in the thread of an incident: the report, evidence on demand, and answers to questions."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...agents.triage.tables import tables_of
from ...agents.triage.types import Answer, Claim, Evidence, TriageReport
from ..reports.cleaning import shown
from ..reports.levels import before_after_text
from ..reports.outline import COMPUTED_AUTHOR, Outline, Statement, outline
from ..reports.picture import MOST_CHARTS, picture
from ..reports.proposals import Fact
from ..reports.render import render
from .phrases import in_language
from .texts import Block, Button, File, Line, Message, Words, buttons, header, menu, message, paragraph
from .words import Language, say

EVIDENCE = "evidence.show"
FEEDBACK = "feedback"
OPINIONS = ("useful", "partly", "wrong")
_MOST_SUSPECTS, _MOST_STATEMENTS, _MOST_GAPS, _MOST_ROWS = 5, 8, 6, 25


def report_message(report: TriageReport, language: Language) -> Message:
    """The report for the thread, its buttons, its charts as a picture, and the whole of it as a file."""
    name = f"triage-{''.join(c for c in report.run_id if c.isalnum() or c in '-_')[:64]}"
    whole = File(f"{name}.html", say(language, "whole_report"), render(report, "html"))
    return replace(report_blocks(report, language), files=(*_charts(report, name, language), whole))


def _charts(report: TriageReport, name: str, language: Language) -> Iterator[File]:
    page = outline(report)
    try:
        drawn = picture(page)
    except (
        ModuleNotFoundError
    ):  # without the extra `slack` the charts are in the whole report only; `slack check` says so
        return
    if drawn is not None:
        texts = (before_after_text(reading, page.windows) for reading in page.readings[:MOST_CHARTS])
        described = "; ".join(in_language(text, language) for text in texts)
        content = base64.b64encode(drawn).decode()
        yield File(f"{name}.png", say(language, "charts"), content, is_base64=True, alternative=shown(described, 1_000))


def report_blocks(report: TriageReport, language: Language) -> Message:
    """The same without the file."""
    page = outline(report)
    last: list[Block] = []
    if report.evidence:
        options = [
            (f"{item.id} {item.tool} ({in_language(item.status, language)})", item.id) for item in report.evidence
        ]
        last.append(menu("evidence", EVIDENCE, say(language, "show_evidence"), options))
    presses = [Button(f"{FEEDBACK}.{name}", say(language, name), report.run_id) for name in OPINIONS]
    last.append(buttons("feedback", presses))
    verdict = say(language, _VERDICT[report.verdict])
    return message(f"{verdict}: {in_language(page.summary, language)}", _report_blocks(report, page, language), last)


def _report_blocks(report: TriageReport, page: Outline, language: Language) -> Iterator[Block]:
    yield header(f"{in_language(page.title, language)} · {say(language, _VERDICT[report.verdict])}")
    opening: list[Line] = [[Words(in_language(text, language))] for text in (page.summary, page.model)]
    synthetic = in_language(page.synthetic, language)
    yield paragraph([*opening, *([[Words(synthetic, "bold")]] if synthetic else [])])
    if page.first_minute:
        yield _heading("first_minute", language)
        rows = page.first_minute
        yield paragraph(
            (
                [
                    Words(f"{in_language(row.label, language)}: ", "bold"),
                    Words(in_language(row.text, language)),
                    _cites(row.evidence),
                ]
                for row in rows
            ),
            bulleted=True,
        )
    if page.suspects:
        yield _heading("suspects", language)
        yield paragraph(
            (
                [
                    Words(f"{one.place}. "),
                    Words(" ".join(text for text in (one.entity, one.indicator, one.change) if text != "–"), "code"),
                    # The place stands before it; what is no score yet would only repeat that.
                    Words("" if one.score_text == f"rank {one.place}" else f" {one.score_text}"),
                    Words(_reasons(page.unclaimed_reasons(one)[:2], language)),
                    _cites(one.evidence),
                ]
                for one in page.suspects[:_MOST_SUSPECTS]
            ),
            bulleted=True,
        )
    yield from _statements("model_holds", page.opinions, language)
    yield from _statements("claims", page.statements, language)
    if page.proposals:
        yield _heading("actions", language)
        yield paragraph(
            (
                [
                    Words(one.tool, "code"),
                    Words(f" {in_language(one.outcome, language)}: "),
                    Words(_arguments(one.arguments)),
                ]
                for one in page.proposals
            ),
            bulleted=True,
        )
    if page.gaps:
        yield _heading("gaps", language)
        gaps = (in_language(gap, language) for gap in page.gaps[:_MOST_GAPS])
        yield paragraph(([Words(gap)] for gap in gaps), bulleted=True)
    costs = (f"{in_language(fact.label, language)}: {in_language(fact.text, language)}" for fact in page.costs)
    yield paragraph([[Words(" · ".join(costs))], [Words(page.run_id)]])


_VERDICT = {"cause_found": "cause_found", "inconclusive": "inconclusive", "healthy": "healthy"}


def evidence_message(item: Evidence, language: Language) -> Message:
    """One piece of evidence: what it covers, its rows, and why it is not whole."""
    facts, tables = tables_of(item.summary)
    status = in_language(item.status, language)
    lead: list[Line] = [[Words(f"{item.id} ", "bold"), Words(item.tool, "code"), Words(f" ({status})")]]
    said = "; ".join(text for text in (facts, in_language(item.message, language)) if text)
    blocks = [paragraph([*lead, *([[Words(said)]] if said else [])])]
    for table in tables:
        blocks.append(paragraph([[Words(table.head, "bold")]]))
        lines = [table.line(place) for place in range(min(len(table.rows), _MOST_ROWS))]
        blocks += [paragraph(([Words(line)] for line in lines), bulleted=True)] if lines else []
    return message(f"{item.id} {item.tool}", blocks)


def answer_message(answer: Answer, language: Language) -> Message:
    """The answer to a question in the thread."""
    blocks: list[Block] = []
    for name, claims in (("answer", answer.claims), ("known", answer.known)):
        if claims:
            blocks += [
                _heading(name, language),
                paragraph((claim_line(one, language) for one in claims), bulleted=True),
            ]
    for item in answer.evidence:
        if item.id in answer.shown:
            blocks += evidence_message(item, language).blocks
    open_ends = [*answer.unknown, *answer.gaps]
    if open_ends or not blocks:
        lines = [[Words(in_language(text, language))] for text in open_ends] or [[Words(say(language, "unknown"))]]
        blocks += [_heading("unknown", language), paragraph(lines, bulleted=True)]
    first = next(iter((*answer.claims, *answer.known)), None)
    return message(claim_text(first, language) if first else say(language, "unknown"), blocks)


def claim_line(claim: Claim, language: Language) -> Line:
    """A statement with the evidence that it cites, marked where nothing supports it."""
    doubt = [Words(f"{say(language, 'unsupported')}: ", "bold")] if claim.status == "unsupported" else []
    return [*doubt, Words(claim_text(claim, language)), _cites(claim.evidence)]


def claim_text(claim: Claim, language: Language) -> str:
    """What a claim says; a model's words stay as they are."""
    return in_language(claim.text, language) if claim.author == "statistics" else claim.text


def _statements(name: str, statements: Sequence[Statement], language: Language) -> Iterator[Block]:
    if not statements:
        return
    yield _heading(name, language)
    yield paragraph(
        (
            [
                Words("" if one.is_supported else f"{say(language, 'unsupported')}: ", "bold"),
                Words(in_language(one.text, language) if one.author == COMPUTED_AUTHOR else one.text),
                _cites(one.evidence),
            ]
            for one in statements[:_MOST_STATEMENTS]
        ),
        bulleted=True,
    )


def _reasons(reasons: Sequence[str], language: Language) -> str:
    return f": {'; '.join(in_language(reason, language) for reason in reasons)}" if reasons else ""


def _arguments(arguments: Sequence[Fact]) -> str:
    return shown(", ".join(f"{one.label}={one.text}" for one in arguments), 500)


def _heading(name: str, language: Language) -> Block:
    return paragraph([[Words(say(language, name), "bold")]])


def _cites(ids: Sequence[str]) -> Words:
    return Words(f" [{' '.join(ids[:6])}]" if ids else "")
