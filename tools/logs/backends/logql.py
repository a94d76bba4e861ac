"""LogQL out of typed filters: whatever a value holds, it stays a value.

Grammar: Loki documentation, "Log queries" and "Metric queries" (string literals follow Go's escaping; matchers and
label filters are RE2, anchored at both ends; a line filter is not anchored).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ...metrics.backends.promql import Matcher, any_of, quoted, selector
from ..levels import SPELLINGS, Level
from ..structured import LEVEL_KEYS

QUERY_LIMIT = 4_800
"""Characters of a query; Loki before 2.8 refuses more than 5,120."""

_PICK = "opswarden_pick"
_PRIME = 10_007
SHARES = (1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100, 125, 200, 250, 500, 1_000)
"""Every how manieth line can be picked."""


@dataclass(frozen=True)
class Reading:
    """How the labels of a system are read.

    Args:
        scope: every stream must have these.
        entity_labels: name the entity; the first one that is there wins.
        level_labels: name the level; the first one that is there wins.
    """

    scope: tuple[Matcher, ...]
    entity_labels: tuple[str, ...]
    level_labels: tuple[str, ...]

    @property
    def streams(self) -> str:
        """All streams; Loki wants one condition that nothing empty meets."""
        return selector(self.scope or (Matcher(self.entity_labels[0], "=~", ".+"),))


def log_queries(
    reading: Reading,
    entities: Sequence[str] = (),
    *,
    contains: str | None = None,
    levels: Sequence[Level] = (),
    without: Sequence[Level] = (),
    every: int = 1,
    or_written: bool = False,
) -> list[str]:
    """Queries that together find each matching line once; several only where one would be too long.

    Args:
        reading: how labels are read.
        entities: no name means all.
        contains: plain text in any case.
        levels: of the line's labels; none means all.
        or_written: whether a line without such a label counts by the level that it has in its text.
        without: levels that a line's labels must not name.
        every: every how manieth line, one of `SHARES`.
    """
    holds = [] if contains is None else [f"|~ {quoted(f'(?i){any_of((contains,))}')}"]
    kinds = [[f"| {_first_is(reading.level_labels, spellings(levels))}"]] if levels else [[]]
    if levels and or_written:
        none = " and ".join(f'{label}=~"|unknown"' for label in reading.level_labels)
        kinds.append([f"|~ {quoted(written_level(levels))}", f"| {none}"])
    rest = [f"| {_first_is_not(reading.level_labels, spellings(without))}"] if without else []
    queries = []
    for kind in kinds:
        stages = [*holds, *kind, *rest, *picked(every)]
        room = QUERY_LIMIT - len(" ".join([reading.streams, *stages]))
        queries += [" ".join([reading.streams, *few, *stages]) for few in _narrowed(reading, entities, room)]
    return queries


def counted(query: str, length_ms: int, labels: Iterable[str]) -> str:
    """How many lines a query finds in so many milliseconds, by labels or altogether."""
    named = ",".join(labels)
    return f"sum{f' by ({named})' if named else ''} (count_over_time({query} [{length_ms}ms]))"


def picked(every: int) -> list[str]:
    """Stages that let every so manieth line pass, by the rest of its time in nanoseconds by a prime.

    Lines come in rhythms, and whoever counts in seconds, milliseconds or beats of a timer would see all of one rhythm
    and none of another. What repeats meets every rest of a prime that its beat is no multiple of.
    """
    if every == 1:
        return []
    return [
        f'| label_format {_PICK}="{{{{ mod (__timestamp__ | unixEpochNanos) {_PRIME} }}}}"',
        f"| {_PICK} < {_PRIME // every}",
        f"| drop {_PICK}",
    ]


def spellings(levels: Iterable[Level]) -> str:
    """A regular expression that matches how a level is written."""
    return f"(?i:{any_of(sorted(spelling for level in levels for spelling in SPELLINGS[level]))})"


def written_level(levels: Iterable[Level]) -> str:
    """A regular expression for lines that name a level: in JSON, in logfmt, or in capitals near their start."""
    words = any_of(sorted(text for level in levels for text in SPELLINGS[level] if len(text) > 2))
    in_json = rf'(?i:"(?:{LEVEL_KEYS})"\s*:\s*"?(?:{words})\b)'
    in_logfmt = rf'(?i:(?:^|\s)(?:{LEVEL_KEYS})="?(?:{words})\b)'
    return rf"{in_json}|{in_logfmt}|^(?:.{{0,90}}[\s\[|(<])?(?:{words})(?:[\s\]|:,)>]|$)"


def _narrowed(reading: Reading, entities: Sequence[str], room: int) -> Iterator[list[str]]:
    """Filters for the entities, as many in one query as there is room for."""
    if not entities:
        yield []
        return
    batch: list[str] = []
    for entity in dict.fromkeys(entities):
        if batch and len(_of_entities(reading, [*batch, entity])) > room:
            yield [_of_entities(reading, batch)]
            batch = []
        batch.append(entity)
    yield [_of_entities(reading, batch)]


def _of_entities(reading: Reading, entities: Sequence[str]) -> str:
    named = [entity for entity in entities if entity]
    either = [_first_is(reading.entity_labels, any_of(named))] if named else []
    if len(named) < len(entities):
        either.append("(" + " and ".join(f'{label}=""' for label in reading.entity_labels) + ")")
    return f"| {' or '.join(either)}"


def _first_is(labels: Sequence[str], pattern: str) -> str:
    """The first label that is there matches."""
    label, *others = labels
    here = f"{label}=~{quoted(pattern)}"
    return f'({here} or ({label}="" and {_first_is(others, pattern)}))' if others else here


def _first_is_not(labels: Sequence[str], pattern: str) -> str:
    label, *others = labels
    here = f"{label}!~{quoted(pattern)}"
    return f'({here} and ({label}!="" or {_first_is_not(others, pattern)}))' if others else here
