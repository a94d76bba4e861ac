"""Values of SQL statements and of the messages of databases, under the names of their columns."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .pairs_found import Pair

_COLUMN = r"""[\w.$"`\[\]]{1,130}"""
_INSERT = re.compile(
    rf"\b(?:insert|replace|upsert|merge)\b[^()\n;]{{1,300}}\(\s{{0,40}}(?P<names>{_COLUMN}(?:\s{{0,40}},\s{{0,40}}{_COLUMN}){{0,200}})"
    r"\s{0,40}\)\s{0,80}(?:output[^()\n]{1,200}|overriding[^()\n]{1,60})?values?\s{0,40}(?=\()",
    re.IGNORECASE,
)
# Comparisons that are no `=`: name LIKE '…', email IN ('…', '…'), phone <> '…'.
_COMPARED = re.compile(
    r"""(?<![\w.])((?:[A-Za-z_]\w{0,63}\.){0,3}["`\[]?[A-Za-z_]\w{0,63})["`\]]?\s{1,4}"""
    r"""(?:not\s{1,4})?(?:i?like|rlike|regexp|similar\s{1,4}to|between|in|is|<>|!=|[<>]=?|~\*?|=)\s{0,4}"""
    r"""(?:any\s{0,4})?(?:\(\s{0,4})?(?=[NEn]?')""",
    re.IGNORECASE,
)
_COMPARED_REACH = 320
# What ends right in front of the literal; most quotes of a log have no such thing before them.
_COMPARES = re.compile(
    r"(?:like|regexp|to|between|in|is|[=<>~*])\s{0,4}(?:any\s{0,4})?(?:\(\s{0,4})?[NEn]?\Z", re.IGNORECASE
)
_COMPARES_REACH = 24
# PostgreSQL: `Key (email)=(ana@example.com) already exists`.
_KEY_DETAIL = re.compile(
    r"\bKey \((?P<names>[\w\", .:()]{1,300}?)\)=\((?P<values>[^\n]{1,2000}?)\)(?= [a-z]|[.\"'\\\n]|\Z)"
)
# MySQL: `Duplicate entry 'ana@example.com' for key 'customers.email'`.
_DUPLICATE = re.compile(
    r"""\bentry \\{0,3}'(?P<value>[^\n]{1,1000}?)\\{0,3}' for key \\{0,3}'(?P<key>[\w.\-]{1,130})"""
)
_LITERAL = re.compile(
    r"\s{0,40}(?:[NEnXxBb]?\\'(?P<escaped>[^'\\]{0,8192}+)\\'|[NEnXxBb]?'(?P<quoted>(?:[^'\\]|''|\\.){0,8192}+)'|\"(?P<double>(?:[^\"\\]|\\.){0,8192}+)\""
    r"|(?P<bare>[^\s,()'\"][^,()'\"\n]{0,400})|(?P<call>\w{0,40}\([^()\n]{0,400}\)))\s{0,40}"
    r"(?:::[\w\[\] ]{1,60})?(?P<next>[,)])",
    re.DOTALL,
)
_MARK = re.compile(r"\?|%s|\$[0-9]{1,4}|:\w{1,60}|@\w{1,60}|%\(\w{1,60}\)s")
# Values that a driver prints beside the statement.
_PARAMETERS = re.compile(
    r"(?:parameters?|params|binds?|bindings|args|values)[\"']?\s{0,4}[:=]\s{0,4}[\[(]", re.IGNORECASE
)
_PARAMETERS_REACH = 4_000
_BETWEEN = re.compile(r"\s{0,8}'(?P<quoted>(?:[^'\\\n]|''){0,1000}+)'(?:\s{1,8}and(?=\s{1,8}'))?", re.IGNORECASE)
_ROWS, _LIST = 10_000, 1_000


def literals(text: str) -> Iterator[Pair]:
    """Literals under the column that they are inserted into or compared with."""
    if ("alue" in text or "ALUE" in text) and ("nto" in text or "NTO" in text):
        yield from _inserted(text)
    if "here" in text or "HERE" in text:
        for match in _comparisons(text):
            yield from _compared(text, match)
    if ")=(" in text:
        for match in _KEY_DETAIL.finditer(text):
            yield from _details(text, match)
    if "for key" in text:
        yield from (
            Pair(match["key"], match.start("value"), False, match.end("value")) for match in _DUPLICATE.finditer(text)
        )


def _comparisons(text: str) -> Iterator[re.Match[str]]:
    """Every comparison with a literal: looked for from its quote, since almost any word may begin one."""
    done, at = 0, text.find("'")
    while at >= 0:
        if _COMPARES.search(text, max(done, at - _COMPARES_REACH), at):
            for match in _COMPARED.finditer(text, max(done, at - _COMPARED_REACH), at + 1):
                if match.end() >= at - 1:
                    yield match
                    done = match.end()
        at = text.find("'", at + 1)


def _compared(text: str, match: re.Match[str]) -> Iterator[Pair]:
    """The literal behind a comparison; all of them behind `IN (` and `BETWEEN`."""
    key, at = match[1].strip('"`[]'), match.end()
    yield Pair(key, at)
    for _ in range(_LIST):
        value = _LITERAL.match(text, at) or _BETWEEN.match(text, at)
        if value is None or value["quoted"] is None:
            return
        yield Pair(key, value.start("quoted"), False, value.end("quoted"))
        at = value.end()


def _inserted(text: str) -> Iterator[Pair]:
    for match in _INSERT.finditer(text):
        names = [name.strip().rpartition(".")[2].strip('"`[]') for name in match["names"].split(",")]
        at = match.end()
        marks = False
        for _ in range(_ROWS):
            row, end = _row(text, at, len(names))
            if not row:
                break
            marks = marks or all(_MARK.fullmatch(text, *place) for place in row)
            yield from (
                Pair(name, start, False, last)
                for name, (start, last) in zip(names, row, strict=True)
                if start < last and not _MARK.fullmatch(text, start, last)
            )
            at = end
            comma = re.compile(r"\s{0,40},\s{0,40}(?=\()").match(text, at)
            if comma is None:
                break
            at = comma.end()
        if marks:
            yield from _bound(text, at, names)


def _row(text: str, at: int, count: int) -> tuple[list[tuple[int, int]], int]:
    """Where the values in a pair of round brackets lie, and its end; none if there are not as many as columns."""
    if text[at : at + 1] not in "([":
        return [], at
    at += 1
    found: list[tuple[int, int]] = []
    while len(found) < count:
        match = _LITERAL.match(text, at)
        if match is None:
            return [], at
        group = next(name for name in ("escaped", "quoted", "double", "bare", "call") if match[name] is not None)
        start, end = match.span(group)
        found.append((start, start + len(text[start:end].rstrip())) if group == "bare" else (start, end))
        at = match.end()
        if match["next"] == ")":
            break
    return (found, at) if len(found) == count and text[at - 1] == ")" else ([], at)


def _bound(text: str, at: int, names: list[str]) -> Iterator[Pair]:
    """The values for `VALUES (?, ?)`, in the order of the columns."""
    match = _PARAMETERS.search(text, at, at + _PARAMETERS_REACH)
    if match is None:
        return
    place = match.end()
    for name in names:
        value = _BOUND.match(text, place)
        if value is None:
            return
        group = 1 if value[1] is not None else 2
        yield Pair(name, value.start(group), False, value.end(group))
        place = value.end()


_BOUND = re.compile(
    r"""\s{0,8}(?:[ub]?["']((?:[^"'\\\n]|\\.){0,2000}+)["']|([^\s,()\[\]"'][^,()\[\]"'\n]{0,400}))\s{0,8}(?:[,)\]]|\Z)"""
)


def _details(text: str, match: re.Match[str]) -> Iterator[Pair]:
    names = [name.strip(' "') for name in match["names"].split(",")]
    start, end = match.span("values")
    values = text[start:end].split(", ") if len(names) > 1 else [text[start:end]]
    if len(values) != len(names):
        yield from (Pair(name, start, False, end) for name in names)
        return
    for name, value in zip(names, values, strict=True):
        if value:
            yield Pair(re.sub(r"^\w+\(|\).*$|::.*$", "", name), start, False, start + len(value))
        start += len(value) + 2
