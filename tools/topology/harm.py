"""Which entities show that they are hurt: what their callers would feel, and alerts that fire on them."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from ..metrics.indicators import harmful_direction

_SYMPTOMS = frozenset(("latency", "errors", "quality"))
_STANDS_OUT = 3.0
_FIRM_SPANS = 20
"""A quantile of few spans is about their largest: it counts by the share n / (n + 20)."""


@dataclass(frozen=True)
class Harm:
    """One sign that an entity is hurt.

    Args:
        score: in usual wobbles; infinite for an alert.
        text: one line for a person.
    """

    score: float
    text: str


@dataclass(frozen=True)
class Harms:
    """What was found.

    Args:
        worst: the strongest sign of every entity that is hurt.
        measured: entities of which something was measured that would show harm.
    """

    worst: dict[str, Harm]
    measured: frozenset[str]


def harms(
    entities: Collection[str], *, shifts: pa.Table | None, latency: pa.Table | None, alerts: pa.Table | None
) -> Harms:
    """The signs of harm of some entities.

    A sign has to stand out among all that were looked at: three wobbles for a few of them, more for many, because the
    largest of many quiet series wanders further by chance (the same bar as that of a ranking).

    Args:
        entities: whom to look at.
        shifts: artifact of `metrics.shifts`.
        latency: artifact of `traces.latency`.
        alerts: artifact of `alerts.active`.
    """
    wanted = frozenset(entities)
    found = [row for row in (*_of_metrics(shifts), *_of_spans(latency)) if row[0] in wanted]
    bar = _STANDS_OUT + math.log2(1 + len(found) / 100)
    worst: dict[str, Harm] = {}
    for entity, harm in (*found, *(row for row in _of_alerts(alerts) if row[0] in wanted)):
        if harm.score >= bar and (entity not in worst or harm.score > worst[entity].score):
            worst[entity] = harm
    return Harms(worst, frozenset(entity for entity, _ in found))


def _of_metrics(shifts: pa.Table | None) -> Iterator[tuple[str, Harm]]:
    for row in _rows(shifts, ("entity", "metric", "indicator_class", "direction", "score", "before", "after")):
        if row["indicator_class"] not in _SYMPTOMS or row["score"] is None:
            continue
        is_harm = harmful_direction(row["metric"]) in (None, row["direction"])
        text = f"{row['metric']} {_number(row['before'])} → {_number(row['after'])}"
        yield row["entity"], Harm(row["score"] if is_harm else 0.0, text)


def _of_spans(latency: pa.Table | None) -> Iterator[tuple[str, Harm]]:
    columns = ("entity", "name", "spans_after", "duration_score", "error_score", "p95_before_us", "p95_after_us",
               "error_rate_before", "error_rate_after")  # fmt: skip
    for row in _rows(latency, columns):
        spans = row["spans_after"] or 0
        if row["duration_score"] is not None:
            before, after = ((row[name] or 0.0) / 1000 for name in ("p95_before_us", "p95_after_us"))
            text = f"p95 of {row['name']} {_number(before)} ms → {_number(after)} ms"
            yield row["entity"], Harm(row["duration_score"] * spans / (spans + _FIRM_SPANS), text)
        if row["error_score"] is not None:
            rates = [(row[name] or 0.0) * 100 for name in ("error_rate_before", "error_rate_after")]
            text = f"errors of {row['name']} {_number(rates[0])} % → {_number(rates[1])} %"
            yield row["entity"], Harm(row["error_score"], text)


def _of_alerts(alerts: pa.Table | None) -> Iterator[tuple[str, Harm]]:
    for row in _rows(alerts, ("entity", "name")):
        yield row["entity"], Harm(math.inf, f"alert {row['name'] or 'without a name'}")


def _rows(table: pa.Table | None, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The rows that name an entity; none of a table that is of another kind."""
    if table is None or not set(columns) <= set(table.column_names):
        return
    yield from (row for row in table.select(list(columns)).to_pylist() if row["entity"])


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:.3g}"
