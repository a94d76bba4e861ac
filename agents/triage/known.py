"""What evidence holds about an entity, in sentences that code writes: the answer where no model is, and beside one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .plan import LOOK_BACK_S, PlannedCall, neighbour_calls, survey_calls
from .rows import Row, rows_of, usable
from .tables import figure, tables_of
from .types import Claim, Evidence, Incident

_MOST_ENTITIES = 4
_MOST_PER_TOOL = 5
_PLAIN = re.compile(r"[^a-z0-9]+")
_SHORTEST = 4
_LOOK_UPS = ("metrics.shifts", "logs.patterns", "traces.latency", "changes.recent")


def entities_in(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """The entities that a person names, however they write them: `the feature store` is `feature-store`.

    Of names within names the longest counts.
    """
    said = f" {' '.join(_PLAIN.split(text.casefold()))} "
    found = {
        name: words
        for name in names
        if len(words := " ".join(_PLAIN.split(name.casefold())).strip()) >= _SHORTEST and f" {words} " in said
    }
    kept = [
        name
        for name, words in found.items()
        if not any(words != other and f" {words} " in f" {other} " for other in found.values())
    ]
    return tuple(sorted(kept, key=lambda name: said.index(f" {found[name]} ")))[:_MOST_ENTITIES]


def look_ups(prefix: str, incident: Incident, entities: Sequence[str]) -> list[PlannedCall]:
    """The calls that say what is known about some entities."""
    calls: list[PlannedCall] = []
    window = {"start": incident.start, "end": incident.end}
    for place, entity in enumerate(entities, start=1):
        calls += [
            PlannedCall(f"{prefix}.{place}.{call.call_id}", call.tool, {**call.args, "entities": [entity]})
            for call in survey_calls(incident)
        ]
        changes = {**window, "lookback_s": LOOK_BACK_S, "entities": [entity]}
        calls.append(PlannedCall(f"{prefix}.{place}.changes", "changes.recent", changes))
        calls += neighbour_calls(f"{prefix}.{place}", [entity])
    return calls


def known_of(entity: str, evidence: Sequence[Evidence]) -> tuple[Claim, ...]:
    """Sentences about an entity, each with the evidence that it was read from; the same fact is told once."""
    told: dict[str, Claim] = {}
    counts: dict[str, int] = {}
    for row in rows_of(usable(evidence)):
        text = _sentence(row) if row.entity == entity else ""
        if not text or counts.get(row.tool, 0) >= _MOST_PER_TOOL:
            continue
        text = f"{entity}: {text}"
        if text not in told:
            counts[row.tool] = counts.get(row.tool, 0) + 1
            told[text] = Claim(text=text, evidence=(row.evidence,), status="supported")
    for item in evidence:
        if (text := _beside(item, entity)) and text not in told:
            told[text] = Claim(text=text, evidence=(item.id,), status="supported")
        if item.tool in _LOOK_UPS and _is_about(item, entity) and not list(rows_of([item])):
            text = f"{entity}: nothing stands out in {item.tool}"
            if item.status != "ok":
                text = f"{entity}: {item.tool} has an answer of status {item.status}: {item.message}"
            told.setdefault(text, Claim(text=text, evidence=(item.id,), status="supported"))
    return tuple(told.values())


def _is_about(item: Evidence, entity: str) -> bool:
    filters = item.scope.get("filters")
    return isinstance(filters, Mapping) and entity in (filters.get("entity"), filters.get("entities"))


def _sentence(row: Row) -> str:
    teller = _TELLERS.get(row.tool)
    if teller is not None:
        return teller(row.values)
    if not row.speaks:
        return ""
    rest = {key: value for key, value in row.values.items() if key != "entity"}
    facts, _ = tables_of(rest)
    return f"{row.tool}: {facts}" if facts else ""


def _shift(values: Mapping[str, Any]) -> str:
    went = "rose" if values.get("direction") == "up" else "fell"
    since = f" since {values['onset']}" if values.get("onset") else ""
    return (
        f"{values.get('metric')} {went} from {_number(values.get('before'))} to {_number(values.get('after'))},"
        f" {_number(values.get('score'))} wobbles{since}"
    )


def _pattern(values: Mapping[str, Any]) -> str:
    if values.get("kind") not in ("new", "surged", "vanished"):
        return ""
    since = f", first seen {values['first_seen']}" if values.get("kind") == "new" else ""
    counts = f"{values.get('count_before')} lines before, {values.get('count_after')} in the window"
    return f"{values['kind']} log pattern ({counts}{since}): {values.get('template')}"


def _operation(values: Mapping[str, Any]) -> str:
    p95 = f"p95 {_number(values.get('p95_before_ms'))} to {_number(values.get('p95_after_ms'))} ms"
    errors = f"error rate {_number(values.get('error_rate_before'))} to {_number(values.get('error_rate_after'))}"
    return f"{values.get('name')}: {p95}, {errors}"


def _change(values: Mapping[str, Any]) -> str:
    return f"{values.get('kind')} {values.get('id')} at {values.get('ts')}: {values.get('summary')}"


def _candidate(values: Mapping[str, Any]) -> str:
    reasons = "; ".join(map(str, values.get("reasons") or ()))
    return f"among the suspects, because: {reasons}" if reasons else "among the suspects"


def _number(value: Any) -> str:
    return figure(value) if isinstance(value, (int, float)) else "unknown"


_TELLERS: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "metrics.shifts": _shift,
    "logs.patterns": _pattern,
    "traces.latency": _operation,
    "changes.recent": _change,
    "attribution.rank": _candidate,
}


def _beside(item: Evidence, entity: str) -> str:
    """Who is next to an entity in the call graph."""
    if item.tool != "topology.neighbours" or not _is_about(item, entity) or item.status not in ("ok", "truncated"):
        return ""
    beside: dict[str, list[str]] = {"callers": [], "callees": []}
    for row in rows_of([item]):
        way = row.values.get("direction")
        if way in beside and row.values.get("distance") == 1:
            beside[way].append(str(row.values.get("entity")))
    parts = [f"{way}: {', '.join(names[:8])}" for way, names in beside.items() if names]
    return f"{entity}: {'; '.join(parts)}" if parts else ""
