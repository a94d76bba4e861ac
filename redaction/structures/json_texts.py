"""The texts inside a JSON value, each with the key it stands under."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ...core.canonical import JsonValue
from ..evidence.diagnosis import LISTS
from ..types import TextWithheld
from .key_names import ITEM, KEY_NAMES, SECRET_DATA, SECRET_KEY, VALUE_NAMES, joined, key_words

_DEPTH_LIMIT = 64
# Beside one of these a number is an amount of something: `{"value": 4123456789, "unit": "bytes"}`.
_UNIT_NAMES = ("unit", "units", "uom", "currency", "ccy")
# What the columns of rows are called: `{"columns": ["cpf"], "rows": [["52998224725"]]}`; names, or objects with a name.
_COLUMN_NAMES = ("columns", "column_names", "columnNames", "fields", "headers", "header", "cols")
_AXES = {"lat": "latitude", "lon": "longitude", "long": "longitude"}
_CELL = "cell"
_FLAG = re.compile(r"--?([A-Za-z][\w\-]{1,63})\Z")
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
        columns = _columns(value)
        for name, item in value.items():
            named = (*above, _named(value, name, item, minds))
            if columns and (rows := _rows(item, len(columns))):
                kept_item: JsonValue = [
                    [_walk(cell, (*above, column), minds, visit) for column, cell in zip(columns, row, strict=True)]
                    for row in rows
                ]
            else:
                kept_item = _walk(item, named, minds, visit)
            kept[_unused(visit(Leaf(name, None)), kept)] = kept_item
        return kept
    if not isinstance(value, (str, int, float)):
        return _items(value, above, minds, visit)
    key = _key(above)
    if isinstance(value, str):
        return visit(Leaf(value, key))
    written = _written(value)
    is_fraction = isinstance(value, float) and not value.is_integer()
    if (is_fraction or abs(value) < _TELLING) and (key is None or not minds(key)):
        return value
    cleaned = visit(Leaf(written, key))
    return value if cleaned == written else cleaned


def _items(
    value: Sequence[JsonValue], above: tuple[str, ...], minds: Callable[[str], bool], visit: Callable[[Leaf], str]
) -> list[JsonValue]:
    """Items of a list; one behind a flag stands under the flag, as arguments of a command do."""
    items = (*above[:-1], above[-1].removesuffix(ITEM) + ITEM) if above else (ITEM,)
    # `rows` and `items` count, and say nothing of what stands in a list of them.
    is_list_of_things = bool(above) and not LISTS.isdisjoint(key_words(above[-1])[-1:])
    found: list[JsonValue] = []
    before: JsonValue = None
    for item in value:
        flag = _FLAG.match(before) if isinstance(before, str) and isinstance(item, str) else None
        under: tuple[str, ...]
        if flag:
            under = (*items, flag[1])
        elif is_list_of_things and not isinstance(item, Mapping):
            under = (*above[:-1], _CELL)
        else:
            under = (*items, "") if isinstance(item, list) else items
        found.append(_walk(item, under, minds, visit))
        before = item
    return found


def _columns(value: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """What the columns of the rows beside are called; empty where nothing says so."""
    for name in _COLUMN_NAMES:
        said = value.get(name)
        if isinstance(said, list) and said:
            names = [each.get("name") if isinstance(each, Mapping) else each for each in said]
            if all(isinstance(each, str) for each in names):
                return tuple(map(str, names))
    return ()


def _rows(item: JsonValue, width: int) -> list[list[JsonValue]]:
    """The rows of a table of this width; empty if it is none."""
    if not isinstance(item, list):
        return []
    rows = [row for row in item if isinstance(row, list) and len(row) == width]
    return rows if len(rows) == len(item) else []


def _key(above: Sequence[str]) -> str | None:
    if SECRET_KEY in above:
        return SECRET_KEY
    names = [name for name in above if name.strip(ITEM)]
    return joined(names[:-1], names[-1]) if names else None


def _named(value: Mapping[str, JsonValue], name: str, item: JsonValue, minds: Callable[[str], bool]) -> str:
    """`_telling`; of a number beside a unit, that it is an amount, and of two axes that they are no latency."""
    telling = _telling(value, name)
    if telling in _AXES and any(axis in value for axis in _AXES if _AXES[axis] != _AXES[telling]):
        return _AXES[telling]
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
