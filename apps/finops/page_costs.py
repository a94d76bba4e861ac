"""The parts of the page about the bill: by team, why it moved, per unit of business, and how it ties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ...agents.finops.statements import PART_NAMES
from ...agents.finops.types import FinopsReport
from ...tools.recommendations.amounts import said
from ..reports.cleaning import shown
from ..reports.html_parts import name as named
from ..reports.html_parts import row, section, table
from ..reports.markup import Markup, element
from .charts import first_of, steps

_MOST = 15
_HARDLY = 0.005
"""Share of the bill below which a difference is none to speak of, as in the week in short."""


def costs_section(report: FinopsReport) -> Markup | None:
    """What it costs by team, and why that is another than in the weeks before."""
    described, moved = report.costs.get("costs.describe"), report.costs.get("costs.decompose")
    if not isinstance(described, Mapping):
        return None
    currency = str(described.get("currency", ""))
    heads = (("Team", "who"), ("Effective", "money"), ("Billed", "money"), ("List", "money"), ("Share", "count"))
    groups = [*_rows(described.get("groups")), *([described["rest"]] if described.get("rest") else [])]
    rows = [
        row(
            heads,
            (
                named(str(one.get("name") or "nobody's")),
                *(said(float(one.get(key) or 0), currency) for key in ("effective", "billed", "listed")),
                "–" if one.get("share") is None else f"{float(one['share']):.1%}",
            ),
        )
        for one in groups[:_MOST]
    ]
    total = (
        f"{said(float(described['effective']), currency)} effective, {said(float(described['billed']), currency)} "
        f"billed and {said(float(described['listed']), currency)} at list price in {described['days']} days."
    )
    return section(
        "costs",
        "What it costs",
        element("p", total, class_="lead"),
        table("", heads, rows, "costs-table"),
        _why(moved) if isinstance(moved, Mapping) else None,
    )


def _why(moved: Mapping[str, Any]) -> Markup:
    currency = str(moved.get("currency", ""))
    parts = [
        (PART_NAMES.get(str(one["part"]), str(one["part"])), float(one["amount"]))
        for one in sorted(_rows(moved.get("parts")), key=lambda one: -abs(float(one["amount"])))
        if float(one["amount"])
    ]
    before, after = float(moved["before"]), float(moved["after"])
    text = (
        f"Why it moved: {said(before, currency)} in the {moved['before_days']} days before, {said(after, currency)} now"
    )
    if abs(after - before) < _HARDLY * abs(before) and all(abs(value) < _HARDLY * abs(before) for _, value in parts):
        # Enlarged until they can be seen, such small bars would look like a change.
        said_of = ", ".join(f"{word} {value:+,.2f}" for word, value in parts)
        return element("p", f"{text}: it hardly moved ({said_of} {currency}).", class_="sum")
    first = first_of(before, parts, after)
    note = element("span", f"bars begin at {said(first, currency)}", class_="sum") if first > 0 else None
    return element(
        "figure",
        element("figcaption", element("span", text, class_="what"), note),
        steps(before, parts, after, currency, "From the bill before to the bill now, by reasons"),
    )


def units_section(report: FinopsReport) -> Markup | None:
    """What 1,000 scored payments and an approved one cost."""
    asked = [report.costs.get(name) for name in ("costs.unit", "costs.unit.model")]
    answers = [each for each in asked if isinstance(each, Mapping) and each.get("units")]
    if not answers:
        return None
    found = answers[0]
    currency = str(found.get("currency", ""))
    heads = (("Of", "who"), ("Model", "who"), ("Costs", "money"), ("Trend a week", "count"), ("Counted", "count"))
    rows = []
    for one in [unit for answer in answers for unit in _rows(answer["units"])[:_MOST]]:
        trend = one.get("weekly_trend")
        unit = one.get("unit_cost")
        rows.append(
            row(
                heads,
                (
                    _per(one),
                    named(str(one.get("model") or "all")),
                    "–" if unit is None else f"{float(unit):,.4g} {currency}",
                    "–" if trend is None else f"{float(trend):+.1%}",
                    f"{float(one['count']):,.0f}",
                ),
            )
        )
    return section("units", "Per unit of business", table(f"{found.get('basis', '')} cost", heads, rows, "units-table"))


def tie_section(report: FinopsReport) -> Markup | None:
    """How the amounts tie to the invoices, with what is left over."""
    described = report.costs.get("costs.describe")
    if not isinstance(described, Mapping):
        return None
    heads = (
        ("Invoice", "who"), ("Month", "count"), ("Invoiced", "money"), ("Our lines", "money"), ("Residual", "money"),
        ("", "state-cell"),
    )  # fmt: skip
    rows = [
        row(
            heads,
            (
                named(str(one.get("issuer") or "not named")),
                shown(str(one.get("period", ""))[:7], 10),
                said(float(one["invoice"]), str(one["currency"])) + ("" if one.get("is_given") else " (its own lines)"),
                said(float(one["billed"]), str(one["currency"])),
                f"{float(one['residual']):,.2f} {one['currency']}",
                element("span", "ties", class_="mark")
                if one.get("ties")
                else element("span", "does not tie", class_="chip"),
            ),
        )
        for one in _rows(described.get("invoices"))
    ]
    notes = [
        f"1 {one['base']} = {float(one['value']):,.6g} {one['quote']} on {one['day']}"
        for one in _rows(described.get("rates"))
    ]
    notes += [
        f"{said(float(one['billed']), str(one['currency']))} in {one['lines']} lines is in no sum: no exchange rate"
        for one in _rows(described.get("not_exchanged"))
    ]
    notes += [f"{one['file']}: {one['what']} ({one['rows']} rows)" for one in _rows(described.get("problems"))]
    return section(
        "tie",
        "How it ties to the invoices",
        table("", heads, rows, "tie-table"),
        element("ul", *(element("li", shown(note, 300)) for note in notes), class_="plain") if notes else None,
    )


def own_cost_section(report: FinopsReport) -> Markup:
    """What this toolkit itself costs."""
    described = report.costs.get("costs.describe")
    own = described.get("own_usd") if isinstance(described, Mapping) else None
    cost, model = report.cost, report.model
    lines = [
        f"This run took {cost.wall_s:.0f} s and {cost.usd:.4f} USD for {cost.model_calls} requests to models."
        if model.used
        else f"This run took {cost.wall_s:.0f} s and no request to a model."
    ]
    if own is not None:
        lines.append(f"All runs of this toolkit asked models for {float(own):,.2f} USD in the days of the report.")
    return section(
        "own", "What this toolkit costs", element("ul", *(element("li", line) for line in lines), class_="plain")
    )


def _per(one: Mapping[str, Any]) -> str:
    measure = shown(str(one["measure"]), 60).replace("_", " ")
    per = int(one["per"])
    return measure.removesuffix("s") if per == 1 else f"{per:,} {measure}"


def _rows(value: Any) -> Sequence[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list | tuple) else []
