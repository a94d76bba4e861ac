"""The selectors of a PromQL expression: which metrics it reads, by which labels.

Not a parser of PromQL: enough of its grammar (prometheus.io/docs/prometheus/latest/querying/basics) to find selectors
and to tell what no Prometheus would read. What a function means is left to whoever computes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""\s*(?:(?P<comment>\#[^\n]*)|(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)
    |(?P<duration>(?:[0-9]+(?:ms|[smhdwy]))+\b)|(?P<number>(?:0x[0-9a-fA-F]+|[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?))
    |(?P<word>[a-zA-Z_:][a-zA-Z0-9_:]*)|(?P<sign>=~|!~|==|!=|<=|>=|[-+*/%^<>=(){}\[\],:@]))""",
    re.VERBOSE,
)
_WORDS = frozenset(
    "by without on ignoring group_left group_right offset bool and or unless inf nan start end atan2".split()
)
_AGGREGATORS = frozenset(
    "sum min max avg group stddev stdvar count count_values bottomk topk quantile limitk limit_ratio".split()
)
_LISTS = frozenset("by without on ignoring group_left group_right".split())
_MOST_TOKENS = 2_000


class UnreadableExpression(ValueError):
    """It is no expression; the text says why and repeats nothing of it."""


@dataclass(frozen=True)
class Condition:
    """A condition on a label."""

    label: str
    operator: str
    value: str


@dataclass(frozen=True)
class Selector:
    """A metric and its conditions; without a name where a condition on `__name__` gives none."""

    metric: str
    conditions: tuple[Condition, ...] = ()


def selectors_of(expression: str) -> tuple[Selector, ...]:
    """The selectors of an expression, in its order.

    Raises:
        UnreadableExpression: it is none.
    """
    tokens = _tokens(expression)
    if not tokens:
        raise UnreadableExpression("the query is empty")
    found: list[Selector] = []
    open_: list[str] = []
    place = 0
    while place < len(tokens):
        kind, text = tokens[place]
        following = tokens[place + 1][1] if place + 1 < len(tokens) else ""
        if kind == "word" and text.lower() in _LISTS and following == "(":
            place = _closing(tokens, place + 1) + 1
            continue
        if text.lower() in _AGGREGATORS and following.lower() in ("by", "without"):
            place += 1
            continue
        if text == "{" or (kind == "word" and text.lower() not in _WORDS and following != "("):
            selector, place = _selector(tokens, place)
            found.append(selector)
            continue
        if text in ("(", "["):
            open_.append(text)
        elif text in (")", "]") and (not open_ or open_.pop() != {")": "(", "]": "["}[text]):
            raise UnreadableExpression("a bracket is closed that was not opened")
        place += 1
    if open_:
        raise UnreadableExpression("a bracket is not closed")
    return tuple(found)


def simple(expression: str) -> Selector | None:
    """The selector that the whole expression is, with nothing but equalities; `None` if it is more than that."""
    try:
        tokens = _tokens(expression)
        selector, end = _selector(tokens, 0) if tokens and tokens[0][0] == "word" else (Selector(""), -1)
    except UnreadableExpression:
        return None
    is_plain = end == len(tokens) and all(each.operator == "=" for each in selector.conditions)
    return selector if is_plain and (len(tokens) == 1 or tokens[1][1] == "{") else None


def _tokens(expression: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place, end = 0, len(expression.rstrip())
    while place < end:
        match = _TOKEN.match(expression, place)
        if match is None:
            raise UnreadableExpression("it holds a sign that no expression has")
        place = match.end()
        if match.lastgroup and match.lastgroup != "comment":
            found.append((match.lastgroup, match[match.lastgroup]))
        if len(found) > _MOST_TOKENS:
            raise UnreadableExpression(f"it is longer than {_MOST_TOKENS} words and signs")
    return found


def _closing(tokens: list[tuple[str, str]], place: int) -> int:
    for end in range(place + 1, len(tokens)):
        if tokens[end][1] == ")":
            return end
    raise UnreadableExpression("a bracket is not closed")


def _selector(tokens: list[tuple[str, str]], place: int) -> tuple[Selector, int]:
    metric = ""
    if tokens[place][0] == "word":
        metric, place = tokens[place][1], place + 1
    if place >= len(tokens) or tokens[place][1] != "{":
        return Selector(metric), place
    place += 1
    conditions: list[Condition] = []
    while place < len(tokens) and tokens[place][1] != "}":
        kind, text = tokens[place]
        if kind == "text" and place + 1 < len(tokens) and tokens[place + 1][1] in (",", "}"):
            metric, place = metric or _unquoted(text), place + 1
        else:
            part = tokens[place : place + 3]
            if len(part) < 3 or part[1][1] not in ("=", "!=", "=~", "!~") or part[2][0] != "text":
                raise UnreadableExpression('a condition on a label is not written like name="value"')
            conditions.append(Condition(_unquoted(text), part[1][1], _unquoted(part[2][1])))
            place += 3
        if place < len(tokens) and tokens[place][1] == ",":
            place += 1
    if place >= len(tokens):
        raise UnreadableExpression("a bracket is not closed")
    named = next((each.value for each in conditions if each.label == "__name__" and each.operator == "="), "")
    rest = tuple(each for each in conditions if each.label != "__name__")
    return Selector(metric or named, rest), place + 1


def _unquoted(text: str) -> str:
    if text[:1] in "\"'`" and len(text) >= 2:
        inner = text[1:-1]
        return inner if text[0] == "`" else re.sub(r"\\(.)", r"\1", inner)
    return text
