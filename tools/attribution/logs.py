"""Signs from the artifact of `logs.patterns`: what an entity says now that it did not say before."""

from __future__ import annotations

import pyarrow as pa

from .evidence import Evidence, Sign

_LEVEL_WEIGHT = {"error": 1.0, "warning": 0.7, "info": 0.4, "debug": 0.3, "unknown": 0.5}
_KIND_WEIGHT = {"new": 1.0, "surged": 1.0, "vanished": 0.6}
_SHOWN = 120


def read_patterns(table: pa.Table, evidence: Evidence) -> None:
    """Add a `logs` sign per entity: its most telling pattern.

    An error that was never seen before tells most; lines that stopped coming tell that something does not run any more.
    """
    names = ("entity", "template", "level", "kind", "score", "count_before", "count_after", "onset_us")
    for entity, template, level, kind, score, before, after, onset in zip(
        *(table[name].to_pylist() for name in names), strict=True
    ):
        if not entity or score is None or kind not in _KIND_WEIGHT:
            continue
        weight = _LEVEL_WEIGHT.get(level or "unknown", 0.5) * _KIND_WEIGHT[kind]
        shown = template if len(template) <= _SHOWN else f"{template[:_SHOWN]}…"
        text = f"{kind} {level} log pattern, {before} lines before and {after} in the window: {shown}"
        evidence[entity].add(
            Sign("logs", shown, abs(score) * weight, text, onset if kind != "vanished" else None, "logs")
        )
