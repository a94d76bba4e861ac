"""Values that drivers print apart from their statement, under the columns whose places they take in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from .pairs_found import Pair

_MARK = r"\?|%s|\$[0-9]{1,3}|:[a-z]\w{0,60}"
_NAME = r"[\"`\[]?[A-Za-z_]\w{0,63}[\"`\]]?"
# A column and the mark it is compared with or set to, or one more mark of a list.
_PLACE = re.compile(
    rf"(?:(?:{_NAME}\.){{0,3}}({_NAME})\s{{0,4}}(?:<=|>=|<>|!=|[=<>]|\b(?:not\s)?(?:i?like|in)\b)\s{{0,4}}\(?\s{{0,4}}"
    rf"|(?P<more>,)\s{{0,4}}|\b(?:limit|offset|between|and)\s{{1,4}}|\(\s{{0,4}})({_MARK})(?!\w)",
    re.IGNORECASE,
)
_COLUMNS = re.compile(
    rf"\b(?:insert|replace|upsert)\b[^()\n;]{{1,300}}\(\s{{0,40}}(?P<names>{_NAME}(?:\s{{0,40}},\s{{0,40}}{_NAME}){{0,200}})"
    r"\s{0,40}\)\s{0,80}values?\s{0,40}\((?P<row>[^\n;]{1,4000})",
    re.IGNORECASE,
)
_ITEM = re.compile(
    r"\s{0,8}((?:'(?:[^'\n]|''){0,1000}+'|\w{0,40}\([^()\n]{0,200}\)|[^,()'\n]{1,200})+?)\s{0,8}([,)]|\Z)"
)
_STATEMENT = re.compile(r"\b(?:insert|update|select|delete|replace|upsert)\b", re.IGNORECASE)
_REACH, _MOST_TRIES, _MOST = 4_000, 8, 200
# PostgreSQL: `DETAIL:  parameters: $1 = 'x', $2 = NULL`.
_NUMBERED = re.compile(r"\b[Pp]arameters: (?=\$1 = )")
_NUMBERED_ITEM = re.compile(r"\$(?P<number>[0-9]{1,3}) = (?:'(?P<value>(?:[^'\n]|''){0,4096}+)'|NULL)(?:, )?")
# MyBatis: `==> Parameters: x(String), null, 3(Integer)`.
_TYPED = re.compile(r"==> {1,2}Parameters: ")
_TYPED_ITEM = re.compile(r"(?:null|(?P<value>[^\n]{0,1000}?)\([A-Z][A-Za-z]{1,24}\))(?:, |[ \t]*(?=\r?\n|\Z))")
# Hibernate 5 and 6: `binding parameter [1] as [VARCHAR] - [x]`, `binding parameter (1:VARCHAR) <- [x]`.
_BOUND = re.compile(
    r"binding parameter (?:\[([0-9]{1,3})\] as \[\w{1,40}\] - |\(([0-9]{1,3}):\w{1,40}\) <- )"
    r"\[([^\n]{1,2000}?)\](?=\r?\n|\Z)"
)
# SQL Server: places by name.
_PLACE_BY_NAME = re.compile(
    rf"(?<![\w@])({_NAME})\s{{0,4}}(?:<=|>=|<>|!=|[=<>]|\blike\b)\s{{0,4}}(@p\w{{0,40}})", re.IGNORECASE
)
_VALUE_BY_NAME = re.compile(r"(@p\w{0,40})\s{0,4}=\s{0,4}N?'((?:[^'\n]|''){1,4096}+)'")
# Lists behind other statements than INSERT, whose own are read with it.
_LISTED = re.compile(r"(?:parameters?|params|binds?|bindings|args)[\"']?\s{0,4}[:=]\s{0,4}[\[(]", re.IGNORECASE)
_LISTED_ITEM = re.compile(
    r"""\s{0,8}(?:[ub]?["'](?P<value>(?:[^"'\\\n]|\\.){0,2000}+)["']|(?P<bare>[^\s,()\[\]"'{:][^,()\[\]"'\n{:]{0,400}))\s{0,8}(?:,|(?=[)\]]))"""
)


def bound(text: str) -> Iterator[Pair]:
    """Pairs of column and value for every print of bound values whose statement stands above it."""
    statements = _Statements(text)
    if "arameter" in text:
        yield from _one_a_line(text, statements)
        yield from _listed(text, statements, _NUMBERED, _NUMBERED_ITEM)
        yield from _listed(text, statements, _TYPED, _TYPED_ITEM)
    # One sign is found much faster than two.
    if "@" in text and ("@p0" in text or "@p1" in text):
        yield from _by_name(text)
    if any(sign in text for sign in "?%$") and ("WHERE" in text or "where" in text):
        yield from _listed(text, statements, _LISTED, _LISTED_ITEM)


def _by_name(text: str) -> Iterator[Pair]:
    """Values behind the name of their place, wherever that stands: `FullName = @p0`, `@p0=N'x'`."""
    columns = {match[2]: match[1].strip('"`[]') for match in _PLACE_BY_NAME.finditer(text)}
    for match in _VALUE_BY_NAME.finditer(text) if columns else ():
        if match[1] in columns:
            yield Pair(columns[match[1]], match.start(2), False, match.end(2))


def _listed(text: str, statements: _Statements, front: re.Pattern[str], item: re.Pattern[str]) -> Iterator[Pair]:
    """Values one behind the other, with their numbers or in their order."""
    match = front.search(text)
    while match is not None:
        at = match.end()
        columns = statements.columns_above(match.start())
        for number, value in enumerate(_items(text, at, item), 1) if columns else ():
            at = value.end()
            place = int(value["number"]) if "number" in item.groupindex else number
            group = "value" if value["value"] is not None else "bare" if "bare" in item.groupindex else "value"
            if place in columns and value[group]:
                yield Pair(columns[place], value.start(group), False, value.end(group))
        match = front.search(text, at)


def _one_a_line(text: str, statements: _Statements) -> Iterator[Pair]:
    columns: dict[int, str] = {}
    last = _MOST
    for match in _BOUND.finditer(text):
        number = int(match[1] or match[2])
        if number <= last:
            columns = statements.columns_above(match.start())
        last = number
        if number in columns:
            yield Pair(columns[number], match.start(3), False, match.end(3))


def _items(text: str, at: int, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    for _ in range(_MOST):
        match = pattern.match(text, at)
        if match is None or match.end() == at:
            return
        yield match
        at = match.end()


class _Statements:
    """The statements of a text; each is read once, however many values are bound to it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts: list[int] | None = None
        self._read: dict[int, dict[int, str]] = {}

    def columns_above(self, at: int) -> dict[int, str]:
        """The columns of the last statement with marks above a place, by the number of the value that they take."""
        if self._starts is None:
            self._starts = [match.start() for match in _STATEMENT.finditer(self._text)]
        last = bisect_left(self._starts, at)
        for start in reversed(self._starts[max(0, last - _MOST_TRIES) : last]):
            if start < at - _REACH:
                break
            if start not in self._read:
                self._read[start] = _columns(self._text[start:at])
            if self._read[start]:
                return self._read[start]
        return {}


def _columns(statement: str) -> dict[int, str]:
    inserted = _COLUMNS.match(statement)
    if inserted is not None:
        names = [name.strip() for name in inserted["names"].split(",")]
        row = [item[1] for item in _items(inserted["row"], 0, _ITEM)]
        marked = [(name, mark) for name, mark in zip(names, row, strict=False) if re.fullmatch(_MARK, mark, re.I)]
    else:
        marked = []
        name = ""
        for place in _PLACE.finditer(statement):
            name = place[1] or (name if place["more"] else "")
            marked.append((name, place[3]))
    columns: dict[int, str] = {}
    for number, (name, mark) in enumerate(marked, 1):
        place_of = int(mark[1:]) if mark[0] == "$" else number
        if name:
            columns.setdefault(place_of, name.strip('"`[]'))
    return columns
