"""Values that drivers print apart from their statement, under the columns whose places they take in it."""

from __future__ import annotations

import re
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
_NUMBERED_ITEM = re.compile(r"\$([0-9]{1,3}) = (?:'((?:[^'\n]|''){0,4096}+)'|NULL)(?:, )?")
# MyBatis: `==> Parameters: x(String), null, 3(Integer)`.
_TYPED = re.compile(r"==> {1,2}Parameters: ")
_TYPED_ITEM = re.compile(r"(?:null|([^\n]{0,1000}?)\([A-Z][A-Za-z]{1,24}\))(?:, |[ \t]*(?=\r?\n|\Z))")
# Hibernate 5 and 6: `binding parameter [1] as [VARCHAR] - [x]`, `binding parameter (1:VARCHAR) <- [x]`.
_BOUND = re.compile(
    r"binding parameter (?:\[([0-9]{1,3})\] as \[\w{1,40}\] - |\(([0-9]{1,3}):\w{1,40}\) <- )"
    r"\[([^\n]{1,2000}?)\](?=\r?\n|\Z)"
)
# Lists behind other statements than INSERT, whose own are read with it.
_LISTED = re.compile(r"(?:parameters?|params|binds?|bindings|args)[\"']?\s{0,4}[:=]\s{0,4}[\[(]", re.IGNORECASE)
_LISTED_ITEM = re.compile(
    r"""\s{0,8}(?:[ub]?["']((?:[^"'\\\n]|\\.){0,2000}+)["']|([^\s,()\[\]"'{:][^,()\[\]"'\n{:]{0,400}))\s{0,8}(?:,|(?=[)\]]))"""
)


def bound(text: str) -> Iterator[Pair]:
    """Pairs of column and value for every print of bound values whose statement stands above it."""
    if "arameter" in text:
        yield from _one_a_line(text)
        for match in _NUMBERED.finditer(text):
            columns = _columns_above(text, match.start())
            for item in _items(text, match.end(), _NUMBERED_ITEM):
                yield from _pair(columns, int(item[1]), item, 2)
        for match in _TYPED.finditer(text):
            columns = _columns_above(text, match.start())
            for number, item in enumerate(_items(text, match.end(), _TYPED_ITEM), 1):
                yield from _pair(columns, number, item, 1)
    if "WHERE" in text and any(mark in text for mark in ("?", "%s", "$1")):
        for match in _LISTED.finditer(text):
            columns = _columns_above(text, match.start())
            for number, item in enumerate(_items(text, match.end(), _LISTED_ITEM), 1) if columns else ():
                yield from _pair(columns, number, item, 1 if item[1] is not None else 2)


def _one_a_line(text: str) -> Iterator[Pair]:
    columns: dict[int, str] = {}
    last = _MOST
    for match in _BOUND.finditer(text):
        number = int(match[1] or match[2])
        if number <= last:
            columns = _columns_above(text, match.start())
        last = number
        yield from _pair(columns, number, match, 3)


def _pair(columns: dict[int, str], number: int, item: re.Match[str], group: int) -> Iterator[Pair]:
    if number in columns and item[group]:
        yield Pair(columns[number], item.start(group), False, item.end(group))


def _items(text: str, at: int, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    for _ in range(_MOST):
        match = pattern.match(text, at)
        if match is None or match.end() == at:
            return
        yield match
        at = match.end()


def _columns_above(text: str, at: int) -> dict[int, str]:
    """The columns of the last statement with marks above a place, by the number of the value that they take."""
    first = max(0, at - _REACH)
    starts = [match.start() for match in _STATEMENT.finditer(text, first, at)]
    for start in starts[: -_MOST_TRIES - 1 : -1]:
        columns = _columns(text[start:at])
        if columns:
            return columns
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
