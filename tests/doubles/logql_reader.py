"""A reader of a part of LogQL, for the double of Loki: what it does not know is a parse error, as with Loki.

    query   = "sum" ["by (" name, … ")"] "(count_over_time(" log " [" n "ms]))" | log
    log     = "{" matcher, … "}" stage*
    stage   = ("|=" | "!=" | "|~" | "!~") string
            | "|" "label_format" name "=" template
            | "|" "drop" name, …
            | "|" filter
    filter  = term ("or" term)*        term = factor ("and" factor)*
    factor  = "(" filter ")" | name ("=" | "!=" | "=~" | "!~") string | name "<" number

Strings are Go's, in double quotes. The one template is `{{ mod (__timestamp__ | unixEpochNanos) N }}`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

_TOKEN = re.compile(
    r"""\s*(?:(?P<string>"(?:[^"\\\n]|\\.)*")|(?P<name>[a-zA-Z_][a-zA-Z0-9_]*)|(?P<range>\[[0-9]+ms\])
    |(?P<number>[0-9]+)|(?P<sign>\|=|\|~|!=|!~|=~|[{}(),|=<]))""",
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-f]{4})|U([0-9a-f]{8})|(.))", re.DOTALL)
_PLAIN_ESCAPES = {"\\": "\\", '"': '"', "n": "\n", "r": "\r", "t": "\t"}
_TEMPLATE = re.compile(r"\{\{ mod \(__timestamp__ \| unixEpochNanos\) ([1-9][0-9]*) \}\}")

Labels = Mapping[str, str]
Stage = Callable[[int, Labels, str], "Labels | None"]
Test = Callable[[Labels], bool]


class ParseError(ValueError):
    """What Loki answers with 400."""


@dataclass(frozen=True)
class LogQuery:
    """Which streams, and what each of their lines goes through.

    Args:
        matches: the labels of a stream.
        stages: of a line.
        picks: prime and limit, where lines are picked by the rest of their time; a line at 0 is always picked.
    """

    matches: Test
    stages: tuple[Stage, ...]
    picks: tuple[int, int] | None = None


@dataclass(frozen=True)
class CountQuery:
    """`sum by (…) (count_over_time(…))`."""

    by: tuple[str, ...]
    log: LogQuery
    range_ms: int


def read_query(text: str) -> LogQuery | CountQuery:
    """Read a whole query.

    Raises:
        ParseError: it is none, or beyond the part that is known here.
    """
    reader = _Reader(text)
    query = reader.count() if reader.peek() == "sum" else reader.log()
    reader.finish()
    return query


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        self._prime = self._limit = 0
        end = 0
        while text[end:].strip():
            match = _TOKEN.match(text, end)
            if match is None:
                raise ParseError(f"parse error at line 1, col {end + 1}: syntax error: unexpected character")
            self._tokens.append((match.lastgroup or "", match[match.lastgroup or 0]))
            end = match.end()
        self._at = 0

    def peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def finish(self) -> None:
        if self.peek():
            self._fail()

    def count(self) -> CountQuery:
        self._expect("sum")
        by: tuple[str, ...] = ()
        if self.peek() == "by":
            self._expect("by", "(")
            by = self._names()
            self._expect(")")
        self._expect("(", "count_over_time", "(")
        log = self.log()
        length = self._next("range")
        self._expect(")", ")")
        return CountQuery(by, log, int(length[1:-3]))

    def log(self) -> LogQuery:
        self._expect("{")
        tests: list[Test] = []
        some = False
        while True:
            name, sign, value = self._next("name"), self._sign(), self._string()
            test = _test(name, sign, value)
            some |= sign in ("=", "=~") and not test({})
            tests.append(test)
            if self.peek() != ",":
                break
            self._expect(",")
        self._expect("}")
        if not some:
            raise ParseError(
                "parse error : queries require at least one regexp or equality matcher that does not have an "
                'empty-compatible value. For instance, app=~".*" does not meet this requirement'
            )
        stages: list[Stage] = []
        while self.peek() in ("|", "|=", "|~", "!=", "!~"):
            stages.append(self._stage())
        picks = (self._prime, self._limit) if self._prime and self._limit else None
        return LogQuery(lambda labels: all(test(labels) for test in tests), tuple(stages), picks)

    def _stage(self) -> Stage:
        sign = self._next("sign")
        if sign != "|":
            return _line_filter(sign, self._string())
        if self.peek() == "label_format":
            self._expect("label_format")
            name = self._next("name")
            self._expect("=")
            template = _TEMPLATE.fullmatch(self._string())
            if template is None:
                self._fail()
            prime = self._prime = int(template[1])
            return lambda ns, labels, _line: {**labels, name: str(ns % prime)}
        if self.peek() == "drop":
            self._expect("drop")
            dropped = set(self._names())
            return lambda _ns, labels, _line: {key: labels[key] for key in labels if key not in dropped}
        test = self._filter()
        return lambda _ns, labels, _line: labels if test(labels) else None

    def _filter(self) -> Test:
        tests = [self._term()]
        while self.peek() == "or":
            self._expect("or")
            tests.append(self._term())
        return tests[0] if len(tests) == 1 else lambda labels: any(test(labels) for test in tests)

    def _term(self) -> Test:
        tests = [self._factor()]
        while self.peek() == "and":
            self._expect("and")
            tests.append(self._factor())
        return tests[0] if len(tests) == 1 else lambda labels: all(test(labels) for test in tests)

    def _factor(self) -> Test:
        if self.peek() == "(":
            self._expect("(")
            test = self._filter()
            self._expect(")")
            return test
        name = self._next("name")
        if self.peek() == "<":
            self._expect("<")
            limit = self._limit = int(self._next("number"))
            # Loki lets a line pass whose label is no number, with an error beside it.
            return lambda labels: not labels.get(name, "").isdecimal() or int(labels[name]) < limit
        return _test(name, self._sign(), self._string())

    def _names(self) -> tuple[str, ...]:
        names = [self._next("name")]
        while self.peek() == ",":
            self._expect(",")
            names.append(self._next("name"))
        return tuple(names)

    def _sign(self) -> str:
        sign = self._next("sign")
        if sign not in ("=", "!=", "=~", "!~"):
            self._fail()
        return sign

    def _string(self) -> str:
        literal = self._next("string")[1:-1]

        def plain(match: re.Match[str]) -> str:
            if match[1] or match[2]:
                return chr(int(match[1] or match[2], 16))
            if match[3] not in _PLAIN_ESCAPES:
                raise ParseError("parse error at line 1, col 1: invalid char escape")
            return _PLAIN_ESCAPES[match[3]]

        return _ESCAPE.sub(plain, literal)

    def _next(self, kind: str) -> str:
        if self._at >= len(self._tokens) or self._tokens[self._at][0] != kind:
            self._fail()
        self._at += 1
        return self._tokens[self._at - 1][1]

    def _expect(self, *texts: str) -> None:
        for text in texts:
            if self.peek() != text:
                self._fail()
            self._at += 1

    def _fail(self) -> NoReturn:
        raise ParseError(f"parse error at line 1, col {self._at + 1}: syntax error: unexpected IDENTIFIER")


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.DOTALL)
    except re.error as error:
        raise ParseError("parse error : error parsing regexp") from error


def _test(name: str, sign: str, value: str) -> Test:
    if sign in ("=", "!="):
        return lambda labels: (labels.get(name, "") == value) == (sign == "=")
    pattern = _pattern(value)
    known: dict[str, bool] = {}

    def test(labels: Labels) -> bool:
        found = labels.get(name, "")
        if found not in known:
            if len(known) > 10_000:
                known.clear()
            known[found] = (pattern.fullmatch(found) is not None) == (sign == "=~")
        return known[found]

    return test


def _line_filter(sign: str, value: str) -> Stage:
    if sign in ("|=", "!="):
        return lambda _ns, labels, line: labels if (value in line) == (sign == "|=") else None
    pattern = _pattern(value)
    return lambda _ns, labels, line: labels if (pattern.search(line) is not None) == (sign == "|~") else None
