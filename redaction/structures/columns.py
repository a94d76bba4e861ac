"""Tables whose columns only blanks part, as data frames, spreadsheets and tools for terminals print them.

As many values as names belong to them in their order; with fewer, a value belongs to the name that begins or ends where
it does: text is set to the left, numbers to the right.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import NamedTuple

from ..views.normalise import OPAQUE
from .pairs_found import Pair

_LEAST_NAMES, _MOST_ROWS, _MISFITS, _LONGEST_LINE = 3, 2_000, 2, 1_000
_VALUE = re.compile(r"[^ ]+(?: [^ ]+)*")
# The number of a row in front of its first value, as R prints it.
_NUMBER = re.compile(r" *[0-9]{1,9} +")
_NAME = re.compile(r"[^\W\d][\w.#/()\-]*(?: [\w.#/()\-]+)*")
# No line with another sign in it is a header, nor is one that does not part its names by two blanks or more.
_HEADER = re.compile(r"[ ]*+[^\W\d][\w.#/()\- ]*+\Z")
# Below the names in what shells of databases print: as wide as each column is.
_RULES = re.compile(r"[ ]*-{2,}(?:[ ]+-{2,}){2,}[ ]*\Z")
_RULE = re.compile(r"-+")
# Below the names of a data frame of R stand their types.
_TYPES = re.compile(r"[ ]*<[a-z]{1,8}>(?:[ ]+<[a-z]{1,8}>)*[ ]*\Z|[ \-=]+\Z")


class _Column(NamedTuple):
    name: str
    start: int
    end: int


def columns(text: str) -> Iterator[Pair]:
    """Values below the name that they are set in line with."""
    at = text.find("   ")
    while at >= 0:
        start = text.rfind("\n", 0, at) + 1
        end = _line_end(text, at)
        names = _names(text[start:end]) if end < len(text) and at - start < _LONGEST_LINE else []
        if names:
            below = text[end + 1 : _line_end(text, end + 1)].rstrip()
            if len(below) <= _LONGEST_LINE and _RULES.match(below):
                end = yield from _ruled(text, start, end, [match.span() for match in _RULE.finditer(below)])
            else:
                end = yield from _below(text, end, names)
        at = text.find("   ", end)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end >= 0 else len(text)


def _names(line: str) -> list[_Column]:
    line = line.rstrip()
    if len(line) > _LONGEST_LINE or not _HEADER.match(line):
        return []
    found = [_Column(match.group(), *match.span()) for match in _NAME.finditer(line)]
    return found if len(found) >= _LEAST_NAMES else []


def _below(text: str, at: int, names: list[_Column]) -> Generator[Pair, None, int]:
    misfits = 0
    for _ in range(_MOST_ROWS):
        if at >= len(text):
            break
        start, at = at + 1, _line_end(text, at + 1)
        line = text[start:at].rstrip()
        if _TYPES.match(line):
            continue
        found = list(_values(line, names)) if len(line) <= _LONGEST_LINE else []
        misfits = 0 if len(found) >= _LEAST_NAMES - 1 else misfits + 1
        if misfits == _MISFITS or not line:
            break
        for name, first, last in found:
            yield Pair(name, start + first, False, start + last)
    return at


def _ruled(text: str, start: int, at: int, widths: list[tuple[int, int]]) -> Generator[Pair, None, int]:
    """Below a rule a value lies within its dashes; where something has been hidden in a line it no longer does."""
    names = [text[start:at][slice(*width)].strip() for width in widths]
    at = _line_end(text, at + 1)
    for _ in range(_MOST_ROWS):
        if at >= len(text):
            break
        start, at = at + 1, _line_end(text, at + 1)
        line = text[start:at]
        if not line.strip():
            break
        for name, (first, last) in zip(names, widths, strict=True) if OPAQUE not in line else ():
            value = line[first:last]
            if name and value.strip():
                begins = start + first + len(value) - len(value.lstrip())
                yield Pair(name, begins, False, begins + len(value.strip()))
    return at


def _values(line: str, names: list[_Column]) -> Iterator[tuple[str, int, int]]:
    parts = [match.span() for match in _VALUE.finditer(line)]
    if len(parts) == len(names) + 1 and line[slice(*parts[0])].isdigit():
        del parts[0]  # the number of the row, which has no name
    if len(parts) == len(names):
        number = _NUMBER.match(line, 0, names[0].start)
        if number is not None and number.end() == names[0].start:
            parts[0] = (number.end(), parts[0][1])
        yield from ((column.name, *part) for column, part in zip(names, parts, strict=True))
    elif OPAQUE not in line:  # what has been hidden is shorter than it was
        yield from _aligned(line, names)


def _aligned(line: str, names: list[_Column]) -> Iterator[tuple[str, int, int]]:
    done = 0
    for place, column in enumerate(names):
        following = names[place + 1].start if place + 1 < len(names) else len(line)
        if (
            column.start < len(line)
            and line[column.start] != " "
            and line[column.start - 1 : column.start] in ("", " ")
        ):
            first = column.start
            last = line.find("  ", first)
            last = len(line) if last < 0 else last
            if following < last and line[following - 1] == " ":
                last = following
        elif (
            0 < column.end <= len(line)
            and line[column.end - 1] != " "
            and line[column.end : column.end + 1] in ("", " ")
        ):
            last = column.end
            first = max(line.rfind("  ", 0, last) + 2, done)
        else:
            continue
        value = line[first:last].strip()
        first += len(line[first:last]) - len(line[first:last].lstrip())
        if value:
            done = first + len(value)
            yield column.name, first, done
