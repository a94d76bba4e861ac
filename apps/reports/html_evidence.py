"""What the findings rest on: runbooks, the evidence itself, what it cost and how to check it."""

from __future__ import annotations

from .cleaning import EMPTY, middle
from .html_parts import citations, command, name, row, section, table
from .markup import Markup, element, fragment
from .outline import NO_EVIDENCE, Outline, Source

_HEADS = (("Id", "id"), ("Tool", "tool"), ("Status", ""), ("Covers", "scope"), ("Ledger", "seq"), ("Result", "result"))


def runbooks_section(page: Outline) -> Markup | None:
    """The runbooks that fit, if any were found."""
    if not page.runbooks:
        return None
    items = []
    for runbook in page.runbooks[:6]:
        title = " › ".join(text for text in (runbook.title, runbook.section) if text)
        items.append(
            element(
                "li",
                element("strong", middle(title, 160)),
                " ",
                citations((runbook.evidence_id,), page.anchors),
                element("p", runbook.snippet[:600], class_="snippet") if runbook.snippet else None,
            )
        )
    return section("runbooks", "Runbooks that fit", element("ul", *items, class_="plain"))


def evidence_section(page: Outline) -> Markup:
    """Every tool call whose result counts, with its ledger entry and, folded away, its summary."""
    if not page.sources:
        return section("evidence", "Evidence", element("p", NO_EVIDENCE, class_="empty"))
    rows = [_row(source) for source in page.sources]
    caption = "The summaries are redacted and cut to size; Ledger is the number of the entry."
    return section("evidence", "Evidence", table(caption, _HEADS, rows, "evidence-table"))


def _row(source: Source) -> Markup:
    result = [element("p", source.message, class_="message") if source.message else None]
    if source.digest != EMPTY or source.document not in ("null", '""'):
        result.append(
            element(
                "details",
                element("summary", source.digest if source.digest != EMPTY else "summary"),
                element("pre", source.document, tabindex="0"),
            )
        )
    cells = (
        element("strong", source.id),
        name(source.tool),
        element("span", source.status_text, class_=f"status {source.status.replace('_', '-')}"),
        source.scope,
        source.ledger,
        fragment(result),
    )
    return row(_HEADS, cells, id=source.id if source.is_anchor else None)


def checks_section(page: Outline) -> Markup:
    """What the run cost, its id, and how to verify the report."""
    costs = [element("div", element("dt", fact.label), element("dd", fact.text)) for fact in page.costs]
    steps = [element("li", step.text, " ", command(step.command)) for step in page.checks]
    return section(
        "checks",
        "Cost, and how to check this report",
        element("dl", element("div", element("dt", "Run"), element("dd", page.run_id)), *costs, class_="facts"),
        element("ul", *steps, class_="steps"),
    )
