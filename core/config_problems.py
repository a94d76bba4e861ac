"""Everything that is wrong with a configuration file, each with its line, rather than the first thing alone."""

from __future__ import annotations

import difflib
import re
import tomllib
import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Union

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

_MOST = 50
_LONGEST_TAG = 300
_NEAR = 0.4
_KEY = re.compile(
    r"""\s*((?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*'))*)\s*="""
)
_TABLE = re.compile(r"\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_ONE = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
_PART = re.compile(_ONE)
_KEY = re.compile(rf"\s*({_ONE}(?:\s*\.\s*{_ONE})*)\s*=")
_LINE_OF = re.compile(r"at line (\d+)")

Place = tuple[str, ...]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Args:
        line: counted from 1; `None` where it stands in no line, such as something that is missing altogether.
        setting: by its name; empty where it concerns the file.
        text: what is wrong, without the value.
        remedy: what to do.
    """

    line: int | None
    setting: str
    text: str
    remedy: str


def lines_of(text: str) -> dict[Place, int]:
    """Where each table and key stands; of an array of tables its members by their numbers.

    Strings and arrays over several lines hold no keys. Tables in braces are not looked into: their parts are found
    where the key stands.
    """
    found: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, line in _logical_lines(text):
        header = _TABLE.match(line)
        if header and "=" not in _outside_strings(line.partition("#")[0]):
            table = _parts(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
                table = (*table, str(counts[table]))
            else:
                table = _numbered(table, counts)
            found.setdefault(table, number)
            continue
        key = _KEY.match(line)
        if key:
            place = (*table, *_parts(key[1]))
            for depth in range(len(table) + 1, len(place) + 1):
                found.setdefault(place[:depth], number)
    return found


def _numbered(table: Place, counts: Mapping[Place, int]) -> Place:
    """A table below a member of an array of tables belongs to the newest member."""
    for depth in range(len(table), 0, -1):
        if table[:depth] in counts and depth < len(table):
            return (*table[:depth], str(counts[table[:depth]]), *table[depth:])
    return table


def _parts(dotted: str) -> Place:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))


def _outside_strings(line: str) -> str:
    return re.sub(r'"[^"\n]*"|\'[^\'\n]*\'', "", line)


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that may begin with a key: none inside of a string or an array over several lines."""
    quote, depth = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        begins = not quote and depth <= 0
        rest = line
        while rest:
            if quote:
                _, ended, rest = rest.partition(quote)
                if not ended:
                    break
                quote = ""
                continue
            found = re.search(r'"""|\'\'\'|"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*|[\[\]]', rest)
            if found is None:
                break
            sign, rest = found[0], rest[found.end() :]
            if sign in ('"""', "'''"):
                quote = sign
            elif sign == "[" and not (begins and _TABLE.match(line)):
                depth += 1
            elif sign == "]" and not (begins and _TABLE.match(line)):
                depth -= 1
            elif sign.startswith("#"):
                break
        if begins:
            yield number, line


def line_of(lines: Mapping[Place, int], place: Sequence[str]) -> int | None:
    """The line of a setting, or of what is nearest around it."""
    for depth in range(len(place), 0, -1):
        if tuple(place[:depth]) in lines:
            return lines[tuple(place[:depth])]
    return None


def problems_of(settings: type[BaseModel], text: str) -> tuple[dict[str, Any], list[Problem]]:
    """What a file holds, and what is wrong with it, in the order of the lines.

    Args:
        settings: the model of the whole.
        text: of the file.

    Returns:
        The values as they are written, empty if the text is no TOML; at most fifty problems.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _LINE_OF.search(str(error))
        line = int(found[1]) if found else None
        return {}, [Problem(line, "", "this is no valid TOML", "mend the line; texts stand in quotes")]
    lines = lines_of(text)
    try:
        settings.model_validate(values)
    except ValidationError as error:
        told = [_problem(settings, each, lines) for each in error.errors(include_input=False, include_url=False)]
        return values, sorted(told, key=lambda problem: problem.line or 0)[:_MOST]
    return values, []


def _problem(settings: type[BaseModel], error: Mapping[str, Any], lines: Mapping[Place, int]) -> Problem:
    place, valid = walked(settings, [str(part) for part in error["loc"]])
    name, line = ".".join(place), line_of(lines, place)
    if error["type"] == "extra_forbidden":
        return Problem(line, name, "there is no such setting", hint(place[-1] if place else "", valid))
    if error["type"] == "missing":
        return Problem(line, name, "this setting is required here", f"add `{place[-1]} = …`")
    if error["type"] in _OF_KINDS:
        return Problem(line, name, worded(error), _kind_hint(error, valid))
    meaning = _meaning(settings, [str(part) for part in error["loc"]])
    remedy = f"it stands for {meaning}; see docs/configuration.md" if meaning else "see docs/configuration.md"
    return Problem(line, name, worded(error), remedy)


_OF_KINDS = ("union_tag_invalid", "union_tag_not_found")
_WORDS: Mapping[str, str] = {
    "greater_than": "it has to be more than {gt}",
    "greater_than_equal": "it has to be at least {ge}",
    "less_than": "it has to be less than {lt}",
    "less_than_equal": "it can be at most {le}",
    "string_too_long": "it has more than {max_length} characters",
    "string_too_short": "it needs at least {min_length} characters",
    "too_long": "it has more than {max_length} entries",
    "too_short": "it needs at least {min_length} entries",
    "string_pattern_mismatch": "it has to look like {pattern}",
    "literal_error": "it has to be {expected}",
    "enum": "it has to be {expected}",
    "int_type": "it has to be a whole number",
    "int_parsing": "it has to be a whole number",
    "int_from_float": "it has to be a whole number",
    "float_type": "it has to be a number",
    "float_parsing": "it has to be a number",
    "bool_type": "it has to be true or false",
    "bool_parsing": "it has to be true or false",
    "string_type": "it has to be a text in quotes",
    "tuple_type": 'it has to be a list, such as ["a", "b"]',
    "list_type": 'it has to be a list, such as ["a", "b"]',
    "dict_type": 'it has to be a table, such as { a = "b" }',
    "model_type": "it has to be a table, such as [section]",
    "union_tag_invalid": "there is no `kind` {tag!r}",
    "union_tag_not_found": "it needs a `kind`",
}


def worded(error: Mapping[str, Any]) -> str:
    """What is wrong, in words for whoever wrote the file.

    Args:
        error: one of pydantic's, without its input.
    """
    words, told = _WORDS.get(error["type"]), error.get("ctx") or {}
    try:
        return words.format(**{name: _short(value) for name, value in told.items()}) if words else _plain(error)
    except KeyError:
        return _plain(error)


def _plain(error: Mapping[str, Any]) -> str:
    return str(error["msg"]).removeprefix("Value error, ")


def _short(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:g}"
    return value[:_LONGEST_TAG] if isinstance(value, str) else value


def _kind_hint(error: Mapping[str, Any], valid: set[str]) -> str:
    tag = str((error.get("ctx") or {}).get("tag", ""))
    near = difflib.get_close_matches(tag, sorted(valid), n=1, cutoff=_NEAR)
    kinds = f"one of {', '.join(sorted(valid))}" if valid else "see docs/live.md"
    return f"did you mean {near[0]!r}? It is {kinds}" if near else kinds


def _meaning(model: type[BaseModel], loc: Sequence[str]) -> str:
    """What the nearest setting means that is described."""
    here: Any = model
    found = ""
    for part in loc:
        if isinstance(here, type) and issubclass(here, BaseModel) and part in here.model_fields:
            found = here.model_fields[part].description or ""
        here, _ = _member(here, part)
    return found


def hint(name: str, valid: set[str]) -> str:
    """The nearest valid name, or all of them."""
    near = difflib.get_close_matches(name, sorted(valid), n=1, cutoff=_NEAR)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"valid keys here: {', '.join(sorted(valid))}" if valid else "take it out"


def walked(model: type[BaseModel], loc: Sequence[str]) -> tuple[list[str], set[str]]:
    """Follow where an error lies.

    Args:
        model: of the whole.
        loc: as pydantic tells it: with the kind of a section where several are possible.

    Returns:
        The place as it is written in the file, and the keys that are valid beside its last part; of a section whose
        kind is wrong, the kinds there are.
    """
    place: list[str] = []
    valid: set[str] = set(model.model_fields)
    here: Any = model
    for number, part in enumerate(loc, 1):
        here, kinds = _member(here, part)
        if kinds is None:
            place.append(part)
        if number < len(loc) or kinds is not None:
            valid = set(here.model_fields) if isinstance(here, type) and issubclass(here, BaseModel) else set()
    choices = _kinds(here) if here is not None else {}
    return place, set(choices) or valid


def _member(annotation: Any, part: str) -> tuple[Any, dict[str, Any] | None]:
    """What lies below a part; the second is not `None` where the part names a kind and stands in no file."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        field = annotation.model_fields.get(part)
        return (_annotated(field) if field else None), None
    kinds = _kinds(annotation)
    if part in kinds:
        return kinds[part], kinds
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is Annotated:
        return _member(arguments[0], part)
    if origin in (Union, types.UnionType):
        for member in arguments:
            inner, _ = _member(member, part)
            if inner is not None:
                return inner, None
        return None, None
    if origin in (dict, tuple, list, frozenset, set) or (origin is not None and arguments):
        return (arguments[-1] if arguments[-1] is not Ellipsis else arguments[0]), None
    return None, None


def _annotated(field: FieldInfo) -> Any:
    return Annotated[field.annotation, field] if field.discriminator else field.annotation


def _kinds(annotation: Any) -> dict[str, Any]:
    """The sections of a union that a word in them tells apart."""
    if typing.get_origin(annotation) is not Annotated:
        return {}
    union, *marks = typing.get_args(annotation)
    word = next((mark.discriminator for mark in marks if isinstance(mark, FieldInfo) and mark.discriminator), None)
    if not isinstance(word, str):
        return {}
    found: dict[str, Any] = {}
    for member in typing.get_args(union) or (union,):
        for name in typing.get_args(member.model_fields[word].annotation):
            found[str(name)] = member
    return found
