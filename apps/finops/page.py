"""The weekly report as one HTML file: no script, no request, nothing that a text in it could add."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files

from ...agents.finops.types import FinopsReport
from ...agents.triage.types import Claim
from ...tools.recommendations.amounts import said
from ...tools.recommendations.types import Estimate
from ..reports.cleaning import shown
from ..reports.digest import document
from ..reports.html import report_style
from ..reports.html_parts import citations, row, section, table
from ..reports.markup import Markup, element, fragment
from .charts import Bar, bars
from .page_costs import costs_section, own_cost_section, tie_section, units_section
from .page_recommendations import (
    backtests_section,
    changes_section,
    held_section,
    realised_section,
    recommendations_section,
    teams_section,
)
from .wording import KINDS, interval, money, name

_NOT_OPEN = "default-src 'none'; base-uri 'none'; form-action 'none'"
_MOST_BARS = 12


def render_page(report: FinopsReport) -> str:
    """The whole file, UTF-8, ending in a line break."""
    style = report_style() + files("opswarden.apps.reports").joinpath("templates", "finops.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    title = f"What to save: {name(report.fleet.title)}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=f"{_NOT_OPEN}; style-src 'sha256-{digest}'"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("meta", name="robots", content="noindex, nofollow"),
        element("meta", name="format-detection", content="telephone=no, date=no, address=no, email=no, url=no"),
        element("title", title),
        element("style", Markup(style)),
    )
    return f"<!DOCTYPE html>\n{element('html', head, element('body', _body(report)), lang='en')}\n"


def _body(report: FinopsReport) -> Markup:
    anchors = frozenset(item.id for item in report.evidence)
    return element(
        "div",
        _header(report),
        element(
            "main",
            _short_section(report, anchors),
            changes_section(report),
            recommendations_section(report),
            teams_section(report),
            realised_section(report),
            costs_section(report),
            units_section(report),
            backtests_section(report),
            held_section(report),
            tie_section(report),
            _gaps_section(report),
            own_cost_section(report),
            _evidence_section(report),
        ),
        class_="page finops",
    )


def _header(report: FinopsReport) -> Markup:
    plan, fleet = report.plan, report.fleet

    def amount(estimate: Estimate) -> str:
        return said(estimate.expected, estimate.currency)

    figures = [
        ("Can be saved", amount(plan.saving.effective), f"a month; {interval(plan.saving.effective)}", "main"),
        ("Smaller invoices", amount(plan.saving.bill), f"a month; {interval(plan.saving.bill)}", "bill"),
        ("Freed capacity", amount(plan.saving.freed), "a month, still paid until nodes or commitments go", "freed"),
        (
            "Work for it",
            f"{plan.effort_hours:,.1f} h" if plan.effort is None else amount(plan.effort),
            f"{plan.offered_count} changes; at list price {money(plan.saving.listed)}",
            "work",
        ),
    ]
    if report.realised is not None:
        realised = report.realised
        projected = said(realised.projected.expected, realised.currency)
        text = f"a month, of {projected} projected; {interval(realised.realised)}"
        figures.insert(3, ("Really saved so far", amount(realised.realised), text, "realised"))
    note = "Synthetic: this fleet was invented." if fleet.synthetic else None
    return element(
        "header",
        element("p", f"Weekly savings · {fleet.environment} · history {fleet.start} to {fleet.end}", class_="eyebrow"),
        element("h1", shown(fleet.title, 200)),
        element(
            "div",
            *(
                element(
                    "div",
                    element("p", label, class_="figure-label"),
                    element("p", value, class_="figure-value"),
                    element("p", text, class_="figure-note"),
                    class_=f"figure-box {kind}",
                )
                for label, value, text, kind in figures
            ),
            class_="figure-row",
        ),
        element("p", note, class_="synthetic", role="note") if note else None,
    )


def _short_section(report: FinopsReport, anchors: frozenset[str]) -> Markup:
    plan = report.plan
    top = [
        Bar(
            f"{name(each.subject, 30)}: {KINDS[each.kind].lower()}",
            each.saving.effective.expected,
            each.saving.effective.low,
            each.saving.effective.high,
        )
        for each in plan.offered[:_MOST_BARS]
    ]
    chart = (
        element(
            "figure",
            element("figcaption", element("span", "The largest, per month at effective cost", class_="what")),
            bars(top, plan.currency, "The largest recommendations by what they save in a month"),
        )
        if top
        else None
    )
    groups = [note for note in report.notes if note.kind == "group"]
    return section(
        "short",
        "This week in short",
        element("p", shown(report.model.note), class_="lead") if report.model.note else None,
        element("ul", *(_claim(claim, anchors) for claim in report.claims), class_="claim-list finops-claims"),
        element(
            "ul",
            *(
                element("li", element("strong", shown(note.title, 120)), ": ", _said(note.claim, anchors))
                for note in groups
            ),
            class_="plain",
        )
        if groups
        else None,
        chart,
    )


def _claim(claim: Claim, anchors: frozenset[str]) -> Markup:
    return element("li", _said(claim, anchors), class_=claim.status)


def _said(claim: Claim, anchors: frozenset[str]) -> Markup:
    problem = element("span", f" ({claim.problem})", class_="problem") if claim.problem else None
    by = element("span", " model", class_="author") if claim.author == "model" else None
    return fragment(
        [element("span", shown(claim.text), class_="text"), problem, by, " ", citations(claim.evidence, anchors)]
    )


def _gaps_section(report: FinopsReport) -> Markup | None:
    if not report.gaps:
        return None
    return section(
        "gaps",
        "What was not looked at",
        element("ul", *(element("li", shown(gap)) for gap in report.gaps), class_="plain"),
    )


def _evidence_section(report: FinopsReport) -> Markup:
    heads = (("", "id"), ("Question", "tool"), ("Status", "status"), ("Record", "seq"), ("Answer", "result"))
    rows = [
        row(
            heads,
            (
                item.id,
                element("code", item.tool),
                element("span", item.status, class_=f"status {item.status.replace('_', '-')}"),
                str(item.seq) if item.seq >= 0 else "–",
                element("details", element("summary", "show"), element("pre", document(item.summary)))
                if item.summary is not None
                else element("span", shown(item.message), class_="message"),
            ),
            id=item.id,
        )
        for item in report.evidence
    ]
    return section(
        "evidence", "Evidence", table("Every number above stands in one of these.", heads, rows, "evidence-table")
    )
