"""The texts inside a JSON value, each with the key it stands under."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ...core.canonical import JsonValue
from ..types import TextWithheld
from .key_names import ITEM, KEY_NAMES, SECRET_DATA, SECRET_KEY, VALUE_NAMES, joined

_DEPTH_LIMIT = 64
# Beside one of these a number is an amount of something: `{"value": 4123456789, "unit": "bytes"}`.
_UNIT_NAMES = ("unit", "units", "uom", "currency", "ccy")
# Shorter numbers hold nothing that could be recognised without a key.
_TELLING = 10**8


class Leaf(NamedTuple):
    """A text and its key, joined with the one above it (`customer.name`); None for a key itself and at the top.

    Items of lists have `[]` behind the name of the list: `phones[]`.
    """

    text: str
    key: str | None


def leaves(value: JsonValue, minds: Callable[[str], bool]) -> list[Leaf]:
    """Texts, keys and numbers of a JSON value that have to be looked at, in a fixed order.

    A number with a fraction is measured or computed, so only its key can make it of interest; one beside a unit stands
    under its name and `amount`, which leaves it to stronger evidence than a check digit.

    `minds` says whether a number is of interest under a key.

    Raises:
        TextWithheld: nested too deep.
    """
    found: list[Leaf] = []

    def collect(leaf: Leaf) -> str:
        found.append(leaf)
        return leaf.text

    _walk(value, (), minds, collect)
    return found


def rebuilt(value: JsonValue, minds: Callable[[str], bool], texts: Sequence[str]) -> JsonValue:
    """The value with `texts` in the places of its `leaves`; a number whose text changed becomes a text."""
    rest = iter(texts)
    return _walk(value, (), minds, lambda _: next(rest))


def _walk(
    value: JsonValue, above: tuple[str, ...], minds: Callable[[str], bool], visit: Callable[[Leaf], str]
) -> JsonValue:
    if len(above) > _DEPTH_LIMIT:
        raise TextWithheld(f"a value is nested deeper than {_DEPTH_LIMIT}", reason="too-deep", remedy="flatten it")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        kept: dict[str, JsonValue] = {}
        for name, item in value.items():
            kept_item = _walk(item, (*above, _named(value, name, item, minds)), minds, visit)
            kept[_unused(visit(Leaf(name, None)), kept)] = kept_item
        return kept
    if not isinstance(value, (str, int, float)):
        items = (*above[:-1], above[-1].removesuffix(ITEM) + ITEM) if above else (ITEM,)
        return [_walk(item, (*items, "") if isinstance(item, list) else items, minds, visit) for item in value]
    key = _key(above)
    if isinstance(value, str):
        return visit(Leaf(value, key))
    written = _written(value)
    is_fraction = isinstance(value, float) and not value.is_integer()
    if (is_fraction or abs(value) < _TELLING) and (key is None or not minds(key)):
        return value
    cleaned = visit(Leaf(written, key))
    return value if cleaned == written else cleaned


def _key(above: Sequence[str]) -> str | None:
    if SECRET_KEY in above:
        return SECRET_KEY
    names = [name for name in above if name.strip(ITEM)]
    return joined(names[:-1], names[-1]) if names else None


def _named(value: Mapping[str, JsonValue], name: str, item: JsonValue, minds: Callable[[str], bool]) -> str:
    """`_telling`; of a number beside a unit, that it is an amount."""
    telling = _telling(value, name)
    is_amount = isinstance(item, (int, float)) and any(isinstance(value.get(unit), str) for unit in _UNIT_NAMES)
    return telling if not is_amount or minds(telling) else f"{telling}_amount"


def _telling(value: Mapping[str, JsonValue], name: str) -> str:
    """The name of a member, or what another member says that it is: `{"name": "DB_PASSWORD", "value": …}`."""
    if name in VALUE_NAMES:
        for other in KEY_NAMES:
            said = value.get(other)
            if isinstance(said, str) and said:
                return said
    if name in SECRET_DATA and value.get("kind") == "Secret":
        return SECRET_KEY
    return name


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
