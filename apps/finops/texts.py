"""The weekly report and answers as Markdown and for the terminal, and recommendations as rows for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...agents.finops.types import CostAnswer, FinopsReport
from ...agents.triage.types import Claim
from ...tools.recommendations.types import Recommendation
from ..reports.cleaning import clean, shown
from .wording import KINDS, REASONS, backtest_name, backtest_word, change, interval, money, name, risk

if TYPE_CHECKING:
    from rich.console import Console

_MOST_LINES = 15
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = (
    "id", "state", "kind", "subject", "resource", "team", "owner", "environment", "criticality", "change", "currency",
    "period", "effective", "effective_low", "effective_high", "listed", "bill", "freed", "risk", "risk_low",
    "risk_high", "risk_weeks", "risk_of", "below_seen_peak", "coverage", "effort_hours", "reversal", "why",
)  # fmt: skip


def render_markdown(report: FinopsReport) -> str:
    """The report as Markdown; texts of outsiders stand in code spans or escaped."""
    plan, fleet = report.plan, report.fleet
    lines = [
        f"# What to save: {_md(fleet.title)}",
        "",
        f"{_md(fleet.environment)}, history {fleet.start} to {fleet.end}. All amounts in {plan.currency}, per month of "
        "730 hours, at effective cost unless they say otherwise.",
        "",
        f"**{money(plan.saving.effective)}** ({interval(plan.saving.effective)}) can be saved by {plan.offered_count} "
        f"changes: {money(plan.saving.bill)} on invoices, {money(plan.saving.freed)} of freed capacity; "
        f"{money(plan.saving.listed)} at list price.",
        "",
        "## This week in short",
        "",
        *(_md_claim(claim) for claim in report.claims),
        "",
        "## Recommendations",
        "",
        "| saves a month | what | change | team | risk next week | id |",
        "|---:|---|---|---|---|---|",
        *(_md_row(each) for each in plan.offered),
        "",
    ]
    if plan.left_out:
        lines += [f"{plan.left_out} smaller ones: `opswarden finops recommendations list`", ""]
    lines += [
        "## Backtest",
        "",
        "| kind | saved | went wrong | 90 % interval | allowed | weeks | |",
        "|---|---:|---:|---|---:|---:|---|",
    ]
    lines += [
        f"| {backtest_name(each)} | {each.saved:.1%} | {each.violated:.2%} | {each.low:.2%} to {each.high:.2%} | "
        f"{each.most:.1%} | {each.weeks:,} | {backtest_word(each)} |"
        for each in report.backtests
    ]
    lines += ["", "## Looked at, and left alone", ""]
    lines += [f"- {each.count} × {KINDS[each.kind].lower()}: {REASONS[each.reason]}" for each in plan.held]
    if report.gaps:
        lines += ["", "## What was not looked at", "", *(f"- {_md(gap)}" for gap in report.gaps)]
    return "\n".join(lines) + "\n"


def print_report(report: FinopsReport, console: Console) -> None:
    """The report in short, for a terminal."""
    from rich.table import Table  # noqa: PLC0415 - only a terminal needs it
    from rich.text import Text  # noqa: PLC0415 - the same

    plan, fleet = report.plan, report.fleet
    console.print(Text(f"{name(fleet.title, 100)} · {fleet.environment} · {fleet.start} to {fleet.end}", style="bold"))
    for claim in report.claims:
        console.print(Text(_said(claim)))
    if plan.offered:
        table = Table(box=None, pad_edge=False, header_style="bold", expand=False)
        for head in ("saves a month", "what", "change", "team", "risk", "id"):
            table.add_column(head, justify="right" if head in ("saves a month", "risk") else "left")
        for each in plan.offered[:_MOST_LINES]:
            cells = (
                money(each.saving.effective).removesuffix(" a month"), name(each.subject, 34), change(each),
                name(each.team, 16), "–" if each.risk.probability is None else f"{each.risk.probability:.1%}", each.id,
            )  # fmt: skip
            table.add_row(*(Text(cell) for cell in cells))
        console.print()
        console.print(table)
        rest = plan.offered_count - min(len(plan.offered), _MOST_LINES)
        if rest:
            console.print(Text(f"{rest} more: opswarden finops recommendations list"))
    console.print()
    for tested in report.backtests:
        word = backtest_word(tested)
        wrong = f"{tested.violated:.2%} [{tested.low:.1%}, {tested.high:.1%}] of {tested.weeks:,} weeks went wrong"
        measured = f"{wrong}, {tested.most:.1%} allowed, {tested.saved:.0%} saved"
        console.print(
            Text(f"backtest  {backtest_name(tested)}: {measured if tested.weeks else 'not measured'} ({word})")
        )
    reasons: dict[str, int] = {}
    for one in plan.held:
        reasons[REASONS[one.reason]] = reasons.get(REASONS[one.reason], 0) + one.count
    if reasons:
        told = ", ".join(f"{count} {text}" for text, count in sorted(reasons.items(), key=lambda each: -each[1]))
        console.print(Text(f"left alone: {told}"))
    for gap in report.gaps:
        console.print(Text(f"not looked at: {shown(gap, 300)}"))
    if report.model.note:
        console.print(Text(shown(report.model.note)))


def print_answer(answer: CostAnswer, console: Console) -> None:
    """An answer for a terminal: a model's sentences, then what code says."""
    from rich.text import Text  # noqa: PLC0415 - only a terminal needs it

    for claim in (*answer.claims, *answer.known):
        console.print(Text(_said(claim)))
    for text in answer.unknown:
        console.print(Text(shown(text)))
    for gap in answer.gaps:
        console.print(Text(f"not looked at: {shown(gap, 300)}"))


def answer_markdown(answer: CostAnswer) -> str:
    """An answer as Markdown."""
    lines = [
        *(_md_claim(claim) for claim in (*answer.claims, *answer.known)),
        *(f"- {_md(one)}" for one in answer.unknown),
    ]
    return "\n".join([*lines, *(f"- not looked at: {_md(gap)}" for gap in answer.gaps)]) + "\n"


def rows_csv(rows: Sequence[tuple[Recommendation, str]]) -> str:
    """Recommendations with their states as CSV, with a head; no cell can begin a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for each, state in rows:
        writer.writerow([_cell(value) for value in _values(each, state)])
    return out.getvalue()


def _values(each: Recommendation, state: str) -> tuple[str | float | bool | None, ...]:
    saving, found = each.saving, each.risk
    return (
        each.id, state, each.kind, each.subject, each.resource, each.team, each.owner, each.environment,
        each.criticality, change(each), saving.effective.currency, saving.effective.period, saving.effective.expected,
        saving.effective.low, saving.effective.high, saving.listed.expected, saving.bill.expected,
        saving.freed.expected, found.probability, found.low, found.high, found.weeks, found.of, each.below_seen_peak,
        each.coverage, each.effort_hours, each.reversal, each.why,
    )  # fmt: skip


def _cell(value: str | float | bool | None) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return str(value)
    text = clean(value)
    # A spreadsheet would run what begins like a formula.
    return f"'{text}" if text.startswith(_FORMULA) else text


def _said(claim: Claim) -> str:
    mark = "" if claim.status == "supported" else f" [unsupported: {claim.problem}]"
    return f"{shown(claim.text)}{mark} {' '.join(claim.evidence)}"


def _md(text: str) -> str:
    plain = shown(text)
    for sign in "\\`*_{}[]()#+!|<>~":
        plain = plain.replace(sign, f"\\{sign}")
    return plain


def _md_claim(claim: Claim) -> str:
    mark = "" if claim.status == "supported" else f" (unsupported: {claim.problem})"
    return f"- {_md(claim.text)}{mark} ({', '.join(claim.evidence) or 'no evidence'})"


def _md_row(each: Recommendation) -> str:
    what = f"{KINDS[each.kind]}: {change(each)}"
    cells = (money(each.saving.effective), name(each.subject), what, name(each.team), risk(each), each.id)
    return f"| {' | '.join(_md(cell) for cell in cells)} |"
