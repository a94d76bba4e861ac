"""The texts inside a JSON value, each with the key it stands under."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ..core.canonical import JsonValue
from .types import TextWithheld

_DEPTH_LIMIT = 64
# Shorter numbers hold nothing that could be recognised without a key.
_TELLING = 10**8


class Leaf(NamedTuple):
    """A text and its key, joined with the key above it (`customer.name`); None for a key itself and at the top."""

    text: str
    key: str | None


def leaves(value: JsonValue, minds: Callable[[str], bool]) -> list[Leaf]:
    """Texts, keys and numbers of a JSON value that have to be looked at, in a fixed order.

    `minds` says whether a number is of interest under a key.

    Raises:
        TextWithheld: nested too deep.
    """
    found: list[Leaf] = []

    def collect(leaf: Leaf) -> str:
        found.append(leaf)
        return leaf.text

    _walk(value, None, 0, minds, collect)
    return found


def rebuilt(value: JsonValue, minds: Callable[[str], bool], texts: Sequence[str]) -> JsonValue:
    """The value with `texts` in the places of its `leaves`; a number whose text changed becomes a text."""
    rest = iter(texts)
    return _walk(value, None, 0, minds, lambda _: next(rest))


def _walk(
    value: JsonValue, key: str | None, depth: int, minds: Callable[[str], bool], visit: Callable[[Leaf], str]
) -> JsonValue:
    if depth > _DEPTH_LIMIT:
        raise TextWithheld(f"a value is nested deeper than {_DEPTH_LIMIT}", reason="too-deep", remedy="flatten it")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return visit(Leaf(value, key))
    if isinstance(value, (int, float)):
        written = _written(value)
        if abs(value) < _TELLING and (key is None or not minds(key)):
            return value
        cleaned = visit(Leaf(written, key))
        return value if cleaned == written else cleaned
    if isinstance(value, Mapping):
        kept: dict[str, JsonValue] = {}
        for name, item in value.items():
            path = name if key is None else f"{key.rpartition('.')[2]}.{name}"
            kept_item = _walk(item, path, depth + 1, minds, visit)
            kept[_unused(visit(Leaf(name, None)), kept)] = kept_item
        return kept
    return [_walk(item, key, depth + 1, minds, visit) for item in value]


def _written(value: int | float) -> str:
    """Digits without an exponent where a number is whole."""
    return f"{value:.0f}" if isinstance(value, float) and value.is_integer() else str(value)


def _unused(name: str, taken: Mapping[str, JsonValue]) -> str:
    """Two keys that became the same placeholder stay two."""
    candidate, count = name, 1
    while candidate in taken:
        count += 1
        candidate = f"{name} ({count})"
    return candidate
