"""A report as Markdown in which nothing from outside is a link, an image, a mention or HTML.

Names stand in code spans, exactly as in the data. In sentences, punctuation is escaped, and words that some renderer
would turn into something (addresses, mentions, references, emoji, HTML) stand in code spans too: inside them every
renderer leaves text alone, which backslashes alone do not achieve for `@name` or `www.`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .cleaning import EMPTY, middle, shown
from .domain import Finding
from .levels import before_after_text
from .moments import offset
from .outline import NO_ACTIONS, NO_CLAIMS, NO_EVIDENCE, NO_GAPS, Outline, Statement
from .proposals import Proposal
from .sparks import sparkline

_SPECIAL = re.compile(r"([\\*_{}\[\]|~$^!])")
_AT_START = re.compile(r"^(\d*)([.)](?= |$)|(?<!\d)[-+#=:>])")
_RISKY = re.compile(
    r"""://|@|www\.|[<>&]|\bmailto:|\bxmpp:
    |:[\w+-]+:                     # emoji: a green tick of somebody else's
    |\#\d|\bGH-\d|\b[0-9a-f]{7,40}\b   # references to issues and commits
    |[\w-]\.[^\W\d_]{2,}           # what may be a host name
    |!\[|\]\(|\]:""",
    re.VERBOSE | re.IGNORECASE,
)
_BACKTICKS = re.compile(r"`([^`]{1,256})`")
_MOST_ROWS = 12


def render_markdown(page: Outline) -> str:
    """The report as GitHub-flavoured Markdown, ending in a line break."""
    parts = [
        f"# {prose(page.title)}",
        f"**{page.verdict_text}.** {prose(page.summary)}",
        _bullets(f"**{line.label}**: {prose(line.text)} ({_cites(line.evidence)})" for line in page.first_minute),
        f"**{prose(page.model)}**" if not page.used_model else prose(page.model),
        f"**{page.synthetic}**" if page.synthetic else "",
        "\n".join(f"- {fact.label}: {prose(fact.text)}" for fact in page.facts),
        *_suspects(page),
        *_moved(page),
        *_domain(page),
        *_changes(page),
        *_opinions(page),
        *_claims(page),
        *_actions(page),
        "## Not looked at",
        _bullets(prose(gap) for gap in page.gaps) or NO_GAPS,
        *_runbooks(page),
        *_evidence(page),
        "## Cost, and how to check this report",
        "\n".join(
            [
                f"- Run: {code(page.run_id)}",
                *(f"- {fact.label}: {prose(fact.text)}" for fact in page.costs),
                *(f"- {step.text} {code(step.command)}" for step in page.checks),
            ]
        ),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def prose(text: str) -> str:
    """A line of text that renders as itself and as nothing else; what stands in backticks is a code span."""
    line = ""
    for place, part in enumerate(_BACKTICKS.split(text)):
        piece = code(part) if place % 2 else " ".join(map(_word, part.split(" ")))
        # Two fences that touch would become one longer fence.
        line += f" {piece}" if line.endswith("`") and piece.startswith("`") else piece
    return _AT_START.sub(r"\1\\\2", line)


def _word(word: str) -> str:
    if not _RISKY.search(word):
        # A backtick becomes an entity: renderers disagree on escaped ones beside a code span.
        return _SPECIAL.sub(r"\\\1", word).replace("`", "&#96;")
    core = word.rstrip(".,;:)").lstrip("(") or word
    before, after = word.split(core, 1) if core != word else ("", "")
    return f"{before}{code(core)}{after}"


def code(text: str) -> str:
    """A code span that its text cannot close."""
    if not text:
        return ""
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    room = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{room}{text}{room}{fence}"


def cell(text: str, limit: int = 60) -> str:
    """A code span for a table; a bar would end the cell even there, so it is broken in two."""
    return code(middle(text, limit).replace("|", "¦")) if text != EMPTY else EMPTY


def _suspects(page: Outline) -> Iterable[str]:
    yield "## Suspects"
    if not page.suspects:
        yield page.no_suspects
        return
    rows = [
        (
            str(suspect.place),
            cell(suspect.entity),
            cell(suspect.indicator),
            cell(suspect.change),
            suspect.score_text,
            _cites(suspect.evidence),
        )
        for suspect in page.suspects[:_MOST_ROWS]
    ]
    yield _table(("#", "Suspect", "Indicator", "Change", "Score", "Evidence"), rows, right=(0, 4))
    if len(page.suspects) > _MOST_ROWS:
        yield f"{len(page.suspects) - _MOST_ROWS} more in the JSON report."
    reasons = [
        f"{code(suspect.entity)}: {'; '.join(prose(reason) for reason in page.unclaimed_reasons(suspect))}"
        for suspect in page.suspects[:3]
        if page.unclaimed_reasons(suspect)
    ]
    yield _bullets(reasons)


def _moved(page: Outline) -> Iterable[str]:
    if not page.readings:
        return
    yield "## How they moved"
    yield _bullets(
        f"{code(sparkline(reading, reading.lines[0], page.windows, 49))} {code(reading.metric)} of "
        f"{code(reading.entity)}: {prose(before_after_text(reading, page.windows))} ({prose(reading.evidence_id)})"
        for reading in page.readings[:6]
    )


def _domain(page: Outline) -> Iterable[str]:
    if not page.findings:
        return
    yield "## Payments, models and features"
    yield _bullets(
        f"{code(found.subject)}, {found.measure}: {_before_after(found)} ({prose(found.evidence_id)})"
        for found in page.findings
    )


def _before_after(found: Finding) -> str:
    sides = (found.before or EMPTY, found.after or EMPTY)
    moved = f"{prose(sides[0])} before, {prose(sides[1])} in the window" if found.before or found.after else ""
    return "; ".join(text for text in (moved, prose(found.note)) if text)


def _changes(page: Outline) -> Iterable[str]:
    if not page.changes or page.windows is None:
        return
    yield "## What was changed"
    rows = [
        (
            page.calendar.moment(change.at),
            offset(change.at, page.windows.start),
            cell(change.entity or EMPTY),
            cell(change.kind or EMPTY),
            cell(change.id or EMPTY) + (" **suspect**" if page.is_suspect(change) else ""),
            prose(middle(change.summary, 160)).replace("|", "¦") or EMPTY,
        )
        for change in page.nearest_changes(_MOST_ROWS)
    ]
    yield _table(("Time (UTC)", "From the start", "Entity", "Kind", "Change", "Summary"), rows)


def _opinions(page: Outline) -> Iterable[str]:
    if page.opinions:
        yield "## What the model holds"
        yield _statements(page.opinions)


def _claims(page: Outline) -> Iterable[str]:
    yield "## Claims"
    yield _statements(page.statements) or NO_CLAIMS


def _statements(statements: Sequence[Statement]) -> str:
    return _bullets(
        f"**{statement.mark}**{f' ({prose(statement.problem)})' if statement.problem else ''}, {statement.author}: "
        f"{prose(statement.text)} ({_cites(statement.evidence)})"
        for statement in statements
    )


def _actions(page: Outline) -> Iterable[str]:
    yield "## Actions"
    if not page.proposals:
        yield NO_ACTIONS
    for proposal in page.proposals:
        yield f"**{proposal.outcome}**: {code(proposal.tool)}".replace("**waits", "**Waits")
        yield _action(proposal)


def _action(proposal: Proposal) -> str:
    lines = [f"{code(fact.label)} = {code(fact.text)}" for fact in proposal.arguments]
    lines.append(f"Decision: {code(proposal.decision)}")
    if proposal.roles:
        lines.append(f"Who may approve: {', '.join(code(role) for role in proposal.roles)}")
    if proposal.approval_id:
        lines.append(f"Approval: {code(proposal.approval_id)}")
    lines += [f"{prose(step.text)} {code(step.command)}" for step in proposal.steps]
    return _bullets(lines)


def _runbooks(page: Outline) -> Iterable[str]:
    if not page.runbooks:
        return
    yield "## Runbooks that fit"
    yield _bullets(
        f"{code(' › '.join(text for text in (runbook.title, runbook.section) if text))} "
        f"({prose(runbook.evidence_id)}){': ' if runbook.snippet else ''}{prose(runbook.snippet[:400])}"
        for runbook in page.runbooks[:6]
    )


def _evidence(page: Outline) -> Iterable[str]:
    yield "## Evidence"
    if not page.sources:
        yield NO_EVIDENCE
        return
    rows = [
        (
            prose(source.id),
            cell(source.tool),
            source.status_text,
            prose(middle(source.scope, 120)).replace("|", "¦"),
            source.ledger,
            prose(shown(source.message or source.digest, 160)).replace("|", "¦"),
        )
        for source in page.sources
    ]
    yield _table(("Id", "Tool", "Status", "Covers", "Ledger", "Result"), rows, right=(4,))


def _cites(ids: Sequence[str]) -> str:
    return ", ".join(prose(known) for known in ids) or EMPTY


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    rules = ["---:" if place in right else "---" for place in range(len(heads))]
    return "\n".join(f"| {' | '.join(row)} |" for row in (heads, rules, *rows))
