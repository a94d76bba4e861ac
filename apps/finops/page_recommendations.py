"""The parts of the page about recommendations."""

from __future__ import annotations

from collections.abc import Sequence

from ...agents.finops.types import FinopsReport, Note
from ...tools.recommendations.amounts import said
from ...tools.recommendations.answers import RealisedOne
from ...tools.recommendations.backtests import KindBacktest
from ...tools.recommendations.patches import patches_of
from ...tools.recommendations.types import Recommendation
from ..reports.cleaning import shown
from ..reports.html_parts import command, row, section, table
from ..reports.html_parts import name as named
from ..reports.markup import Child, Markup, element, fragment
from .charts import calibration
from .wording import KINDS, REASONS, REVERSALS, backtest_name, backtest_word, change, interval, money, name, risk, size

_MOST_PATCHES = 6
_WHOLE_FROM = 1e6


def recommendations_section(report: FinopsReport) -> Markup:
    """Every recommendation as a line that opens to its evidence."""
    plan = report.plan
    if not plan.offered:
        return section("recommendations", "Recommendations", element("p", "Nothing is recommended.", class_="empty"))
    drafts = [note for note in report.notes if note.kind == "owner"]
    parts: list[Child] = [
        element(
            "p",
            f"Per month of 730 hours, in {plan.currency}, at effective cost. Open a line for the evidence, the risk "
            "and the patch.",
            class_="lead",
        ),
        element(
            "div",
            *(_one(each, report, drafts) for each in plan.offered),
            class_="offers",
        ),
    ]
    if plan.left_out:
        parts.append(
            element(
                "p", f"{plan.left_out} smaller ones: ", command("opswarden finops recommendations list"), class_="more"
            )
        )
    if plan.unproven:
        kinds = ", ".join(KINDS[kind].lower() for kind in plan.unproven)
        parts.append(element("p", f"Not proven by a backtest here: {kinds}.", class_="more"))
    return section("recommendations", "Recommendations", *parts)


def _one(each: Recommendation, report: FinopsReport, drafts: Sequence[Note]) -> Markup:
    state = report.plan.states.get(each.id, "open")
    chips = [element("span", state, class_="state")] if state != "open" else []
    if each.id in report.plan.new:
        chips.append(element("span", "new", class_="state new"))
    if each.below_seen_peak:
        chips.append(element("span", "below a peak already seen", class_="chip"))
    saving = each.saving
    facts: list[tuple[str, Child]] = [
        ("Why", shown(each.why, 400)),
        ("Risk", risk(each)),
        ("Saves", f"{money(saving.effective)} at effective cost ({interval(saving.effective)})"),
        ("", f"{money(saving.listed)} at list price; {money(saving.bill)} on invoices, {money(saving.freed)} freed"),
        ("Effort", f"{each.effort_hours:g} h; {REVERSALS[each.reversal]}"),
        (
            "History",
            f"{each.history_start:%Y-%m-%d} to {each.history_end:%Y-%m-%d}, {each.coverage:.0%} of it measured",
        ),
        ("Rests on", _basis(each)),
        ("Steps", fragment(element("div", f"{n}. {shown(step, 300)}") for n, step in enumerate(each.steps, 1)) or None),
        ("In the words of a model", _words(each, drafts)),
        ("Patch", _patches(each)),
        ("Say so", command(f"opswarden finops recommendations claim {each.id}")),
    ]
    return element(
        "details",
        element(
            "summary",
            element("span", said(saving.effective.expected, saving.effective.currency), class_="amount-cell"),
            element("span", named(each.subject), fragment([" ", *chips]), class_="who"),
            element("span", element("strong", KINDS[each.kind]), f": {change(each)}", class_="what-cell"),
            element("span", f"{name(each.team, 30)} · {name(each.owner or 'nobody', 40)}", class_="owner-cell"),
        ),
        element(
            "dl",
            *(element("div", element("dt", label), element("dd", text)) for label, text in facts if text),
            class_="offer-facts",
        ),
        class_="offer",
        id=f"r-{each.id}",
    )


def _basis(each: Recommendation) -> Markup | None:
    if not each.basis:
        return None
    rows = []
    for basis in each.basis:
        at = f" ({basis.seen:%Y-%m-%d %H:%M})" if basis.seen is not None else ""
        figure = f"{basis.value:,.0f}" if abs(basis.value) >= _WHOLE_FROM else f"{basis.value:,.6g}"
        value = size("memory", basis.value) if basis.unit == "bytes" else f"{figure} {basis.unit}"
        rows.append(element("div", f"{shown(basis.what, 120)}: {value}{at}"))
    return fragment(rows)


def _words(each: Recommendation, drafts: Sequence[Note]) -> Markup | None:
    found = [note for note in drafts if each.id in note.recommendations]
    return (
        fragment(
            element(
                "div",
                element("span", shown(note.claim.text), class_="text"),
                element("span", f" ({note.claim.problem})", class_="problem") if note.claim.problem else None,
                class_=note.claim.status,
            )
            for note in found
        )
        if found
        else None
    )


def _patches(each: Recommendation) -> Markup | None:
    found = patches_of(each)[:_MOST_PATCHES]
    if not found:
        return None
    return fragment(
        element(
            "details",
            element("summary", f"{patch.format}: {patch.path.rpartition('/')[2]}"),
            element("pre", patch.text),
        )
        for patch in found
    )


def teams_section(report: FinopsReport) -> Markup | None:
    """Who can save how much."""
    heads = (
        ("Team", "who"),
        ("Changes", "count"),
        ("Saves", "money"),
        ("90 % interval", "money"),
        ("Owners", "owners"),
    )
    rows = [
        row(
            heads,
            (
                named(each.team) if each.team else element("span", "nobody", class_="none"),
                str(each.count),
                money(each.saving),
                interval(each.saving),
                ", ".join(name(owner, 40) for owner in each.owners) or "–",
            ),
        )
        for each in report.plan.teams
    ]
    if not rows:
        return None
    kinds = ", ".join(
        f"{KINDS[one.kind].lower()}: {money(one.saving.effective)} ({one.count})" for one in report.plan.kinds
    )
    return section(
        "teams", "By team", element("p", f"By kind: {kinds}.", class_="lead"), table("", heads, rows, "teams-table")
    )


def changes_section(report: FinopsReport) -> Markup | None:
    """What is another than last week."""
    last = report.plan.since_last
    if last is None:
        return None
    now = report.plan.saving.effective
    pairs = (
        ("new", last.found),
        ("raised again, because they have changed", last.raised),
        ("withdrawn: the analysis no longer says so", last.withdrawn),
        ("applied", last.applied),
        ("dismissed", last.dismissed),
        ("verified", last.verified),
        ("regressed", last.regressed),
    )
    return section(
        "since",
        f"Since {last.at:%Y-%m-%d}",
        element(
            "p",
            f"Then {last.offered} recommendations were worth {money(last.saving)}; now {report.plan.offered_count} are "
            f"worth {money(now)}.",
        ),
        element("ul", *(element("li", f"{count} {text}") for text, count in pairs if count), class_="plain"),
    )


def realised_section(report: FinopsReport) -> Markup | None:
    """Projected against realised, with what broke."""
    found = report.realised
    if found is None:
        return None
    heads = (
        ("Change", "who"), ("Projected", "money"), ("Realised", "money"), ("After", "count"),
        ("Harm in the same days", "harm"), ("State", "state-cell"),
    )  # fmt: skip
    rows = [row(heads, _realised_row(item)) for item in found.items]
    lead = (
        f"Of the realised {money(found.realised)}, {money(found.bill)} is on invoices and {money(found.freed)} is "
        f"freed capacity. {found.not_measured} could not be measured."
    )
    return section(
        "realised",
        "What was applied, and what came of it",
        element("p", lead, class_="lead"),
        table("At effective cost, at the usage of the days since.", heads, rows, "realised-table"),
    )


def _realised_row(item: RealisedOne) -> tuple[Child, ...]:
    measured = item.measured
    realised = (
        "not known" if measured.realised is None else f"{money(measured.realised)} ({interval(measured.realised)})"
    )
    harm = "; ".join(f"{each.what}: {each.before:.2g} before, {each.after:.2g} since" for each in measured.worse)
    rollback = command(f"opswarden finops rollback {item.id}") if item.rollback else None
    return (
        fragment([named(item.subject), f": {KINDS[item.kind].lower()}"]),
        money(measured.projected),
        realised,
        f"{measured.days} days",
        fragment([harm or "none found", " ", rollback]),
        item.state if measured.move is None else measured.move,
    )


def backtests_section(report: FinopsReport) -> Markup:
    """How often each kind was right on this very fleet."""
    if not report.backtests:
        return section(
            "backtests", "Backtest", element("p", "No kind could be replayed on this fleet.", class_="empty")
        )
    heads = (
        ("Kind", "who"), ("Saved", "count"), ("Went wrong", "count"), ("90 % interval", "count"), ("Stated", "count"),
        ("Allowed", "count"), ("Subject-weeks", "count"), ("", "state-cell"),
    )  # fmt: skip
    rows = [row(heads, _backtest_row(each)) for each in report.backtests]
    plots = [
        element(
            "figure",
            element("figcaption", element("span", backtest_name(each), class_="what")),
            calibration(each.calibration, f"Stated and observed risk of {backtest_name(each)}"),
        )
        for each in report.backtests
        if each.calibration
    ]
    return section(
        "backtests",
        "Backtest: each kind replayed over the past weeks of this fleet",
        table(
            "A kind is withheld where even the low end of the interval is above what is allowed. It is unsure where "
            "the high end is: too few weeks were judged to say more.",
            heads,
            rows,
            "backtests-table",
        ),
        element("div", *plots, class_="figures small") if plots else None,
        _by_criticality(report),
    )


def _by_criticality(report: FinopsReport) -> Markup | None:
    """The replays that know it, by criticality."""
    heads = (
        ("Kind", "who"), ("Criticality", "kind-cell"), ("Saved", "count"), ("Went wrong", "count"),
        ("90 % interval", "count"), ("Stated", "count"), ("Subject-weeks", "count"),
    )  # fmt: skip
    rows = [
        row(
            heads,
            (
                backtest_name(each),
                shown(part.criticality.replace("_", " "), 40) or "not known",
                f"{part.saved:.1%}",
                f"{part.violated:.2%}",
                f"{part.low:.2%} to {part.high:.2%}",
                f"{part.stated:.2%}",
                f"{part.weeks:,}",
            ),
        )
        for each in report.backtests
        for part in each.criticalities
    ]
    if not rows:
        return None
    return table("The same by how critical workloads are.", heads, rows, "backtests-table")


def _backtest_row(each: KindBacktest) -> tuple[Child, ...]:
    mark = element("span", backtest_word(each), class_="mark" if each.is_passed else "chip")
    if not each.weeks:
        return (backtest_name(each), "–", "not measured", "–", "–", f"{each.most:.1%}", "0", mark)
    return (
        fragment([backtest_name(each), element("span", shown(each.rule, 160), class_="about") if each.rule else None]),
        f"{each.saved:.1%}",
        f"{each.violated:.2%}",
        f"{each.low:.2%} to {each.high:.2%}",
        "–" if each.stated is None else f"{each.stated:.2%}",
        f"{each.most:.1%}",
        f"{each.weeks:,}",
        mark,
    )


def held_section(report: FinopsReport) -> Markup | None:
    """What was looked at and is not recommended, and why."""
    plan = report.plan
    if not plan.held:
        return None
    counts = [element("li", f"{each.count} × {KINDS[each.kind].lower()}: {REASONS[each.reason]}") for each in plan.held]
    heads = (("Subject", "who"), ("Kind", "kind-cell"), ("Why not", "why"))
    rows = [
        row(
            heads,
            (
                named(each.subject),
                f"{KINDS[each.kind]}{f' ({each.resource})' if each.resource else ''}",
                fragment([element("strong", REASONS[each.reason]), f": {shown(each.detail, 240)}"]),
            ),
        )
        for each in plan.held_examples
    ]
    return section(
        "held",
        "Looked at, and left alone",
        element("ul", *counts, class_="plain two"),
        element("details", element("summary", f"{len(rows)} of them"), table("", heads, rows, "held-table"))
        if rows
        else None,
    )
