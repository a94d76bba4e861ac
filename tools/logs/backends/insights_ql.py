r"""Logs Insights QL out of typed filters: whatever a value holds, it stays a value.

Language: Amazon CloudWatch Logs documentation, "CloudWatch Logs Insights language query syntax". It does not say how
quotes are escaped in texts, so no text of others is ever quoted: values that are not plain are regular expressions in
which everything but ASCII letters and digits is its code point (`\x{2f}`), which Java's and RE2's grammar share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..levels import SPELLINGS, Level
from .logql import written_level

QUERY_LIMIT = 9_000
"""Characters of a query; Amazon takes 10,000."""

SHARES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 128, 256, 512, 1_024, 2_048)
"""Every how manieth line can be picked, about."""
_PICK, _SPREAD = 10_007, 7_919
"""Primes: neighbouring milliseconds, whole seconds and whole minutes all spread evenly over the remainders."""

_PLAIN = re.compile(r"[A-Za-z0-9_.:/@-]{1,200}", re.ASCII)
_BARE = re.compile(r"[@A-Za-z][A-Za-z0-9.]*", re.ASCII)


@dataclass(frozen=True)
class InsightsReading:
    """How the fields of lines are read; names of fields are the operator's and checked.

    Args:
        scope: fields that every line must have, with their values.
        entity_fields: name the entity; the first one that is there wins.
        level_fields: name the level; the first one that is there wins.
        body_fields: hold the text; the first one that is there wins, else the whole line.
    """

    scope: tuple[tuple[str, str], ...]
    entity_fields: tuple[str, ...]
    level_fields: tuple[str, ...]
    body_fields: tuple[str, ...]


def insights_filters(
    reading: InsightsReading,
    start_ms: int,
    end_ms: int,
    entities: Sequence[tuple[str, Sequence[str]]] = (),
    *,
    contains: str | None = None,
    levels: Sequence[Level] = (),
    without: Sequence[Level] = (),
    every: int = 1,
    or_written: bool = False,
) -> list[str]:
    """Filters that together find each matching line once; several only where one would be too long.

    Args:
        reading: how fields are read.
        start_ms: milliseconds since the epoch.
        end_ms: the same; lines at it are not found.
        entities: names, each with the groups whose lines are its unless they say something else; none means all.
        contains: plain text in any case.
        levels: of the line's fields; none means all.
        without: levels that a line's fields must not name.
        every: every how manieth line, one of `SHARES`.
        or_written: whether a line without such a field counts by the level that it has in its text.
    """
    at = "toMillis(@timestamp)"
    common = [f"{at} >= {start_ms} and {at} < {end_ms}"]
    common += [_equals(field_name(name), (value,)) for name, value in reading.scope]
    if contains is not None:
        body = first_of((*reading.body_fields, "@message"))
        common.append(f"{body} like /{any_case(contains)}/")
    level = first_of(reading.level_fields)
    if levels:
        either = f"{level} like /^{_spelled(levels)}$/"
        if or_written:
            text = written_level(levels).replace("/", "\\/")
            either = f"({either} or ({_absent(reading.level_fields)} and @message like /{text}/))"
        common.append(either)
    if without:
        common.append(f"({_absent(reading.level_fields)} or {level} not like /^{_spelled(without)}$/)")
    if every > 1:
        common.append(f"(({at} % {_PICK}) * {_SPREAD}) % {_PICK} < {_PICK // every}")
    joined = " | ".join(f"filter {condition}" for condition in common)
    if not entities:
        return [joined]
    entities = [(name, groups) for name, groups in entities if name or groups]
    if not entities:
        return []
    return [f"{joined} | filter {few}" for few in _narrowed(reading, entities, QUERY_LIMIT - len(joined))]


def counted(filters: str, reading: InsightsReading) -> str:
    """How many lines match, by what names the entity, the group and the level."""
    entity, level = first_of(reading.entity_fields), first_of(reading.level_fields)
    return (
        f"fields {entity} as opswarden_entity, {level} as opswarden_level | {filters} "
        "| stats count(*) as lines by opswarden_entity, @log, opswarden_level | limit 10000"
    )


def lines(filters: str, most: int, *, backward: bool = False) -> str:
    """The first lines, or the last."""
    order = "desc" if backward else "asc"
    return f"fields @timestamp, @log, @logStream, @message | {filters} | sort @timestamp {order} | limit {most}"


def first_of(names: Sequence[str]) -> str:
    """The first field that is there."""
    written = [field_name(name) for name in names]
    return written[0] if len(written) == 1 else f"coalesce({', '.join(written)})"


def _absent(names: Sequence[str]) -> str:
    return " and ".join(f"not ispresent({field_name(name)})" for name in names)


def field_name(name: str) -> str:
    """A name as the language takes it; one with other characters than letters, digits and dots in backticks."""
    return name if _BARE.fullmatch(name) else f"`{name}`"


def any_case(text: str) -> str:
    """A regular expression, safe between slashes, that finds this text in any case."""
    return f"(?i:{''.join(_code(char, folded=True) for char in text)})"


def _exactly(values: Iterable[str]) -> str:
    return f"^(?:{'|'.join(''.join(_code(char) for char in value) for value in values)})$"


def _code(char: str, *, folded: bool = False) -> str:
    if char.isascii() and char.isalnum():
        return char
    cases = sorted({char, char.lower(), char.upper()} if folded and not char.isascii() else {char})
    codes = ["".join(f"\\x{{{ord(part):x}}}" for part in case) for case in cases]
    return codes[0] if len(codes) == 1 else f"(?:{'|'.join(codes)})"


def _spelled(levels: Iterable[Level]) -> str:
    words = sorted(spelling for level in levels for spelling in SPELLINGS[level])
    return f"(?i:{'|'.join(words)})"


def _equals(name: str, values: Sequence[str]) -> str:
    """One of these values; what is plain is written plainly, because an index on the field then serves."""
    plain = [value for value in values if _PLAIN.fullmatch(value)]
    others = [value for value in values if not _PLAIN.fullmatch(value)]
    either = []
    if plain:
        quoted = ", ".join(f'"{value}"' for value in plain)
        either.append(f"{name} = {quoted}" if len(plain) == 1 else f"{name} in [{quoted}]")
    if others:
        either.append(f"{name} like /{_exactly(others)}/")
    return either[0] if len(either) == 1 else f"({' or '.join(either)})"


def _narrowed(reading: InsightsReading, entities: Sequence[tuple[str, Sequence[str]]], room: int) -> Iterator[str]:
    """Conditions for the entities, as many in one query as there is room for."""
    batch: list[tuple[str, Sequence[str]]] = []
    for entity in entities:
        if batch and len(_of_entities(reading, [*batch, entity])) > room:
            yield _of_entities(reading, batch)
            batch = []
        batch.append(entity)
    yield _of_entities(reading, batch)


def _of_entities(reading: InsightsReading, entities: Sequence[tuple[str, Sequence[str]]]) -> str:
    entity = first_of(reading.entity_fields)
    groups = [group for _, named in entities for group in named]
    names = [name for name, _ in entities if name]
    either = [_equals(entity, names)] if names else []
    if groups:
        pattern = "|".join("".join(_code(char) for char in group) for group in groups)
        either.append(f"({_absent(reading.entity_fields)} and @log like /(?:^|:)(?:{pattern})$/)")
    return f"({' or '.join(either)})"
