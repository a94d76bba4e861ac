"""Cells of tables under the names of their columns: CSV, TSV, pipes, Markdown, and what database shells print."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from operator import attrgetter
from typing import NamedTuple

from .pairs_found import Pair

# A line of names and nothing else, with one kind of separator between them; a frame of pipes may stand around it.
_NAME = r"""["'`]?[^\W\d][\w.#/()\-]{0,63}(?: [\w.#/()\-]{1,40}){0,4}["'`]?"""
_BLANKS = r"[ ]{0,40}"
# No line with another sign in it is one; that is told at once of most lines of a log.
_ONLY_NAMES = r"(?=[^\n!$%&*+:<=>?@\[\\\]^{}~]*+(?:\n|\Z))"
_HEADER = re.compile(
    rf"\n{_ONLY_NAMES}(?P<edge>[ \t]{{0,8}}\|)?[ \t]{{0,8}}"
    rf"(?P<names>{_NAME}{_BLANKS}(?:(?P<separator>[,;|\t])[ ]{{0,40}}+{_NAME}{_BLANKS}"
    rf"(?:(?P=separator)[ ]{{0,40}}+(?:{_NAME})?{_BLANKS}){{0,120}}))\|?[ \t\r]{{0,8}}(?=\n|\Z)"
)
# The lines between header and rows, and around them: `|---|:--:|`, `-----+-----`, `+---+---+`.
_RULE = re.compile(r"[ \t]*[|+]?[ \t]*:?-{2,200}:?[ \t|+:\-]*\r?$")
# What `pg_dump` and `psql` write in front of rows with tabs between the values.
_COPY = re.compile(r"\nCOPY [\w.\"]{1,130} \((?P<names>[\w\", ]{1,4000})\) FROM stdin;(?=\r?\n)")
# One row as lines of names and values, as `psql` and others print it with `\\x`.
_EXPANDED = re.compile(
    r"(?m)^-\[ RECORD [0-9]{1,9} \][\-+]*\r?\n((?:[ \t]*[^\s|][^|\n]{0,63}\|[^\n]*+(?:\n|\Z)){1,400}+)"
)
_MEMBER = re.compile(r"(?m)^[ \t]*([^\s|][^|\n]*?)[ \t]*\|[ \t]*+([^\n\r]+)")
_EDGE = re.compile(r"[ \t]{0,8}\|")
_LONGEST_CELL = 4096
_CELLS = {
    separator: re.compile(
        rf"""[ ]{{0,40}}(?:"((?:[^"]|""){{0,{_LONGEST_CELL}}}+)"|'((?:[^'\n]|''){{0,{_LONGEST_CELL}}}+)'"""
        rf"""|([^{re.escape(separator)}\n\r]{{0,{_LONGEST_CELL}}}+))[ ]{{0,40}}(?={re.escape(separator)}|\r?\n|\r?\Z)"""
    )
    for separator in ",;|\t"
}
_MISFITS = 3


class _Header(NamedTuple):
    start: int
    end: int
    names: list[str]
    separator: str
    edge: bool


def cells(text: str) -> Iterator[Pair]:
    """Every cell below a header, as long as the rows have as many cells as the header has names."""
    at = -1
    rows = list(_EXPANDED.finditer(text)) if "-[ RECORD " in text else []
    for row in rows:
        for member in _MEMBER.finditer(text, row.start(1), row.end(1)):
            yield Pair(member[1], member.start(2), False, member.end(2))
    later = iter(rows)
    row_ahead = next(later, None)
    for header in sorted(_headers(text), key=attrgetter("start")):
        while row_ahead is not None and row_ahead.end() <= header.start:
            row_ahead = next(later, None)
        if header.start >= at and (row_ahead is None or header.start < row_ahead.start()):
            at = yield from _rows(text, header)


def open_header(text: str) -> str:
    """The header of a table whose rows reach to the end of a text, for rows that follow elsewhere; or nothing."""
    at = -1
    for header in sorted(_headers(text), key=attrgetter("start")):
        if header.start < at:
            continue
        rows = _rows(text, header)
        try:
            while True:
                next(rows)
        except StopIteration as end:
            at = end.value
        if at >= len(text.rstrip("\r\n")):
            return text[max(0, header.start) : header.end].lstrip("\n")
    return ""


def _headers(text: str) -> Iterator[_Header]:
    """Every line that may be a header; rows of words look like one too."""
    # What stands on the first line has no line break in front of it.
    first = f"\n{text[: text.find(chr(10), 0, _LONGEST_CELL) + 1]}"
    if (match := _HEADER.match(first)) and not _PAIRED.match(match["names"]):
        yield _header(match, -1)
    for match in _HEADER.finditer(text):
        if not _PAIRED.match(match["names"]):
            yield _header(match, 0)
    if "COPY " in text:
        if match := _COPY.match(first):
            yield _Header(0, match.end() - 1, _names(match["names"], ","), "\t", False)
        for match in _COPY.finditer(text):
            yield _Header(match.start(), match.end(), _names(match["names"], ","), "\t", False)


# Lines of `'name', 'value'`, as proxies print headers, are a list of pairs and no table.
_PAIRED = re.compile(r"'[\w.\-]{1,64}',[ ]?'[^'\n]{0,400}'\Z")


def _header(match: re.Match[str], by: int) -> _Header:
    separator = match["separator"]
    return _Header(
        match.start() + by,
        match.end() + by,
        _names(match["names"], separator),
        separator,
        match["edge"] is not None,
    )


def _names(header: str, separator: str) -> list[str]:
    return [name.strip(" \t\"'`|") for name in header.split(separator)]


def _rows(text: str, header: _Header) -> Generator[Pair, None, int]:
    """The cells of the rows below a header; returns where the table ends."""
    misfits, at = 0, header.end
    while at < len(text) and misfits < _MISFITS:
        at += 1 + (text[at] == "\r")
        line_end = _line_end(text, at)
        if _is_rule(text, at, line_end):
            at = line_end
            continue
        found, end = _row(text, at, header)
        if found:
            misfits = 0
            yield from (
                Pair(name, start, False, last)
                for name, (start, last) in zip(header.names, found, strict=True)
                if start < last
            )
            at = end
        else:
            misfits += 1
            if at == line_end or text.startswith(("\\.", "--"), at):
                return line_end
            if misfits == _MISFITS:
                break
            at = line_end
    return at


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end >= 0 else len(text)


def _is_rule(text: str, at: int, line_end: int) -> bool:
    return text[at : at + 1] in "|+-: " and line_end - at < 4096 and _RULE.match(text[at:line_end]) is not None


def _row(text: str, at: int, header: _Header) -> tuple[list[tuple[int, int]], int]:
    """Where the cells of one row lie, and its end; no cells if it has not as many as it should."""
    count, separator, edge = len(header.names), header.separator, header.edge
    pattern = _CELLS[separator]
    found: list[tuple[int, int]] = []
    if edge:
        frame = _EDGE.match(text, at)
        if frame is None:
            return [], at
        at = frame.end()
    while len(found) < count:
        match = pattern.match(text, at)
        if match is None:
            return [], at
        group = match.lastindex or 3
        start, end = match.span(group)
        if group == 3:
            end = start + len(match[3].rstrip())
        found.append((start, end))
        at = match.end()
        if text[at : at + 1] != separator:
            break
        at += 1
    else:
        # As many as there should be, and a separator behind the last one: the frame of the table, or one too many.
        rest = text[at : _line_end(text, at)]
        if rest.strip(" \t\r"):
            return [], at
        at += len(rest)
    if len(found) != count or text[at : at + 1] not in ("", "\n", "\r"):
        return [], at
    return found, at
