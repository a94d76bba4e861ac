"""Signs from the artifact of `logs.patterns`: what an entity says now that it did not say before."""

from __future__ import annotations

import re
from collections.abc import Collection

import pyarrow as pa

from .evidence import Evidence, Sign

_LEVEL_WEIGHT = {"error": 1.0, "warning": 0.7, "info": 0.4, "debug": 0.3, "unknown": 0.5}
_KIND_WEIGHT = {"new": 1.0, "surged": 1.0, "vanished": 0.6}
_NAME_LENGTH = 4
"""Shorter names of entities are too likely to be ordinary words."""


def read_patterns(table: pa.Table, entities: Collection[str], evidence: Evidence) -> None:
    """Add a `logs` sign per entity: its most telling pattern.

    An error that was never seen before tells most; lines that stopped coming tell that something does not run any
    more. A complaint that names another entity counts for that one: who says "no answer from X" is the witness, not
    the suspect.

    Args:
        table: the artifact.
        entities: the names of all entities.
        evidence: receives the signs.
    """
    mention = _mentions(entities)
    names = ("entity", "template", "level", "kind", "score", "rate_before_per_s", "rate_after_per_s", "onset_us")
    for entity, template, level, kind, score, before, after, onset in zip(
        *(table[name].to_pylist() for name in names), strict=True
    ):
        if not entity or score is None or kind not in _KIND_WEIGHT:
            continue
        weight = _LEVEL_WEIGHT.get(level or "unknown", 0.5) * _KIND_WEIGHT[kind]
        rates = f"{(before or 0) * 60:.3g} lines a minute before, {(after or 0) * 60:.3g} in the window"
        text = f"{kind} {level} log pattern, {rates}: {template}"
        since = onset if kind != "vanished" else None
        owner = _named_other(mention, template, entity) if level in ("error", "warning") else None
        if owner is not None:
            text = f"{text}, as said by {entity}"
        evidence[owner or entity].add(Sign("logs", template, abs(score), text, since, "logs", weight, owner and entity))


def _mentions(entities: Collection[str]) -> re.Pattern[str] | None:
    usable = sorted((name for name in entities if len(name) >= _NAME_LENGTH), key=lambda name: (-len(name), name))
    if not usable:
        return None
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, usable))})(?![\w-])")


def _named_other(mention: re.Pattern[str] | None, template: str, entity: str) -> str | None:
    """The one other entity that a line names; nobody if it names several."""
    found = set(mention.findall(template)) - {entity} if mention else set()
    return found.pop() if len(found) == 1 else None
