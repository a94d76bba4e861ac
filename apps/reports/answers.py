"""An answer to a question about a triage, for a terminal, as Markdown and as JSON."""

from __future__ import annotations

import io
from collections.abc import Iterator

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from ...agents.triage.tables import tables_of
from ...agents.triage.types import Answer, Claim, Evidence
from .cleaning import shown
from .markdown import prose
from .render import ReportFormat, render_json

_DEFAULT_WIDTH = 100
_MOST_ROWS = 40


def render_answer(answer: Answer, format: ReportFormat, *, width: int | None = None, colour: bool = False) -> str:
    """An answer as text that ends in a line break; HTML is for reports, so it becomes Markdown."""
    if format == "json":
        return render_json(answer)
    if format == "terminal":
        return _terminal(answer, width or _DEFAULT_WIDTH, colour=colour)
    parts = [
        f"## {prose(title)}\n\n" + "\n".join(f"- {prose(line)}" for line in lines) for title, lines in _parts(answer)
    ]
    return "\n\n".join(parts) + "\n"


def _terminal(answer: Answer, width: int, *, colour: bool) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, no_color=not colour, highlight=False, legacy_windows=False
    )
    for title, lines in _parts(answer):
        console.print(Text(title, style="bold"))
        for line in lines:
            console.print(Padding(Text(line), (0, 0, 0, 2)))
        console.print()
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().splitlines()) + "\n"


def _parts(answer: Answer) -> Iterator[tuple[str, list[str]]]:
    """Titles and lines in order of reading; what was asked for comes first."""
    if answer.question:
        yield "Asked", [shown(answer.question, 1_000)]
    if answer.claims:
        yield "Answer", [_claim(claim) for claim in answer.claims]
    if answer.known:
        yield "What the evidence holds", [_claim(claim) for claim in answer.known]
    for item in answer.evidence:
        if item.id in answer.shown:
            yield f"{shown(item.id, 24)} {shown(item.tool, 120)} ({item.status})", list(_rows(item))
    if answer.actions:
        yield "Actions", [f"{shown(action.tool, 120)}: {shown(action.decision, 120)}" for action in answer.actions]
    if open_ends := [*answer.unknown, *answer.gaps]:
        yield "Not known", [shown(text, 600) for text in open_ends]
    model = f"Language model: {shown(answer.model.model, 120)}." if answer.model.used else "No language model was used."
    note = f" {shown(answer.model.note, 600)}" if answer.model.note and answer.model.used else ""
    yield "Where this comes from", [f"Run {shown(answer.run_id, 128)}, question {answer.number}. {model}{note}"]


def _claim(claim: Claim) -> str:
    doubt = f"unsupported ({shown(claim.problem, 200)}): " if claim.status == "unsupported" else ""
    return f"{doubt}{shown(claim.text, 600)} [{' '.join(shown(name, 24) for name in claim.evidence)}]"


def _rows(item: Evidence) -> Iterator[str]:
    facts, tables = tables_of(item.summary)
    if facts or item.message:
        yield shown("; ".join(text for text in (facts, item.message) if text), 1_000)
    for table in tables:
        yield shown(table.head, 400)
        for place in range(min(len(table.rows), _MOST_ROWS)):
            yield shown(table.line(place), 600)
        if len(table.rows) > _MOST_ROWS:
            yield f"{len(table.rows) - _MOST_ROWS} more rows in the JSON of the report"
