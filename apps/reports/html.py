"""A report as one HTML file: no script, no request, nothing that a text in it could add."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from .html_evidence import checks_section, evidence_section, runbooks_section
from .html_findings import (
    actions_section,
    changes_section,
    charts_section,
    claims_section,
    domain_section,
    gaps_section,
    opinions_section,
    ranking_table,
    with_code,
)
from .html_parts import citations
from .markup import Markup, element, fragment
from .outline import Outline

_MARKS = {"cause_found": "◆", "inconclusive": "◇", "healthy": "✓"}
_NOT_OPEN = "default-src 'none'; base-uri 'none'; form-action 'none'"


def render_html(page: Outline) -> str:
    """The whole file, UTF-8, ending in a line break."""
    style = report_style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=f"{_NOT_OPEN}; style-src 'sha256-{digest}'"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="robots", content="noindex, nofollow"),
        # Phones would turn numbers, times and addresses into links.
        element("meta", name="format-detection", content="telephone=no, date=no, address=no, email=no, url=no"),
        element("title", f"{page.verdict_text}: {page.title}"),
        element("style", Markup(style)),
    )
    return f"<!DOCTYPE html>\n{element('html', head, element('body', report_body(page)), lang='en')}\n"


def report_style() -> str:
    """The style sheet of a report."""
    return files(__name__.rpartition(".")[0]).joinpath("templates", "report.css").read_text(encoding="utf-8")


def report_body(page: Outline) -> Markup:
    """What stands between the tags of `body`; its looks are in `templates/report.css`."""
    return element(
        "div",
        _header(page),
        element(
            "main",
            ranking_table(page),
            charts_section(page),
            domain_section(page),
            changes_section(page),
            opinions_section(page),
            claims_section(page),
            actions_section(page),
            gaps_section(page),
            runbooks_section(page),
            evidence_section(page),
            checks_section(page),
        ),
        class_="page",
    )


def _header(page: Outline) -> Markup:
    facts = [element("div", element("dt", fact.label), element("dd", fact.text)) for fact in page.facts]
    return element(
        "header",
        element("p", "Incident triage", class_="eyebrow"),
        element("h1", page.title),
        element(
            "section",
            element("p", element("span", _MARKS[page.verdict], aria_hidden="true"), page.verdict_text, class_="word"),
            element("p", page.summary, class_="summary"),
            element("p", page.model, class_="model"),
            class_=f"verdict {page.verdict.replace('_', '-')}",
            aria_label="Verdict",
        ),
        _first_minute(page),
        element("p", page.synthetic, class_="synthetic", role="note") if page.synthetic else None,
        element("dl", fragment(facts), class_="facts"),
    )


def _first_minute(page: Outline) -> Markup | None:
    """What is needed first; each line links to what it was read from."""
    if not page.first_minute:
        return None
    rows = [
        element(
            "div",
            element("dt", line.label),
            element("dd", element("span", with_code(line.text)), " ", citations(line.evidence, page.anchors)),
        )
        for line in page.first_minute
    ]
    return element("dl", fragment(rows), class_="first-minute", aria_label="In the first minute")
