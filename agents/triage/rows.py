"""Evidence row by row: whose a row is, what it counts in which unit, where it moved and since when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from .types import Evidence

STANDS_OUT = 3.0
"""Wobbles; see the page on triage."""

Way = Literal["up", "down"]

_USABLE = ("ok", "truncated")
_UNSPEAKING = frozenset({"topology", "runbooks", "incidents"})
_MOVED_KINDS = frozenset({"new", "surged", "vanished"})
_UNIT_ENDS = (
    ("_milliseconds", "ms"), ("_ms", "ms"), ("_microseconds", "us"), ("_us", "us"), ("_seconds", "s"), ("_s", "s"),
    ("_bytes", "b"), ("_percent", "%"), ("_pct", "%"), ("_ratio", "share"), ("_rate", "share"), ("_share", "share"),
)  # fmt: skip
_OF_THE_METRIC = frozenset({"before", "after", "first", "last", "minimum", "median", "maximum", "points"})
"""Fields of a row that are in the unit of its metric."""


@dataclass(frozen=True)
class Row:
    """One object of a list in the summary of one piece of evidence."""

    evidence: str
    tool: str
    values: Mapping[str, Any]
    entity: str | None

    @property
    def speaks(self) -> bool:
        """Whether it says what its entity did; being in a call graph or a runbook says nothing."""
        return self.tool.partition(".")[0] not in _UNSPEAKING

    @property
    def score(self) -> float:
        """The largest score of the row, whatever its sign."""
        found = [
            abs(float(value))
            for key, value in self.values.items()
            if (key in ("score", "strength") or key.endswith("_score")) and _is_number(value)
        ]
        return max(found, default=0.0)

    @property
    def stands_out(self) -> bool:
        """Whether it left what is usual."""
        is_count = self.values.get("kind") in _MOVED_KINDS
        return is_count or self.score >= STANDS_OUT

    @property
    def onset(self) -> datetime | None:
        """When it began, where the row says so."""
        value = self.values.get("onset") or (
            self.values.get("first_seen") if self.values.get("kind") == "new" else None
        )
        return moment(value)

    @property
    def ways(self) -> frozenset[Way]:
        """In which directions its figures went; several where they differ."""
        if self.values.get("direction") in ("up", "down"):
            return frozenset({"up" if self.values["direction"] == "up" else "down"})
        found: set[Way] = set()
        for before, after in self.pairs():
            if before != after:
                found.add("up" if after > before else "down")
        return frozenset(found)

    def pairs(self) -> Iterator[tuple[float, float]]:
        """Its figures of the quiet time and the window, side by side."""
        for key, before in self.values.items():
            after = self.values.get(key.replace("before", "after"))
            if "before" in key and isinstance(before, (int, float)) and isinstance(after, (int, float)):
                yield float(before), float(after)


@dataclass(frozen=True)
class Figure:
    """A number in evidence; the unit is empty where nothing says it."""

    value: float
    unit: str = ""


def usable(evidence: Iterable[Evidence]) -> list[Evidence]:
    """Those that carry data."""
    return [item for item in evidence if item.status in _USABLE]


def rows_of(evidence: Iterable[Evidence]) -> Iterator[Row]:
    """Every row of every list, in the order of the evidence."""
    for item in evidence:
        summary = item.summary if isinstance(item.summary, Mapping) else {}
        filters = item.scope.get("filters")
        about = filters.get("entity") if isinstance(filters, Mapping) else None
        for value in summary.values():
            for row in value if isinstance(value, Sequence) and not isinstance(value, str) else ():
                if isinstance(row, Mapping):
                    entity = row.get("entity", about)
                    yield Row(item.id, item.tool, row, entity if isinstance(entity, str) else None)


def speaks_for(evidence: Iterable[Evidence], entity: str) -> bool:
    """Whether some row says what this entity did."""
    return any(row.entity == entity and row.speaks for row in rows_of(usable(evidence)))


def onsets(evidence: Iterable[Evidence]) -> dict[str, datetime]:
    """When the trouble of each entity began: the onset of its strongest row that has one and stands out."""
    found: dict[str, tuple[float, datetime]] = {}
    for row in rows_of(usable(evidence)):
        began = row.onset
        if began is None or row.entity is None or not row.stands_out:
            continue
        if row.entity not in found or row.score > found[row.entity][0]:
            found[row.entity] = (row.score, began)
    return {entity: began for entity, (_, began) in found.items()}


def figures(item: Evidence) -> Iterator[Figure]:
    """The numbers of a piece of evidence that are numbers, and what the figures of one row come to together."""
    yield from _figures({"scope": item.scope, "summary": item.summary}, "", {})
    for row in rows_of([item]):
        for before, after in row.pairs():
            if before:
                yield Figure(after / before, "x")
                yield Figure(before / after if after else 0.0, "x")
                yield Figure(abs(after - before) / abs(before), "share")


def moment(value: Any) -> datetime | None:
    """A moment in ISO 8601 with its zone."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _figures(value: Any, key: str, row: Mapping[str, Any]) -> Iterator[Figure]:
    if _is_number(value):
        yield Figure(float(value), _unit(key, row))
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _figures(item, str(name), value)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _figures(item, key, row)


def _unit(key: str, row: Mapping[str, Any]) -> str:
    names = [key]
    if key in _OF_THE_METRIC:
        if isinstance(row.get("unit"), str) and row["unit"]:
            return str(row["unit"]).strip().casefold()
        names = [str(row.get("metric", ""))]
    plain = re.sub(r"_(?:before|after)(?=_|$)", "", names[0].casefold())
    return next((unit for end, unit in _UNIT_ENDS if plain.endswith(end)), "")


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
