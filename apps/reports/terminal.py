"""A report for a terminal of any width, with or without colours."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

from rich import box
from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from ...agents.triage.types import TriageReport
from .cleaning import EMPTY, middle, shown
from .levels import before_after_text
from .moments import offset
from .outline import NO_ACTIONS, NO_CLAIMS, NO_EVIDENCE, NO_GAPS, Outline, Statement, outline
from .proposals import Fact
from .sparks import sparkline

_DEFAULT_WIDTH = 100
_NARROWEST = 30
_WIDE = 84
"""Columns from which tables are readable; below, their rows are stacked."""
_MOST_ROWS = 10
_FIRST_MINUTE_LINES = 7
_CITING = 50
_MOST_CITED = 3
_TONES = {"cause_found": "blue", "inconclusive": "yellow", "healthy": "green"}
_MARKS = {"cause_found": "◆", "inconclusive": "◇", "healthy": "✓"}


def print_report(report: TriageReport, console: Console) -> None:
    """Print a report; the console knows the width and whether colours are wanted (`NO_COLOR` included).

    Where the output cannot carry every character, the missing ones become `?`.
    """
    page = outline(report)
    try:
        "│▁█…µ".encode(console.encoding)
        is_complete = True
    except (UnicodeEncodeError, LookupError):
        is_complete = False
    if is_complete:
        _print(page, console)
        return
    text = render_terminal(page, width=console.width, colour=False)
    console.out(text.encode("ascii", "replace").decode(), end="", highlight=False)


def render_terminal(page: Outline, *, width: int | None = None, colour: bool = False) -> str:
    """The report as text, ending in a line break.

    Args:
        page: what to show.
        width: columns; 100 unless given.
        colour: ANSI colours, unless the environment sets `NO_COLOR`.
    """
    console = Console(
        file=io.StringIO(),
        width=max(width or _DEFAULT_WIDTH, _NARROWEST),
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=None if colour else True,
        legacy_windows=False,
    )
    with console.capture() as captured:
        _print(page, console)
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def _print(page: Outline, console: Console) -> None:
    width = max(console.width, _NARROWEST)
    for part in _parts(page, width):
        console.print(part, markup=False, emoji=False, highlight=False)


def _parts(page: Outline, width: int) -> Iterable[RenderableType]:
    yield from _head(page, width)
    parts: tuple[tuple[str, list[RenderableType]], ...] = (
        ("Suspects", _suspects(page, width)),
        ("How they moved", _moved(page, width)),
        ("Payments, models and features", _domain(page)),
        ("What was changed", _changes(page, width)),
        ("What the model holds", _statements(page.opinions)),
        ("Claims", _statements(page.statements) or [_plain(NO_CLAIMS, "dim")]),
        ("Actions", _actions(page)),
        ("Not looked at", _gaps(page)),
        ("Runbooks that fit", _runbooks(page)),
        ("Evidence", _evidence(page, width)),
        ("Cost, and how to check this report", _foot(page)),
    )
    for title, body in parts:
        if body:
            yield Text(f"\n{title}", style="bold")
            yield from (Padding(part, (0, 0, 0, 2)) for part in body)


def _head(page: Outline, width: int) -> Iterable[RenderableType]:
    tone = _TONES[page.verdict]
    yield Text(page.title, style="bold")
    yield Panel(
        Text(page.summary),
        title=Text(f"{_MARKS[page.verdict]} {page.verdict_text}", style=f"bold {tone}"),
        title_align="left",
        border_style=tone,
        box=box.ROUNDED,
    )
    if page.first_minute:
        yield Padding(_first_minute(page, width), (0, 0, 0, 2))
        yield Text("")
    yield Padding(Text(page.model, style="bold" if page.used_model else ""), (0, 0, 0, 2))
    if page.synthetic:
        yield Padding(Text(page.synthetic, style="magenta"), (0, 0, 0, 2))
    yield Text("")
    yield Padding(_pairs(page.facts), (0, 0, 0, 2))


def _first_minute(page: Outline, width: int) -> Table:
    """Seven lines at most: what is longer than one goes on as far as there are lines left, and is cut then."""
    # Where there is hardly room for words, the evidence is named further below only.
    cites = [_cited(line.evidence) if width >= _CITING else "" for line in page.first_minute]
    room = max(width - 19 - max(map(cell_len, cites)), 8)
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="bold", width=11)
    grid.add_column(width=room)
    grid.add_column(style="cyan", no_wrap=True)
    ruler = Console(file=io.StringIO(), width=room)
    spare = max(_FIRST_MINUTE_LINES - len(cites), 0)
    rows: list[Text] = []
    # What is to be done stands last, and has the first right to a second line.
    for line in reversed(page.first_minute):
        wrapped = list(Text(line.text).wrap(ruler, room))
        kept = wrapped[: 1 + spare]
        spare -= len(kept) - 1
        if len(kept) < len(wrapped):
            kept[-1] = Text(f"{kept[-1].plain.rstrip()} {wrapped[len(kept)].plain}")
            kept[-1].truncate(room, overflow="ellipsis")
        rows.append(Text("\n").join(kept))
    for line, text, cited in zip(page.first_minute, reversed(rows), cites, strict=True):
        grid.add_row(Text(line.label), text, Text(cited))
    return grid


def _cited(evidence: tuple[str, ...]) -> str:
    """The first few ids: the steps of a runbook have one each, and would leave no room for what is to be done."""
    return " ".join((*evidence[:_MOST_CITED], *(["…"] if len(evidence) > _MOST_CITED else [])))


def _suspects(page: Outline, width: int) -> list[RenderableType]:
    if not page.suspects:
        return [_plain(page.no_suspects)]
    shown = page.suspects[:_MOST_ROWS]
    best = max(suspect.score for suspect in shown)
    parts: list[RenderableType] = []
    if width >= _WIDE:
        table = _table(("", "right"), ("Suspect", "left"), ("Indicator", "left"), ("Change", "left"),
                       ("Score", "left"), ("Evidence", "left"))  # fmt: skip
        limit = max(14, (width - 42) // 3)
        for suspect in shown:
            table.add_row(
                Text(str(suspect.place), style="dim"),
                Text(middle(suspect.entity, limit), style="bold" if suspect.place == 1 else ""),
                Text(middle(suspect.indicator, limit)),
                Text(middle(suspect.change, limit)),
                Text.assemble((_bar(suspect.score, best, 8), "blue"), f" {suspect.score_text:>6}"),
                Text(" ".join(suspect.evidence), style="cyan"),
            )
        parts.append(table)
    else:
        for suspect in shown:
            parts.append(
                Text(f"{suspect.place}. {middle(suspect.entity, width - 16)}  {suspect.score_text}", style="bold")
            )
            about = " · ".join(text for text in (suspect.indicator, suspect.change) if text != EMPTY)
            parts.append(Padding(Text(f"{about}  {' '.join(suspect.evidence)}".strip(), style="dim"), (0, 0, 0, 3)))
    for suspect in shown[:3]:
        parts += [
            _item(f"{middle(suspect.entity, 40)}: {reason}", "dim") for reason in page.unclaimed_reasons(suspect)[:3]
        ]
    if len(page.suspects) > len(shown):
        parts.append(_plain(f"{len(page.suspects) - len(shown)} more in the JSON report", "dim"))
    return parts


def _moved(page: Outline, width: int) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for reading in page.readings[:4]:
        parts.append(
            Text.assemble(
                f"{middle(reading.metric, 40)} of {middle(reading.entity, 40)} ", (reading.evidence_id, "cyan")
            )
        )
        drawn = sparkline(reading, reading.lines[0], page.windows, max(20, min(width - 6, 72)))
        quiet, edge, incident = drawn.partition("│")
        parts.append(Text.assemble((quiet, "blue"), (edge, "dim"), (incident, "red")))
        parts.append(_plain(before_after_text(reading, page.windows), "dim"))
    return parts


def _domain(page: Outline) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for found in page.findings:
        moved = f"{found.before or EMPTY} → {found.after or EMPTY}" if found.before or found.after else ""
        about = "; ".join(text for text in (moved, found.note) if text)
        parts.append(_item(f"{middle(found.subject, 60)}, {found.measure}: {about} ({found.evidence_id})"))
    return parts


def _changes(page: Outline, width: int) -> list[RenderableType]:
    if not page.changes or page.windows is None:
        return []
    table = _table(("Time", "left"), ("", "left"), ("What", "left"))
    for change in page.nearest_changes(_MOST_ROWS):
        what = " ".join(word for word in (middle(change.entity, 40), change.kind, middle(change.id, 40)) if word)
        mark = " (suspect)" if page.is_suspect(change) else ""
        table.add_row(
            Text(page.calendar.moment(change.at)),
            Text(offset(change.at, page.windows.start), style="dim"),
            Text.assemble(
                what, (mark, "bold red"), (f"  {middle(change.summary, 120)}" if width >= _WIDE else "", "dim")
            ),
        )
    return [table]


def _statements(statements: Sequence[Statement]) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for statement in statements:
        mark, tone = ("✓", "green") if statement.is_supported else ("✗", "red")
        parts.append(
            _hanging(
                Text(mark, style=tone),
                Text.assemble(
                    ""
                    if statement.is_supported
                    else (f"unsupported ({statement.problem or 'no reason given'}): ", "red"),
                    statement.text,
                    (f"  {statement.author}", "dim"),
                    (f"  {' '.join(statement.evidence)}", "cyan"),
                ),
            )
        )
    return parts


def _actions(page: Outline) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for proposal in page.proposals:
        parts.append(Text.assemble((proposal.tool, "bold"), f"  {proposal.outcome}"))
        facts = [*proposal.arguments, Fact("decision", proposal.decision)]
        if proposal.roles:
            facts.append(Fact("who may approve", ", ".join(proposal.roles)))
        if proposal.approval_id:
            facts.append(Fact("approval", proposal.approval_id))
        parts.append(Padding(_pairs(facts), (0, 0, 0, 2)))
        for step in proposal.steps:
            parts.append(_step(step.text, step.command))
    return parts or [_plain(NO_ACTIONS, "dim")]


def _gaps(page: Outline) -> list[RenderableType]:
    return [_item(gap) for gap in page.gaps] or [_plain(NO_GAPS, "dim")]


def _runbooks(page: Outline) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for runbook in page.runbooks[:5]:
        title = " › ".join(text for text in (runbook.title, runbook.section) if text)
        parts.append(_hanging(Text("-"), Text.assemble(middle(title, 120), (f"  {runbook.evidence_id}", "cyan"))))
        if runbook.snippet:
            parts.append(Padding(Text(runbook.snippet[:300], style="dim"), (0, 0, 0, 2)))
    return parts


def _evidence(page: Outline, width: int) -> list[RenderableType]:
    if not page.sources:
        return [_plain(NO_EVIDENCE, "dim")]
    if width < _WIDE:
        return [
            _hanging(
                Text(source.id, style="cyan"),
                Text(f"{source.tool}: {source.status_text}, ledger {source.ledger}  {source.message}".rstrip()),
                width=5,
            )
            for source in page.sources
        ]
    table = _table(("", "left"), ("Tool", "left"), ("Status", "left"), ("Ledger", "right"), ("Result", "left"))
    for source in page.sources:
        tone = "red" if source.status in ("error", "denied") else "yellow" if source.status != "ok" else ""
        table.add_row(
            Text(source.id, style="cyan"),
            Text(middle(source.tool, 32)),
            Text(source.status_text, style=tone),
            Text(source.ledger),
            Text(shown(source.message or source.digest, 110), style="dim"),
        )
    return [table]


def _foot(page: Outline) -> list[RenderableType]:
    costs = [fact for fact in page.costs if fact.label != "Evidence"]
    return [_pairs([Fact("Run", page.run_id), *costs]), *(_step(step.text, step.command) for step in page.checks)]


def _pairs(facts: Sequence[Fact]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", max_width=24)
    grid.add_column(overflow="fold")
    for fact in facts:
        grid.add_row(Text(fact.label), Text(fact.text))
    return grid


def _table(*heads: tuple[str, str]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for name, justify in heads:
        table.add_column(Text(name), justify="right" if justify == "right" else "left", overflow="fold")
    return table


def _hanging(mark: Text, body: Text, width: int = 2) -> Table:
    """A mark, and text whose further lines stay clear of it."""
    grid = Table.grid()
    grid.add_column(width=width)
    grid.add_column(overflow="fold")
    grid.add_row(mark, body)
    return grid


def _item(text: str, style: str = "") -> Table:
    return _hanging(Text("-", style="dim"), Text(text, style=style))


def _step(text: str, command: str) -> Text:
    return Text.assemble(f"{text} ", (command, "bold"), overflow="fold")


def _plain(text: str, style: str = "") -> Text:
    return Text(text, style=style)


def _bar(score: float, best: float, width: int) -> str:
    share = min(max(score / best, 0.0), 1.0) if best > 0 else 0.0
    return "█" * round(share * width) + "░" * (width - round(share * width))
