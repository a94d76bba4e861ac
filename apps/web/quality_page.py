"""How often the agents were right, as far as people have said what incidents turned out to be."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...agents.triage.types import TriageReport
from ...core.intervals import wilson
from ...policies.incident_labels import IncidentLabel
from ...policies.store import select
from ..reports.markup import Markup, element
from .asked import Asked, Reply
from .layout import command, page, table
from .run_rows import team_of

_MOST_LABELS = 500
_FEW = 20


@dataclass(frozen=True)
class Judged:
    """A report beside what a person said its incident was."""

    month: str
    has_right_verdict: bool
    is_first: bool
    is_among: bool
    has_cause: bool


def show(asked: Asked) -> Reply:
    """The page."""
    judged = list(_judged(asked))
    return page(
        asked,
        "Quality of the triage",
        *_labelled(judged),
        _verdicts(asked),
        element("h2", "How this is measured"),
        element(
            "p",
            "Reports are compared with what people said of their incidents: ",
            command("opswarden eval past add RUN --cause ENTITY"),
            ". Intervals are Wilson's, at 95\u00a0%. ",
            command("opswarden eval run past"),
            " measures all labelled incidents anew, beside baselines.",
        ),
    )


def _labelled(judged: Sequence[Judged]) -> Iterator[Markup]:
    if not judged:
        yield element(
            "p",
            "Nobody has said yet what an incident turned out to be, so nothing is known of quality.",
            class_="empty",
        )
        return
    months = sorted({one.month for one in judged}, reverse=True)
    rows = [_row(month, [one for one in judged if one.month == month]) for month in months]
    if len(months) > 1:
        rows.append(_row("all", judged))
    yield table("by the month in which they were labelled", _HEADS, rows, "quality")
    if len(judged) < _FEW:
        yield element("p", f"{len(judged)} incidents are few: read the intervals, not the shares.", class_="lead")


_HEADS = ("month", "#incidents", "right verdict", "first suspect was a cause", "a cause among the first five")


def _row(month: str, judged: Sequence[Judged]) -> Sequence[str]:
    caused = [one for one in judged if one.has_cause]
    return (
        month,
        str(len(judged)),
        _share([one.has_right_verdict for one in judged]),
        _share([one.is_first for one in caused]),
        _share([one.is_among for one in caused]),
    )


def _share(hits: Sequence[bool]) -> str:
    if not hits:
        return "–"
    low, high = wilson(sum(hits), len(hits))
    return f"{sum(hits)} of {len(hits)} ({low:.0%} to {high:.0%})"


def _judged(asked: Asked) -> Iterator[Judged]:
    labels = [label for label in asked.house.installation.incident_labels.all() if label.run_id][-_MOST_LABELS:]
    teams = team_of(asked.house, (label.run_id for label in labels))
    for label in labels:
        report = asked.house.reports.report_of(label.run_id) if asked.who.sees(teams.get(label.run_id, "")) else None
        if report is not None:
            yield _compared(label, report)


def _compared(label: IncidentLabel, report: TriageReport) -> Judged:
    suspects = [cause.entity for cause in report.ranking[:5]]
    return Judged(
        month=f"{label.at:%Y-%m}",
        has_right_verdict=label.verdict == report.verdict,
        is_first=bool(suspects) and suspects[0] in label.causes,
        is_among=bool(set(suspects) & set(label.causes)),
        has_cause=bool(label.causes),
    )


def _verdicts(asked: Asked) -> Markup | None:
    """What the reports of each month said, labelled or not."""
    sql = "SELECT substr(told_at, 1, 7) AS month, team, verdict, count(*) AS n FROM kept_report GROUP BY 1, 2, 3"
    counts: dict[str, Counter[str]] = {}
    for row in select(asked.house.installation.database, sql):
        if asked.who.sees(row["team"]):
            counts.setdefault(row["month"], Counter())[row["verdict"]] += int(row["n"])
    if not counts:
        return None
    verdicts = ("cause_found", "inconclusive", "healthy")
    rows = [
        (month, *(str(counts[month][verdict]) for verdict in verdicts), str(counts[month].total()))
        for month in sorted(counts, reverse=True)[:24]
    ]
    return table("what reports said, by month", ("month", "#cause found", "#inconclusive", "#healthy", "#all"), rows)
