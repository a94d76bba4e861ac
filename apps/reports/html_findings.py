"""What was found: the ranking, its charts, the changes, the claims, the actions, the gaps."""

from __future__ import annotations

from .charts import Windows, before_and_during, lane, line_chart, score_bar
from .cleaning import EMPTY, middle
from .html_parts import citations, command, name, or_dash, row, section, table
from .markup import Markup, element, fragment
from .moments import day, offset
from .numbers import quantity
from .outline import Outline, Proposal, Statement
from .readings import Change, MetricReading

MOST_SUSPECTS = 12
MOST_CHARTS = 6
MOST_CHANGES = 14
_RANK_HEADS = (
    ("#", "place"),
    ("Suspect", "who"),
    ("Indicator", ""),
    ("Change", ""),
    ("Score", "score-cell"),
    ("Evidence", ""),
)
_CHANGE_HEADS = (("Time (UTC)", "time"), ("From the start", "time"), ("When", "lane-cell"), ("What", "what"))


def ranking_table(page: Outline) -> Markup:
    """The suspects, best first, with bars to compare their scores."""
    if not page.suspects:
        text = "Nothing was out of the ordinary." if page.verdict == "healthy" else "There is nothing to rank."
        return section("ranking", "Suspects", element("p", text, class_="empty"))
    best = max(suspect.score for suspect in page.suspects)
    rows = []
    for suspect in page.suspects[:MOST_SUSPECTS]:
        reasons = [element("li", reason) for reason in suspect.reasons]
        who = fragment([or_dash(suspect.entity), element("ul", *reasons, class_="reasons") if reasons else None])
        score = fragment([score_bar(suspect.score, best), element("span", suspect.score_text, class_="number")])
        cells = (
            str(suspect.place),
            who,
            or_dash(suspect.indicator),
            or_dash(suspect.change),
            score,
            citations(suspect.evidence, page.anchors),
        )
        rows.append(row(_RANK_HEADS, cells))
    caption = f"{_count(len(page.suspects), 'suspect')}, most likely first."
    if all(suspect.score_text.endswith("%") for suspect in page.suspects):
        caption += " A score is a share of the weight of all candidates."
    more = len(page.suspects) - len(rows)
    rest = element("p", f"{more} more in the JSON report.", class_="more") if more else None
    return section("ranking", "Suspects", table(caption, _RANK_HEADS, rows, "ranking-table"), rest)


def charts_section(page: Outline, windows: Windows | None) -> Markup | None:
    """The leading suspects' indicators over time."""
    if not page.readings:
        return None
    shown = page.readings[:MOST_CHARTS]
    days = dict.fromkeys(day(reading.start) for reading in shown)
    dates = f", starting {next(iter(days))}" if len(days) == 1 else ""
    figures = [_figure(page, reading, windows) for reading in shown]
    more = len(page.readings) - len(shown)
    rest = element("p", f"{more} more series were read; their numbers stand in the evidence.", class_="more")
    return section(
        "charts",
        "How they moved",
        element("p", f"Means of equal steps; times in UTC{dates}. ▾ marks a change of the same entity.", class_="lead"),
        element("div", *figures, class_="figures"),
        rest if more else None,
    )


def _figure(page: Outline, reading: MetricReading, windows: Windows | None) -> Markup:
    own = [change for change in page.changes if change.entity == reading.entity]
    summary = before_after_text(reading, windows)
    label = f"{reading.metric} of {reading.entity} over time. {summary}"
    notes = []
    if reading.lines_missing:
        notes.append(f"{_count(reading.lines_missing, 'more series')} not drawn.")
    cut = max(line.points_cut for line in reading.lines)
    if cut:
        notes.append(f"{cut} of {len(reading.lines[0].points)} steps in the middle were left out of the summary.")
    caption = element(
        "figcaption",
        element("span", name(reading.metric, 40), " of ", name(reading.entity, 40), class_="what"),
        citations((reading.evidence_id,), page.anchors),
        element("span", summary, class_="sum"),
    )
    several = len(reading.lines) > 1
    keys = [
        element("li", element("svg", element("line", x1=0, x2=22, y1=5, y2=5, class_=f"line s{place}"),
                              viewBox="0 0 22 10", class_="key", aria_hidden="true"), name(line.label or "all", 60))
        for place, line in enumerate(reading.lines)
    ]  # fmt: skip
    return element(
        "figure",
        caption,
        line_chart(reading, windows, own, label),
        element("ul", *keys, class_="legend") if several else None,
        element("p", " ".join(notes), class_="more") if notes else None,
    )


def before_after_text(reading: MetricReading, windows: Windows | None) -> str:
    """The first line's median before and during the incident, or its range."""
    line = reading.lines[0]
    sides = before_and_during(reading, line, windows)
    which = f" ({middle(line.label, 40)})" if len(reading.lines) > 1 and line.label else ""
    if sides is None:
        low, high = min(line.values), max(line.values)
        return f"From {quantity(low, reading.unit)} to {quantity(high, reading.unit)}{which}"
    before, during = (quantity(side, reading.unit) for side in sides)
    return f"Median {before} before, {during} during the incident{which}"


def changes_section(page: Outline, windows: Windows | None) -> Markup | None:
    """The changes as a table whose lanes form a timeline."""
    if not page.changes:
        return None
    if windows is None:
        return None
    suspects = {suspect.change for suspect in page.suspects} - {EMPTY}
    chosen = nearest(page.changes, windows, suspects)
    first = min(chosen[0].at, windows.start)
    last = max(windows.end, chosen[-1].at)
    rows, is_marked = [], False
    for change in chosen:
        if not is_marked and change.at >= windows.start:
            rows.append(_start_row(page, windows, first, last))
            is_marked = True
        rows.append(_change_row(page, change, windows, first, last, is_suspect=change.id in suspects))
    if not is_marked:
        rows.append(_start_row(page, windows, first, last))
    cited = tuple(dict.fromkeys(change.evidence_id for change in page.changes))
    more = len(page.changes) - len(chosen)
    rest = f"{_count(more, 'change')} further from the incident not shown; see " if more else "All of them: "
    caption = f"{_count(len(chosen), 'change')} in time order; the shaded part is the incident."
    return section(
        "changes",
        "What was changed",
        table(caption, _CHANGE_HEADS, rows, "changes-table"),
        element("p", rest, citations(cited, page.anchors), class_="more"),
    )


def nearest(changes: tuple[Change, ...], windows: Windows, suspects: set[str]) -> list[Change]:
    """At most `MOST_CHANGES` in time order: those of suspects first, then those nearest to the start."""
    order = sorted(
        changes, key=lambda change: (change.id not in suspects, abs((change.at - windows.start).total_seconds()))
    )
    return sorted(order[:MOST_CHANGES], key=lambda change: change.at)


def _change_row(page: Outline, change: Change, windows: Windows, *ends: object, is_suspect: bool) -> Markup:
    first, last = ends
    words = [or_dash(change.entity or EMPTY)]
    if change.kind:
        words.append(element("span", change.kind.replace("_", " "), class_="kind"))
    if change.id:
        words.append(name(change.id))
    if is_suspect:
        words.append(element("strong", "suspect", class_="chip"))
    about = [text for text in (change.summary, f"by {change.author}" if change.author else "") if text]
    what = fragment(
        [
            element("span", *_spaced(words), class_="head"),
            element("span", middle(" · ".join(about), 260), class_="about") if about else None,
        ]
    )
    return row(
        _CHANGE_HEADS,
        (
            page.calendar.moment(change.at),
            offset(change.at, windows.start),
            lane(change.at, windows, first, last, is_suspect=is_suspect),
            what,
        ),
        class_="suspect-row" if is_suspect else None,
    )


def _start_row(page: Outline, windows: Windows, *ends: object) -> Markup:
    first, last = ends
    return row(
        _CHANGE_HEADS,
        (
            page.calendar.moment(windows.start),
            "",
            lane(None, windows, first, last),
            element("strong", "The incident starts"),
        ),
        class_="start-row",
    )


def claims_section(page: Outline) -> Markup:
    """Sentences with what they rest on."""
    if not page.statements:
        return section("claims", "Claims", element("p", "None.", class_="empty"))
    bad = sum(not statement.is_supported for statement in page.statements)
    lead = "Checked by code: what is quoted, counted and named stands in the evidence cited."
    if bad:
        lead += f" {bad} of {len(page.statements)} could not be supported."
    items = [_claim(page, statement) for statement in page.statements]
    return section("claims", "Claims", element("p", lead, class_="lead"), element("ul", *items, class_="claim-list"))


def _claim(page: Outline, statement: Statement) -> Markup:
    mark = "✓" if statement.is_supported else "✗"
    return element(
        "li",
        element("span", element("span", mark, aria_hidden="true"), f" {statement.mark}", class_="mark"),
        element(
            "span",
            element("span", statement.text, class_="text"),
            element("span", f" {statement.problem}.", class_="problem") if statement.problem else None,
        ),
        element("span", statement.author, class_="author"),
        citations(statement.evidence, page.anchors),
        class_=statement.mark,
    )


def actions_section(page: Outline) -> Markup:
    """What was proposed or done, what was decided, and what to do now."""
    if not page.proposals:
        return section("actions", "Actions", element("p", "None was proposed; nothing was changed.", class_="empty"))
    items = [_action(proposal) for proposal in page.proposals]
    return section("actions", "Actions", fragment(items))


def _action(proposal: Proposal) -> Markup:
    pairs = [element("div", element("dt", fact.label), element("dd", fact.text)) for fact in proposal.arguments]
    facts = [("Decision", proposal.decision)]
    if proposal.roles:
        facts.append(("Who may approve", " or ".join(proposal.roles)))
    if proposal.approval_id:
        facts.append(("Approval", proposal.approval_id))
    decided = [element("div", element("dt", label), element("dd", text)) for label, text in facts]
    steps = [element("li", step.text, " ", command(step.command) if step.command else None) for step in proposal.steps]
    return element(
        "article",
        element("h3", name(proposal.tool), element("span", proposal.outcome, class_="chip")),
        element("dl", *pairs, class_="pairs arguments") if pairs else None,
        element("dl", *decided, class_="pairs"),
        element("ol" if len(steps) > 1 else "ul", *steps, class_="steps"),
        class_="action",
    )


def gaps_section(page: Outline) -> Markup:
    """What was not looked at."""
    if not page.gaps:
        text = "Every planned source answered."
        return section("gaps", "Not looked at", element("p", text, class_="empty"))
    return section("gaps", "Not looked at", element("ul", *(element("li", gap) for gap in page.gaps), class_="plain"))


def _spaced(words: list[Markup]) -> list[Markup]:
    return [Markup(f"{word} ") for word in words]


def _count(number: int, noun: str) -> str:
    plural = noun if number == 1 or noun.endswith("series") else f"{noun}s"
    return f"{number:,} {plural}"
