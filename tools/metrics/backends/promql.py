"""Selectors of PromQL out of typed parts: whatever a value holds, it stays a value.

Grammar: Prometheus documentation, "Querying basics" (string literals follow Go's escaping; regular expressions are
RE2's, anchored at both ends).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
METRIC_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")

Operator = Literal["=", "!=", "=~", "!~"]

_ESCAPED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_META = frozenset("\\.+*?()|[]{}^$")


@dataclass(frozen=True)
class Matcher:
    """One condition on a label.

    Args:
        name: of the label; `__name__` is the metric.
        operator: how it is compared.
        value: the value; for `=~` and `!~` a regular expression, see `any_of`.

    Raises:
        ValueError: the name is none.
    """

    name: str
    operator: Operator
    value: str

    def __post_init__(self) -> None:
        if not LABEL_NAME.fullmatch(self.name):
            raise ValueError("no name of a label")

    def __str__(self) -> str:
        return f"{self.name}{self.operator}{quoted(self.value)}"


def quoted(text: str) -> str:
    """A string literal that holds exactly this text."""
    parts = (_ESCAPED.get(char, char if char.isprintable() else _code_point(char)) for char in text)
    return f'"{"".join(parts)}"'


def _code_point(char: str) -> str:
    return f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}"


def any_of(values: Iterable[str]) -> str:
    """A regular expression that matches exactly these texts."""
    return "|".join("".join(f"\\{char}" if char in _META else char for char in value) for value in values)


def one_of(name: str, values: Sequence[str]) -> Matcher:
    """The label has one of these values."""
    if len(values) == 1:
        return Matcher(name, "=", values[0])
    return Matcher(name, "=~", any_of(values))


def selector(matchers: Iterable[Matcher]) -> str:
    """`{a="1",b=~"2|3"}`."""
    return f"{{{','.join(map(str, matchers))}}}"


def duration(seconds: float) -> str:
    """A duration, rounded up to whole milliseconds."""
    return f"{-(-round(seconds * 1e6) // 1000)}ms"
