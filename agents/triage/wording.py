"""What a sentence says beside numbers: which way something went, what began first, and that something is not there.

Only words that are recognised are checked; a sentence that says none of it is checked for its numbers, names and
quotations alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from .rows import Row, Way, rows_of, usable
from .types import Evidence

CLOCKS_DIFFER = timedelta(minutes=5)
"""How much later a cause may seem to begin than its effect: sampling and clocks differ; as for changes."""

_WAYS: Mapping[Way, re.Pattern[str]] = {
    "up": re.compile(
        r"\b(?:rose|rises?|risen|rising|increas\w+|grew|grows?|climb\w*|surg\w+|spik\w+|jump\w*|doubled|tripled"
        r"|went up|goes up|higher|slower|worse(?:ned)?)\b",
        re.IGNORECASE,
    ),
    "down": re.compile(
        r"\b(?:fell|falls?|fallen|falling|dropp?\w*|decreas\w+|declin\w+|shrank|sank|halved|collaps\w+"
        r"|went down|goes down|lower|faster)\b",
        re.IGNORECASE,
    ),
}
_CLAUSE = re.compile(r"[;,.:]\s|\b(?:while|whereas|but|because|and|then|so|which|as)\b", re.IGNORECASE)
_FORTH = re.compile(
    r"\b(?:caus(?:es|ed|ing)|led to|leads to|leading to|trigger(?:s|ed|ing)|broke|breaks|slow(?:s|ed) down"
    r"|before|preced(?:es|ed)|ahead of|propagat(?:es|ed) to|spread to|result(?:s|ed) in)\b",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\b(?:caused by|because of|due to|triggered by|broken by|after|follow(?:s|ed|ing)|result of|stems? from)\b",
    re.IGNORECASE,
)
_ABSENT = re.compile(
    r"\b(?:no|without(?: any)?|not (?:a single|any)|zero|nothing in|none of)\s+(?:[\w-]+\s+){0,2}?"
    r"(?P<what>error|failure|exception|change|deploy|rollout|promotion|alert|line|log|span|trace|shift|anomal)",
    re.IGNORECASE,
)
_CALM = re.compile(
    r"\b(?:did(?: not|n't) (?:move|change|rise|fall|fail|shift)|(?:is|was|are|were|stayed|remained) (?:healthy|normal"
    r"|unaffected|quiet|unchanged|as usual)|has no (?:sign|trouble))\b",
    re.IGNORECASE,
)
_TOPICS: Mapping[str, tuple[str, ...]] = {
    "error": ("logs", "traces"), "failure": ("logs", "traces"), "exception": ("logs",), "change": ("changes",),
    "deploy": ("changes",), "rollout": ("changes",), "promotion": ("changes",), "alert": ("alerts",),
    "line": ("logs",), "log": ("logs",), "span": ("traces",), "trace": ("traces",), "shift": ("metrics",),
    "anomal": ("metrics", "logs", "traces"), "calm": ("metrics", "logs", "traces"),
}  # fmt: skip
"""Of what a sentence says that there is none, and the domains of tools whose evidence can show that."""
_COUNTERS: Mapping[str, tuple[str, ...]] = {
    "metrics": ("series_shifted",),
    "traces": ("operations_slower", "operations_failing_more"),
    "changes": ("changes",),
    "logs": ("lines_matched",),
}
"""How many rows there are in all, where a list shows some."""


def wrong_way(text: str, evidence: Sequence[Evidence], names: Callable[[str], Collection[str]]) -> str:
    """A direction against the rows of the entities, and of the metrics, that a clause names.

    Args:
        text: a sentence.
        evidence: cited.
        names: the known entities that stand in a text.
    """
    rows = list(rows_of(usable(evidence)))
    metrics = {str(row.values["metric"]) for row in rows if row.values.get("metric")}
    for clause in _CLAUSE.split(text):
        said = [way for way, pattern in _WAYS.items() if pattern.search(clause)]
        if len(said) != 1:
            continue
        entities, named = names(clause) or names(text), {name for name in metrics if name in clause}
        about = [row for row in rows if row.entity in entities and row.ways]
        about = [row for row in about if row.values.get("metric") in named] if named else about
        if about and not any(said[0] in row.ways for row in about):
            return "the cited evidence shows the opposite direction"
    return ""


def wrong_order(text: str, began: Mapping[str, datetime], names: Callable[[str], Collection[str]]) -> str:
    """A cause that began after its effect, by the onsets in all evidence.

    Args:
        text: a sentence.
        began: onset by entity.
        names: the known entities that stand in a text.
    """
    for pattern, is_forth in ((_BACK, False), (_FORTH, True)):
        for match in pattern.finditer(text):
            if is_forth and _BACK.match(text, match.start()):
                continue
            left, right = names(text[: match.start()]), names(text[match.end() :])
            causes, effects = (left, right) if is_forth else (right, left)
            for cause in causes:
                for effect in effects:
                    if cause != effect and is_later(began, cause, effect):
                        return "by the evidence the cause began after its effect"
    return ""


def is_later(began: Mapping[str, datetime], one: str, other: str) -> bool:
    """Whether the trouble of one entity certainly began after that of another."""
    return one in began and other in began and began[one] > began[other] + CLOCKS_DIFFER


def denies(text: str) -> str:
    """Of what a sentence says that there is none; empty if it says nothing of the kind."""
    if match := _ABSENT.search(text):
        return match["what"].casefold()
    return "calm" if _CALM.search(text) else ""


def wrong_denial(what: str, evidence: Sequence[Evidence], entities: Collection[str]) -> str:
    """Whether evidence shows that something is not there: it must cover it, show all there is, and not show it.

    Args:
        what: as `denies` gives it.
        evidence: cited, results without data among it.
        entities: that the sentence names; with none it speaks of everything in the scope.
    """
    domains = _TOPICS[what]
    fitting = [item for item in evidence if item.tool.partition(".")[0] in domains]
    wanted = entities or {""}
    for entity in wanted:
        covering = [item for item in fitting if _covers(item, entity)]
        if not covering:
            return "what is said not to be there is not covered by the cited evidence"
        if any(_shows(row, what) for row in rows_of(usable(fitting)) if not entity or row.entity == entity):
            return "the cited evidence shows what is said not to be there"
    return ""


def _covers(item: Evidence, entity: str) -> bool:
    """Whether a result looked at an entity and shows everything of it."""
    if item.status not in ("ok", "no_data"):
        return False
    filters: Any = item.scope.get("filters")
    filters = filters if isinstance(filters, Mapping) else {}
    about = filters.get("entity") or filters.get("entities")
    if about is not None and about != entity:
        return False
    if any(name not in ("entity", "entities", "levels", "lookback_s", "limit") for name in filters):
        return False
    summary = item.summary if isinstance(item.summary, Mapping) else {}
    rows = list(rows_of([item]))
    counted = sum(int(summary.get(name) or 0) for name in _COUNTERS.get(item.tool.partition(".")[0], ()))
    # Lists are ordered by weight: where the last row is as usual, everything that is not stands above it.
    return counted <= len(rows) or (bool(rows) and not rows[-1].stands_out and rows[-1].score > 0)


def _shows(row: Row, what: str) -> bool:
    values = row.values
    if what in ("error", "failure", "exception"):
        return any(float(values.get(name) or 0) > 0 for name in ("errors_after", "error_rate_after")) or (
            values.get("level") == "error" and values.get("count_after") != 0
        )
    if what in ("shift", "anomal", "calm"):
        return row.stands_out
    return row.speaks
