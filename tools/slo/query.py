"""How the share of good is read from metrics: the `query` of a service level objective.

    share      = ["1 -"] measure                       a gauge between 0 and 1 (or in per cent)
    ratio      = ["1 -"] measure "/" measure           good over total; with "1 -", bad over total
    threshold  = measure ("<" | "<=" | ">" | ">=") number      good while it holds
    measure    = metric ["{" matcher {"," matcher} "}"]
    matcher    = label ("=" | "!=" | "=~" | "!~") value

A metric or a value with other characters than letters, digits, `_`, `:`, `.` and `-` stands in double quotes. What
PromQL writes around a measure, `sum(rate(…[5m]))`, is read as the measure itself: which total a counter had, and over
which time, is worked out from its samples.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

Comparison = Literal["<", "<=", ">", ">="]
MatchKind = Literal["=", "!=", "=~", "!~"]

_LONGEST = 1_000
_MOST_MATCHERS = 20
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<duration>\[\s*[0-9]+(?:ms|[smhdwy])\s*\])
    |(?P<number>[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?(?![\w:.]))
    |(?P<word>[A-Za-z0-9_:](?:[\w:.\-]*[\w:])?)|(?P<sign><=|>=|=~|!~|!=|[<>=/{},()\-]))""",
    re.VERBOSE | re.ASCII,
)
_WRAPPERS = frozenset(("sum", "rate", "increase", "avg"))


class UnreadableQueryError(ValueError):
    """The query has none of the known forms; the text says what is wrong and repeats nothing of the query."""


@dataclass(frozen=True)
class Matcher:
    """A condition on a label; a label that a series does not have counts as empty."""

    label: str
    kind: MatchKind
    value: str


@dataclass(frozen=True)
class Measure:
    """The series of one metric whose labels match."""

    metric: str
    matchers: tuple[Matcher, ...] = ()


@dataclass(frozen=True)
class Share:
    """A gauge that is the share of good, or of bad."""

    measure: Measure
    is_bad: bool


@dataclass(frozen=True)
class Ratio:
    """Two counts of events: some, good or bad, over all."""

    part: Measure
    total: Measure
    is_bad: bool


@dataclass(frozen=True)
class Threshold:
    """Every sample is good that lies on this side of a limit."""

    measure: Measure
    comparison: Comparison
    limit: float


Indicator: TypeAlias = Share | Ratio | Threshold


def parse(query: str) -> Indicator:
    """The indicator that a query describes.

    Raises:
        UnreadableQueryError: it has none of the known forms.
    """
    if len(query) > _LONGEST:
        raise UnreadableQueryError(f"the query is longer than {_LONGEST} characters")
    return _Reader(query).indicator()


class _Reader:
    """Reads a query from left to right."""

    def __init__(self, query: str) -> None:
        self._tokens = list(_tokens(query))
        self._place = 0

    def indicator(self) -> Indicator:
        if not self._tokens:
            raise UnreadableQueryError("the query is empty")
        is_bad = self._complement()
        part = self._measure()
        kind, text = self._next()
        if text == "/" and kind == "sign":
            found: Indicator = Ratio(part, self._measure(), is_bad)
        elif kind == "sign" and text in ("<", "<=", ">", ">="):
            if is_bad:
                raise UnreadableQueryError("a comparison has no complement: turn its sign instead of writing `1 -`")
            found = Threshold(part, text, self._number())  # type: ignore[arg-type]  # one of the four, as just tested
        elif kind == "end":
            return Share(part, is_bad)
        else:
            raise UnreadableQueryError("after the measure comes `/`, a comparison, or nothing")
        if self._next()[0] != "end":
            raise UnreadableQueryError("something follows the query's end")
        return found

    def _complement(self) -> bool:
        if self._tokens[0] != ("number", "1"):
            return False
        self._place = 1
        kind, text = self._next()
        if (kind, text) != ("sign", "-"):
            raise UnreadableQueryError("a query that begins with 1 goes on with `-`")
        return True

    def _measure(self) -> Measure:
        depth = 0
        while self._peek()[1] in _WRAPPERS and self._peek(1) == ("sign", "("):
            self._place += 2
            depth += 1
        kind, text = self._next()
        if kind not in ("word", "text"):
            raise UnreadableQueryError("a metric is missing")
        matchers = self._matchers() if self._peek() == ("sign", "{") else ()
        if self._peek()[0] == "duration":
            self._place += 1
        for _ in range(depth):
            if self._next() != ("sign", ")"):
                raise UnreadableQueryError("a bracket is not closed")
        return Measure(text, matchers)

    def _matchers(self) -> tuple[Matcher, ...]:
        self._place += 1
        found: list[Matcher] = []
        while self._peek() != ("sign", "}"):
            label, sign, value = self._next(), self._next(), self._next()
            if label[0] != "word" or sign[1] not in ("=", "!=", "=~", "!~") or value[0] not in _VALUES:
                raise UnreadableQueryError("in braces stands `label=value`, with commas between")
            found.append(Matcher(label[1], sign[1], value[1]))  # type: ignore[arg-type]  # one of the four, as tested
            if len(found) > _MOST_MATCHERS:
                raise UnreadableQueryError(f"more than {_MOST_MATCHERS} labels are matched")
            if self._peek() == ("sign", ","):
                self._place += 1
            elif self._peek() != ("sign", "}"):
                raise UnreadableQueryError("a brace is not closed")
        self._place += 1
        return tuple(found)

    def _number(self) -> float:
        kind, text = self._next()
        number = float(text) if kind == "number" else math.nan
        if not math.isfinite(number):
            raise UnreadableQueryError("a comparison needs a number")
        return number

    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        place = self._place + ahead
        return self._tokens[place] if place < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        found = self._peek()
        self._place += 1
        return found


_VALUES = frozenset(("word", "text", "number"))


def _tokens(query: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place, text = 0, query.strip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None or match.lastgroup is None:
            raise UnreadableQueryError("it holds a character that has no meaning in a query")
        value = match[match.lastgroup]
        if match.lastgroup == "text":
            value = re.sub(r"\\(.)", r"\1", value[1:-1])
        elif match.lastgroup == "number" and found and found[-1][0] != "sign" and value[0] in "+-":
            raise UnreadableQueryError("measures cannot be added or subtracted")
        found.append((match.lastgroup, value))
        place = match.end()
    return found
