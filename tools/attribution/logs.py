"""Signs from the artifact of `logs.patterns`: what an entity says now that it did not say before."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import pyarrow as pa

from ..logs.families import OF_OTHERS
from .evidence import Evidence, Sign

_LEVEL_WEIGHT = {"error": 1.0, "warning": 0.7, "info": 0.4, "debug": 0.3, "unknown": 0.5}
_KIND_WEIGHT = {"new": 1.0, "surged": 1.0, "vanished": 0.6}
_WITNESS_WEIGHT = 0.6
"""Who complains of another one and does not say of whom has less to do with it than who fails by itself."""

_NAME_LENGTH = 4
"""Shorter names of entities are too likely to be ordinary words."""
_LOOKED_AT = 500
"""Characters of an example in which a name counts: what follows a message are frames and headers."""

_TRACED = 0.5
"""Share of the lines of a pattern that must stand in traced requests for these to speak for all."""

_COLUMNS = ("entity", "template", "level", "kind", "score", "rate_before_per_s", "rate_after_per_s", "onset_us")
_FURTHER = ("family", "exception", "frame", "example", "count_after")


@dataclass(frozen=True)
class _Pattern:
    entity: str
    template: str
    level: str
    kind: str
    score: float
    before: float
    after: float
    onset_us: int | None
    family: str | None = None
    exception: str | None = None
    frame: str | None = None
    example: str | None = None
    count_after: int | None = None


@dataclass
class _InRequests:
    """How many traced requests of the window hold a line, and how far its share or number in a request moved."""

    requests: int = 0
    score: float = 0.0


def read_patterns(
    table: pa.Table, entities: Collection[str], evidence: Evidence, calls: pa.Table | None = None
) -> None:
    """Add a `logs` sign per entity: its most telling pattern.

    An error that was never seen before tells most; lines that stopped coming tell that something does not run any
    more. A complaint that names another entity counts for that one: who says "no answer from X" is the witness, not
    the suspect. What many entities say at once tells little of each of them. Lines that come more often only because
    more requests come count by their share of the requests, where traces know it.

    Args:
        table: the artifact.
        entities: the names of all entities.
        evidence: receives the signs.
        calls: the artifact of `traces.calls`.
    """
    mention = _mentions(entities)
    in_requests = _in_requests(calls) if calls is not None else {}
    patterns = _changed(table)
    spread = Counter((pattern.template, pattern.kind) for pattern in patterns)
    for pattern in patterns:
        weight = _LEVEL_WEIGHT.get(pattern.level, 0.5) * _KIND_WEIGHT[pattern.kind]
        weight /= math.sqrt(spread[pattern.template, pattern.kind])
        score = _beyond_traffic(pattern, in_requests.get((pattern.entity, pattern.template)))
        since = pattern.onset_us if pattern.kind != "vanished" else None
        text = _told(pattern)
        owner = _blamed(mention, pattern)
        if owner is not None:
            text = f"{text}, as said by {pattern.entity}"
        elif pattern.family in OF_OTHERS:
            weight *= _WITNESS_WEIGHT
        evidence[owner or pattern.entity].add(
            Sign("logs", pattern.template, score, text, since, "logs", weight, owner and pattern.entity)
        )


def _in_requests(calls: pa.Table) -> dict[tuple[str, str], _InRequests]:
    found: dict[tuple[str, str], _InRequests] = {}
    columns = ("kind", "entity", "event", "with_after", "share_score", "times_score")
    for kind, entity, event, held, share, times in zip(*(calls[name].to_pylist() for name in columns), strict=True):
        if kind == "line" and entity and event:
            one = found.setdefault((entity, event), _InRequests())
            one.requests += held or 0
            one.score = max(one.score, abs(share or 0.0), abs(times or 0.0))
    return found


def _beyond_traffic(pattern: _Pattern, traced: _InRequests | None) -> float:
    """The score of a pattern; of one that surged no more than its share of the requests shows."""
    score = abs(pattern.score)
    if pattern.kind != "surged" or traced is None or traced.requests < _TRACED * (pattern.count_after or math.inf):
        return score
    return min(score, traced.score)


def _changed(table: pa.Table) -> list[_Pattern]:
    missing = [None] * table.num_rows
    columns = [table[name].to_pylist() for name in _COLUMNS]
    columns += [table[name].to_pylist() if name in table.column_names else missing for name in _FURTHER]
    return [
        _Pattern(entity, template, level or "unknown", kind, score, before or 0.0, after or 0.0, *rest)
        for entity, template, level, kind, score, before, after, *rest in zip(*columns, strict=True)
        if entity and score is not None and kind in _KIND_WEIGHT
    ]


def _told(pattern: _Pattern) -> str:
    rates = f"{pattern.before * 60:.3g} lines a minute before, {pattern.after * 60:.3g} in the window"
    text = f"{pattern.kind} {pattern.level} log pattern, {rates}: {pattern.template}"
    if pattern.exception and pattern.exception not in pattern.template:
        text = f"{text}, threw {pattern.exception}"
    return f"{text}, in {pattern.frame}" if pattern.frame else text


def _blamed(mention: re.Pattern[str] | None, pattern: _Pattern) -> str | None:
    """The other entity that a complaint names.

    In the example only where the complaint is about somebody else: a masked address may have held the name.
    """
    if pattern.level not in ("error", "warning"):
        return None
    named = _named_other(mention, pattern.template, pattern.entity)
    if named is None and pattern.family in OF_OTHERS and pattern.example:
        named = _named_other(mention, pattern.example[:_LOOKED_AT], pattern.entity)
    return named


def _mentions(entities: Collection[str]) -> re.Pattern[str] | None:
    usable = sorted((name for name in entities if len(name) >= _NAME_LENGTH), key=lambda name: (-len(name), name))
    if not usable:
        return None
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, usable))})(?![\w-])")


def _named_other(mention: re.Pattern[str] | None, template: str, entity: str) -> str | None:
    """The one other entity that a line names; nobody if it names several."""
    found = set(mention.findall(template)) - {entity} if mention else set()
    return found.pop() if len(found) == 1 else None
