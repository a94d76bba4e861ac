"""What was found: the ranking, its charts, the changes, the claims, the actions, the gaps."""

from __future__ import annotations

import re

from .charts import Stretch, lane, line_chart, score_bar
from .cleaning import EMPTY, middle
from .html_parts import citations, command, name, or_dash, row, section, table
from .levels import before_after_text
from .markup import Child, Markup, element, fragment
from .moments import day, offset
from .outline import NO_ACTIONS, NO_CLAIMS, NO_GAPS, Outline, Statement
from .proposals import Proposal
from .readings import Change, MetricReading

MOST_SUSPECTS = 12
MOST_CHARTS = 6
MOST_CHANGES = 14
_BACKTICKS = re.compile(r"`([^`]{1,256})`")
_RANK_HEADS = (
    ("#", "place"),
    ("Suspect", "who"),
    ("Indicator", "indicator"),
    ("Change", "change"),
    ("Score", "score-cell"),
    ("Evidence", "proof"),
)
_DOMAIN_HEADS = (("What", "what"), ("Before", "score-cell"), ("In the window", "score-cell"), ("Evidence", "proof"))
_CHANGE_HEADS = (("Time (UTC)", "time"), ("From the start", "time"), ("When", "lane-cell"), ("What", "what"))


def ranking_table(page: Outline) -> Markup:
    """The suspects, best first, with bars to compare their scores."""
    if not page.suspects:
        return section("ranking", "Suspects", element("p", page.no_suspects, class_="empty"))
    best = max(suspect.score for suspect in page.suspects)
    rows = []
    for suspect in page.suspects[:MOST_SUSPECTS]:
        score = fragment([score_bar(suspect.score, best), element("span", suspect.score_text, class_="number")])
        cells = (
            str(suspect.place),
            or_dash(suspect.entity),
            or_dash(suspect.indicator),
            or_dash(suspect.change),
            score,
            citations(suspect.evidence, page.anchors),
        )
        reasons = [element("li", reason) for reason in suspect.reasons]
        rows.append(row(_RANK_HEADS, cells, class_="explained" if reasons else None))
        if reasons:
            why = element("td", element("ul", *reasons), colspan=str(len(_RANK_HEADS) - 1), class_="reasons")
            rows.append(element("tr", element("td"), why, class_="why"))
    caption = f"{_count(len(page.suspects), 'suspect')}, most likely first."
    if all(suspect.score_text.endswith("%") for suspect in page.suspects):
        caption += " A score is a share of the weight of all candidates."
    more = len(page.suspects) - MOST_SUSPECTS
    rest = element("p", f"{more} more in the JSON report.", class_="more") if more > 0 else None
    return section("ranking", "Suspects", table(caption, _RANK_HEADS, rows, "ranking-table"), rest)


def charts_section(page: Outline) -> Markup | None:
    """The leading suspects' indicators over time."""
    if not page.readings:
        return None
    shown = page.readings[:MOST_CHARTS]
    days = dict.fromkeys(day(reading.start) for reading in shown)
    dates = f", starting {next(iter(days))}" if len(days) == 1 else ""
    figures = [_figure(page, reading) for reading in shown]
    more = len(page.readings) - len(shown)
    rest = element("p", f"{more} more series were read; their numbers stand in the evidence.", class_="more")
    return section(
        "charts",
        "How they moved",
        element("p", f"Means of equal steps; times in UTC{dates}. ▾ marks a change of the same entity.", class_="lead"),
        element("div", *figures, class_="figures"),
        rest if more else None,
    )


def _figure(page: Outline, reading: MetricReading) -> Markup:
    own = [change for change in page.changes if change.entity == reading.entity]
    summary = before_after_text(reading, page.windows)
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
        line_chart(reading, page.windows, own, label),
        element("ul", *keys, class_="legend") if several else None,
        element("p", " ".join(notes), class_="more") if notes else None,
    )


def domain_section(page: Outline) -> Markup | None:
    """What payments, models and features say, with bars where both sides are shares."""
    if not page.findings:
        return None
    rows = []
    for found in page.findings:
        bars: tuple[Child, Child] = (found.before or EMPTY, found.after or EMPTY)
        if found.shares is not None:
            bars = (
                fragment([score_bar(found.shares[0], 1.0), element("span", found.before, class_="number")]),
                fragment([score_bar(found.shares[1], 1.0), element("span", found.after, class_="number")]),
            )
        what = fragment([element("strong", found.subject), " ", element("span", found.measure, class_="kind")])
        note = element("p", found.note, class_="snippet") if found.note else None
        cells = (fragment([what, note]), *bars, citations((found.evidence_id,), page.anchors))
        rows.append(row(_DOMAIN_HEADS, cells))
    caption = "Compared with the quiet time; money is counted per currency."
    title = "Payments, models and features"
    return section("domain", title, table(caption, _DOMAIN_HEADS, rows, "ranking-table"))


def changes_section(page: Outline) -> Markup | None:
    """The changes as a table whose lanes form a timeline."""
    windows = page.windows
    if not page.changes or windows is None:
        return None
    chosen = page.nearest_changes(MOST_CHANGES)
    stretch = Stretch.around(windows, [change.at for change in chosen])
    rows, is_marked = [], False
    for change in chosen:
        if not is_marked and change.at >= windows.start:
            rows.append(_start_row(page, stretch))
            is_marked = True
        rows.append(_change_row(page, change, stretch, is_suspect=page.is_suspect(change)))
    if not is_marked:
        rows.append(_start_row(page, stretch))
    cited = tuple(dict.fromkeys(change.evidence_id for change in page.changes))
    more = len(page.changes) - len(chosen) + page.changes_missing
    rest = f"{_count(more, 'more change')} not shown: " if more else "All there were: "
    caption = f"{_count(len(chosen), 'change')} in time order. The shaded part of a lane is the incident"
    earlier = any(change.at < stretch.first for change in chosen)
    caption += f"; lanes begin at {page.calendar.moment(stretch.first)}, and ‹ is earlier." if earlier else "."
    return section(
        "changes",
        "What was changed",
        table(caption, _CHANGE_HEADS, rows, "changes-table"),
        element("p", rest, citations(cited, page.anchors), class_="more"),
    )


def _change_row(page: Outline, change: Change, stretch: Stretch, *, is_suspect: bool) -> Markup:
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
            offset(change.at, stretch.windows.start),
            lane(change.at, stretch, is_suspect=is_suspect),
            what,
        ),
        class_="suspect-row" if is_suspect else None,
    )


def _start_row(page: Outline, stretch: Stretch) -> Markup:
    return row(
        _CHANGE_HEADS,
        (
            page.calendar.moment(stretch.windows.start),
            "",
            lane(None, stretch),
            element("strong", "The incident starts"),
        ),
        class_="start-row",
    )


def opinions_section(page: Outline) -> Markup | None:
    """A model's hypotheses, where there are any."""
    if not page.opinions:
        return None
    items = [_claim(page, statement) for statement in page.opinions]
    return section("opinions", "What the model holds", element("ul", *items, class_="claim-list"))


def claims_section(page: Outline) -> Markup:
    """Sentences with what they rest on."""
    if not page.statements:
        return section("claims", "Claims", element("p", NO_CLAIMS, class_="empty"))
    items = [_claim(page, statement) for statement in page.statements]
    return section(
        "claims", "Claims", element("p", page.claims_lead, class_="lead"), element("ul", *items, class_="claim-list")
    )


def _claim(page: Outline, statement: Statement) -> Markup:
    mark = "✓" if statement.is_supported else "✗"
    return element(
        "li",
        element("span", element("span", mark, aria_hidden="true"), f" {statement.mark}", class_="mark"),
        element(
            "span",
            element("span", with_code(statement.text), class_="text"),
            element("span", f" {statement.remark}", class_="problem") if statement.remark else None,
        ),
        element("span", statement.author, class_="author"),
        citations(statement.evidence, page.anchors),
        class_=statement.mark,
    )


def with_code(text: str) -> Markup:
    """Text in which what stands in backticks is set as a name."""
    parts = _BACKTICKS.split(text)
    return fragment([element("code", part) if place % 2 else part for place, part in enumerate(parts)])


def actions_section(page: Outline) -> Markup:
    """What was proposed or done, what was decided, and what to do now."""
    if not page.proposals:
        return section("actions", "Actions", element("p", NO_ACTIONS, class_="empty"))
    items = [_action(proposal) for proposal in page.proposals]
    return section("actions", "Actions", fragment(items))


def _action(proposal: Proposal) -> Markup:
    pairs = [element("div", element("dt", fact.label), element("dd", fact.text)) for fact in proposal.arguments]
    facts = [("Decision", proposal.decision)]
    if proposal.roles:
        facts.append(("Who may approve", ", ".join(proposal.roles)))
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
        return section("gaps", "Not looked at", element("p", NO_GAPS, class_="empty"))
    return section("gaps", "Not looked at", element("ul", *(element("li", gap) for gap in page.gaps), class_="plain"))


def _spaced(words: list[Markup]) -> list[Markup]:
    return [Markup(f"{word} ") for word in words]


def _count(number: int, noun: str) -> str:
    plural = noun if number == 1 or noun.endswith("series") else f"{noun}s"
    return f"{number:,} {plural}"
