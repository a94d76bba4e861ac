"""What an entity does within one request: from the span that reaches it until it has answered.

A *request* is an entry span (the root of a trace, or a span whose parent is of another entity) with all spans of the
same entity below it. Its *events* are the calls to other entities that leave it, the operations that it runs inside,
and the kinds of log lines it writes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..logs.levels import speaks_of_trouble
from ..logs.mining import templates_of
from .forest import Bools, Forest, Ints
from .spans import Spans

CALL, INSIDE, LINE = 0, 1, 2
KINDS = ("call", "inside", "line")


@dataclass(frozen=True)
class Requests:
    """Requests and their events.

    Args:
        owner: (n,) per span the row of the entry span of its request.
        event_owner: (m,) per event the entry span of its request.
        event_key: (m,) index into `keys`.
        event_row: (m,) the span of the event; of a line the span it was written in.
        keys: kind, entity and operation or template, level of a line.
    """

    owner: Ints
    event_owner: Ints
    event_key: Ints
    event_row: Ints
    keys: tuple[tuple[int, str, str, str | None], ...]

    @property
    def is_trouble(self) -> Bools:
        """Which keys speak of failure: lines at level error, operations and unlevelled lines with a word of failure."""
        return np.array([_is_trouble(*key) for key in self.keys], np.bool_)

    def went_wrong(self, forest: Forest) -> Bools:
        """(n,) the entry spans of requests in which a span failed or something spoke of failure."""
        wrong = np.zeros(len(forest), np.bool_)
        wrong[self.owner[forest.failed]] = True
        if len(self.event_key):
            wrong[self.event_owner[self.is_trouble[self.event_key]]] = True
        return wrong


def _is_trouble(kind: int, _entity: str, text: str, level: str | None) -> bool:
    return level == "error" or (level in (None, "unknown") and speaks_of_trouble(text))


def requests_of(forest: Forest, spans: Spans) -> Requests:
    """Find the requests and what happens within them."""
    is_entry = entries(forest)
    owner = np.arange(len(forest))
    for members in forest.levels[1:]:
        owner[members] = np.where(is_entry[members], members, owner[forest.parent[members]])
    calls = np.flatnonzero(is_entry & (forest.parent >= 0))
    inside = np.flatnonzero(~is_entry)
    places = len(forest.names) * forest.entity + forest.name
    line_rows, line_codes, texts = _lines(spans)
    rows = np.concatenate((calls, inside, line_rows))
    kind = np.repeat(np.array([CALL, INSIDE, LINE]), [len(calls), len(inside), len(line_rows)])
    detail = np.concatenate((places[calls], places[inside], line_codes))
    wide = int(max(len(forest.names) * len(forest.entities), len(texts), 1))
    values, key = np.unique(kind * wide + detail, return_inverse=True)
    keys = []
    for value in values.tolist():
        which, code = divmod(value, wide)
        if which == LINE:
            keys.append((which, "", *texts[code]))
        else:
            entity, name = divmod(code, len(forest.names))
            keys.append((which, forest.entities[entity], forest.names[name], None))
    owners = np.concatenate((owner[forest.parent[calls]], owner[inside], owner[line_rows]))
    return Requests(owner, owners, key.astype(np.int64), rows, tuple(keys))


def entries(forest: Forest) -> Bools:
    """Which spans are where a request reaches an entity."""
    found = forest.parent < 0
    below = ~found
    found[below] = forest.entity[below] != forest.entity[forest.parent[below]]
    return found


def _lines(spans: Spans) -> tuple[Ints, Ints, list[tuple[str, str]]]:
    """Span, code and (template, level) of every line."""
    if not spans.lines.num_rows:
        return np.empty(0, np.int64), np.empty(0, np.int64), []
    masked = spans.lines["masked"].unify_dictionaries().combine_chunks()
    level = spans.lines["level"].unify_dictionaries().combine_chunks()
    texts = masked.dictionary.to_pylist()
    codes_of = np.asarray(masked.indices.to_numpy(), np.int64)
    found, templates = templates_of(texts, np.bincount(codes_of, minlength=len(texts)).tolist())
    numbers = np.array(found, np.int64)
    levels = level.dictionary.to_pylist()
    code = numbers[codes_of] * len(levels) + level.indices.to_numpy()
    used, codes = np.unique(code, return_inverse=True)
    pairs = [(templates[value // len(levels)], levels[value % len(levels)]) for value in used.tolist()]
    return np.asarray(spans.lines["span"].to_numpy(), np.int64), codes.astype(np.int64), pairs
