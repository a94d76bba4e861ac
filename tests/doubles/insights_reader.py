"""A reader of a part of Logs Insights QL, for the double: what it does not know is malformed.

After "CloudWatch Logs Insights language query syntax": `fields` (with `as`), `filter`, `stats count(*) … by`, `sort`,
`limit`; `and`, `or`, `not`, comparisons, `in`, `like` and `not like` with a regular expression, `%`, `*`, `+`, `-`;
`coalesce`, `ispresent`, `toMillis`. Regular expressions are read by Python after `\\x{…}` was put into its form.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Record = Mapping[str, Any]
Value = Callable[[Record], Any]

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\\n])*")|(?P<name>@?[A-Za-z][A-Za-z0-9_.]*|@[A-Za-z]+|`[^`\n]+`)|(?P<number>\d+)
    |(?P<sign><=|>=|!=|=|<|>|\(|\)|\[|\]|,|\||%|\*|\+|-))""",
    re.VERBOSE,
)
_REGEX = re.compile(r"\s*/((?:[^/\\\n]|\\[^\n])+)/")


class Malformed(Exception):
    """What a `MalformedQueryException` says."""


@dataclass
class Query:
    """A query, ready to be run; `shape` is what it is made of, without its values."""

    fields: list[tuple[str, Value]] = field(default_factory=list)
    filters: list[Value] = field(default_factory=list)
    by: list[str] | None = None
    counted: str = ""
    order: str = ""
    most: int = 10_000
    shape: list[str] = field(default_factory=list)

    def run(self, records: Sequence[Record]) -> tuple[int, list[dict[str, str]]]:
        """How many records match, and the rows."""
        found = []
        for record in records:
            known = {**record, **{name: value(record) for name, value in self.fields}}
            if all(test(known) for test in self.filters):
                found.append(known)
        if self.by is not None:
            counts = Counter(tuple(known.get(name) for name in self.by) for known in found)
            rows = [{**dict(zip(self.by, key, strict=True)), self.counted: count} for key, count in counts.items()]
        else:
            found.sort(key=lambda known: known["@timestamp"], reverse=self.order == "desc")
            rows = [{name: known.get(name) for name, _ in self.fields} for known in found]
        told = [{name: _told(name, value) for name, value in row.items() if value is not None} for row in rows]
        return len(found), told[: self.most]


def _told(name: str, value: Any) -> str:
    if name != "@timestamp":
        return str(value)
    from datetime import UTC, datetime

    return datetime.fromtimestamp(value // 1_000, UTC).strftime("%Y-%m-%d %H:%M:%S") + f".{value % 1_000:03d}"


class Reader:
    """Reads one query."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self.query = Query()

    def read(self) -> Query:
        while True:
            command = self._name()
            known = {"fields": self._fields, "filter": self._filter, "stats": self._stats, "sort": self._sort}
            if command == "limit":
                self.query.most = int(self._take("number"))
            elif command in known:
                known[command]()
            else:
                raise Malformed(f"unknown command {command!r}")
            if not self._text[self._at :].strip():
                return self.query
            self._sign("|")

    def _fields(self) -> None:
        while True:
            begin = self._at
            value = self._sum()
            name = self._text[begin : self._at].strip().strip("`")
            if self._is("as"):
                name = self._name()
            self.query.fields.append((name, value))
            if not self._may(","):
                return

    def _filter(self) -> None:
        self.query.filters.append(self._either())

    def _stats(self) -> None:
        if self._name() != "count":
            raise Malformed("only count")
        for sign in "(*)":
            self._sign(sign)
        if not self._is("as"):
            raise Malformed("as")
        self.query.counted = self._name()
        if not self._is("by"):
            raise Malformed("by")
        self.query.by = [self._name()]
        while self._may(","):
            self.query.by.append(self._name())

    def _sort(self) -> None:
        if self._name() != "@timestamp":
            raise Malformed("sorted by time alone")
        self.query.order = self._name()

    def _either(self) -> Value:
        tests = [self._both()]
        while self._is("or"):
            tests.append(self._both())
        return lambda record: any(test(record) for test in tests)

    def _both(self) -> Value:
        tests = [self._test()]
        while self._is("and"):
            tests.append(self._test())
        return lambda record: all(test(record) for test in tests)

    def _test(self) -> Value:
        if self._is("not"):
            inner = self._test()
            return lambda record: not inner(record)
        begin = self._at
        if self._may("("):
            # A group of conditions, or one of numbers that a comparison goes on with.
            try:
                group = self._either()
                self._sign(")")
                if self._peek() not in ("%", "*", "<", ">", "=", "<=", ">="):
                    return group
            except Malformed:
                pass
            self._back(begin)
        left = self._sum()
        if self._is("like"):
            return _like(left, self._regex(), False)
        if self._is("not"):
            if not self._is("like"):
                raise Malformed("not like")
            return _like(left, self._regex(), True)
        if self._is("in"):
            self._sign("[")
            values = [self._take("text")[1:-1]]
            while self._may(","):
                values.append(self._take("text")[1:-1])
            self._sign("]")
            return lambda record: left(record) in values
        sign = self._peek()
        if sign not in _COMPARED:
            return lambda record: left(record) is True
        self._sign(sign)
        right, compare = self._sum(), _COMPARED[sign]
        return lambda record: left(record) is not None and compare(left(record), right(record))

    def _sum(self) -> Value:
        value = self._operand()
        while (sign := self._peek()) in ("%", "*"):
            self._sign(sign)
            value = _computed(sign, value, self._operand())
        return value

    def _operand(self) -> Value:
        if self._may("("):
            value = self._sum()
            self._sign(")")
            return value
        kind, text = self._next()
        self.query.shape.append(kind if kind in ("text", "number") else text)
        if kind == "text":
            return lambda _record: text[1:-1]
        if kind == "number":
            return lambda _record: int(text)
        if kind != "name":
            raise Malformed(f"unexpected {text!r}")
        if not text.startswith("`") and self._may("("):
            return self._call(text)
        field = text.strip("`")
        return lambda record: record.get(field)

    def _call(self, name: str) -> Value:
        values = [self._sum()]
        while self._may(","):
            values.append(self._sum())
        self._sign(")")
        if name == "coalesce":
            return lambda record: next((found for value in values if (found := value(record)) is not None), None)
        if name == "ispresent" and len(values) == 1:
            return lambda record: values[0](record) is not None
        if name == "toMillis" and len(values) == 1:
            return values[0]
        raise Malformed(f"unknown function {name!r}")

    def _regex(self) -> re.Pattern[str]:
        match = _REGEX.match(self._text, self._at)
        if match is None:
            raise Malformed("a regular expression")
        self._at = match.end()
        self.query.shape.append("regex")
        try:
            return re.compile(re.sub(r"\\x\{([0-9a-f]+)\}", lambda code: re.escape(chr(int(code[1], 16))), match[1]))
        except re.error as error:
            raise Malformed("a regular expression") from error

    def _next(self) -> tuple[str, str]:
        match = _TOKEN.match(self._text, self._at)
        if match is None or match.lastgroup is None:
            raise Malformed(f"unexpected {self._text[self._at : self._at + 20]!r}")
        self._at = match.end()
        return match.lastgroup, match[match.lastgroup]

    def _take(self, kind: str) -> str:
        found, text = self._next()
        if found != kind:
            raise Malformed(f"unexpected {text!r}")
        self.query.shape.append(kind)
        return text

    def _name(self) -> str:
        kind, text = self._next()
        if kind != "name":
            raise Malformed(f"unexpected {text!r}")
        self.query.shape.append(text)
        return text.strip("`")

    def _sign(self, sign: str) -> None:
        if self._next() != ("sign", sign):
            raise Malformed(f"{sign} expected")
        self.query.shape.append(sign)

    def _peek(self) -> str:
        match = _TOKEN.match(self._text, self._at)
        return match[match.lastgroup] if match and match.lastgroup else ""

    def _may(self, sign: str) -> bool:
        if self._peek() != sign:
            return False
        self._sign(sign)
        return True

    def _is(self, word: str) -> bool:
        if self._peek() != word:
            return False
        self._name()
        return True

    def _back(self, at: int) -> None:
        self._at = at


def _like(left: Value, pattern: re.Pattern[str], is_not: bool) -> Value:
    def test(record: Record) -> bool:
        value = left(record)
        return value is not None and bool(pattern.search(str(value))) is not is_not

    return test


def _computed(sign: str, left: Value, right: Value) -> Value:
    if sign == "%":
        return lambda record: left(record) % right(record)
    return lambda record: left(record) * right(record)


_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}
