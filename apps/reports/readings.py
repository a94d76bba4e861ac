"""What a report can draw, read out of the summaries of its evidence.

Summaries have been redacted and cut to size on their way here, so they no longer need to fit the result model of their
tool. What is not as expected is left out of the drawing; the evidence itself is still shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ...agents.triage.types import Evidence
from .cleaning import clean, shown
from .moments import parse
from .numbers import finite

_MOST_POINTS = 2_000
_MOST_LINES = 5
_WITH_CONTENT = ("ok", "truncated")


@dataclass(frozen=True)
class Line:
    """One series: a value per step, nothing where nothing came or where the summary was cut."""

    label: str
    points: tuple[float | None, ...]
    points_cut: int

    @property
    def values(self) -> tuple[float, ...]:
        """The points there are."""
        return tuple(point for point in self.points if point is not None)


@dataclass(frozen=True)
class MetricReading:
    """The answer to one `metrics.query`, ready to be drawn."""

    evidence_id: str
    entity: str
    metric: str
    unit: str
    start: datetime
    end: datetime
    step_s: float
    lines: tuple[Line, ...]
    lines_missing: int

    def place(self, index: int) -> datetime:
        """The middle of a step."""
        return self.start + timedelta(seconds=(index + 0.5) * self.step_s)


@dataclass(frozen=True)
class Change:
    """Something that was changed, out of `changes.recent`."""

    evidence_id: str
    at: datetime
    entity: str
    kind: str
    id: str
    summary: str
    author: str


@dataclass(frozen=True)
class Runbook:
    """A runbook that fits, out of `runbooks.search`."""

    evidence_id: str
    title: str
    section: str
    snippet: str


def metric_readings(evidence: Iterable[Evidence]) -> tuple[MetricReading, ...]:
    """Every `metrics.query` that holds points, in the order of the evidence."""
    readings = (_metric_reading(item) for item in _of_tool(evidence, "metrics.query"))
    return tuple(reading for reading in readings if reading is not None)


def recent_changes(evidence: Iterable[Evidence]) -> tuple[Change, ...]:
    """Every change that a summary lists with its time, oldest first, each once."""
    found: dict[tuple[datetime, str, str], Change] = {}
    for item in _of_tool(evidence, "changes.recent"):
        for row in _rows(item.summary, "newest"):
            at = parse(row.get("ts"))
            if at is not None:
                change = Change(
                    evidence_id=item.id,
                    at=at,
                    entity=_text(row, "entity"),
                    kind=_text(row, "kind"),
                    id=_text(row, "id"),
                    summary=_text(row, "summary"),
                    author=_text(row, "author"),
                )
                found.setdefault((at, change.entity, change.id), change)
    return tuple(sorted(found.values(), key=lambda change: (change.at, change.entity, change.id)))


def changes_missing(evidence: Iterable[Evidence]) -> int:
    """How many changes were counted but are not listed in the summaries."""
    missing = 0
    for item in _of_tool(evidence, "changes.recent"):
        counted = finite(item.summary.get("changes")) if isinstance(item.summary, Mapping) else None
        missing += max(0, int(min(counted or 0.0, 1e12)) - len(_rows(item.summary, "newest")))
    return missing


def found_runbooks(evidence: Iterable[Evidence]) -> tuple[Runbook, ...]:
    """Every runbook with a title, best first as the search gave them, each once."""
    found: dict[tuple[str, str], Runbook] = {}
    for item in _of_tool(evidence, "runbooks.search"):
        for row in _rows(item.summary, "hits"):
            title = _text(row, "title") or _text(row, "name")
            if title:
                section = _text(row, "section")
                found.setdefault((title, section), Runbook(item.id, title, section, _text(row, "snippet")))
    return tuple(found.values())


def kept_places(kept: int, whole: int) -> tuple[int, int]:
    """How many of `kept` points stand at the head and at the tail of `whole`.

    The summary's cut takes from both ends, two to one, until the room is used up (`policies/summaries.py`).
    """
    head = tail = 0
    if kept >= whole:
        return kept, 0
    while head + tail < kept:
        if head <= 2 * tail:
            head += 1
        else:
            tail += 1
    return head, tail


def _metric_reading(item: Evidence) -> MetricReading | None:
    scope, summary = item.scope, item.summary
    start, end = parse(scope.get("start")), parse(scope.get("end"))
    if start is None or end is None or end <= start or not isinstance(summary, Mapping):
        return None
    rows = _maps(summary.get("series"))
    steps = [finite(row.get("step_s")) or 0.0 for row in rows]
    step_s = max(steps, default=0.0)
    length_s = (end - start).total_seconds()
    longest = max((len(_list(row.get("points"))) for row in rows), default=0)
    whole = round(length_s / step_s) if step_s > 0 and length_s / step_s <= _MOST_POINTS else longest
    whole = min(max(whole, longest), _MOST_POINTS)
    lines = tuple(line for line in (_line(row, whole) for row in rows) if line.values)[:_MOST_LINES]
    if not lines:
        return None
    filters = scope.get("filters")
    filters = filters if isinstance(filters, Mapping) else {}
    matched = finite(summary.get("series_matched")) or 0.0
    units = [_text(row, "unit") for row in rows]
    return MetricReading(
        evidence_id=item.id,
        entity=shown(_text(filters, "entity"), 256),
        metric=shown(_text(filters, "metric"), 256),
        unit=next((unit for unit in units if unit), ""),
        start=start,
        end=end,
        step_s=length_s / whole,
        lines=lines,
        lines_missing=max(0, round(min(matched, 1e9)) - len(lines)),
    )


def _line(row: Mapping[str, Any], whole: int) -> Line:
    points = [finite(value) for value in _list(row.get("points"))[:whole]]
    head, tail = kept_places(len(points), whole)
    missing = whole - len(points)
    placed = points[:head] + [None] * missing + points[head : head + tail]
    labels = row.get("labels")
    pairs = sorted(labels.items(), key=str) if isinstance(labels, Mapping) else []
    label = ", ".join(f"{clean(str(name))}={clean(str(value))}" for name, value in pairs)
    return Line(label=label, points=tuple(placed), points_cut=missing)


def _of_tool(evidence: Iterable[Evidence], tool: str) -> list[Evidence]:
    return [item for item in evidence if item.tool == tool and item.status in _WITH_CONTENT]


def _rows(summary: object, member: str) -> list[Mapping[str, Any]]:
    return _maps(summary.get(member)) if isinstance(summary, Mapping) else []


def _maps(value: object) -> list[Mapping[str, Any]]:
    return [item for item in _list(value) if isinstance(item, Mapping)]


def _list(value: object) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else ()


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    return clean(value) if isinstance(value, str) else ""
