"""PromQL that a person or a model wrote: read, checked, confined, and written again from what was read.

What is sent is never the text that came in. Every selector is compiled anew with the labels that confine it, and the
result is read once more before it goes out: a selector without them, or a text that two readers would read differently,
ends the call.

Grammar: Prometheus documentation, "Querying basics", "Operators" and "Functions".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

from ...core.errors import ToolRetry
from .backends.promql import Matcher, selector

LONGEST_TEXT = 4_000
_DEEPEST = 24
_MOST_PARTS = 200
_MOST_SELECTORS = 12

_FUNCTIONS = frozenset(
    "abs absent absent_over_time acos acosh asin asinh atan atanh avg_over_time ceil changes clamp clamp_max clamp_min "
    "cos cosh count_over_time day_of_month day_of_week day_of_year days_in_month deg delta deriv exp floor "
    "histogram_avg histogram_count histogram_fraction histogram_quantile histogram_sum holt_winters hour idelta "
    "increase irate label_join label_replace last_over_time ln log10 log2 max_over_time min_over_time minute month pi "
    "predict_linear present_over_time quantile_over_time rad rate resets round scalar sgn sin sinh sort sort_desc sqrt "
    "stddev_over_time stdvar_over_time sum_over_time tan tanh time timestamp vector year".split()
)
"""All that compute from what they are given. `info` is missing: it reads series that nobody named."""

_WRITES_LABELS = frozenset(("label_replace", "label_join"))
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


@dataclass(frozen=True)
class ExpressionRules:
    """What an expression may ask for.

    Args:
        confined: labels that every selector gets, and none may name.
        metrics: patterns with `*` and `?`; every metric read fits one.
        hidden_labels: labels that may not be asked about.
        longest: of a range, an offset and the whole window.
    """

    confined: tuple[Matcher, ...] = ()
    metrics: tuple[str, ...] = ("*",)
    hidden_labels: frozenset[str] = frozenset()
    longest: timedelta = timedelta(days=2)


@dataclass(frozen=True)
class Reading:
    """One selector of an expression, and how much of its series each answer takes.

    Args:
        select: the selector as it is sent, without its range.
        reach: seconds of samples that one evaluation reads; 0 for the newest sample.
        evaluations: how often a step of the answer evaluates it; more than once below a subquery.
    """

    select: str
    reach: float
    evaluations: float


@dataclass(frozen=True)
class Expression:
    """An expression as it is sent, and what it reads."""

    text: str
    readings: tuple[Reading, ...]


def compiled(text: str, rules: ExpressionRules, step: timedelta) -> Expression:
    """Read an expression, check it, and write it again with every selector confined.

    Args:
        text: what somebody wrote.
        rules: what it may ask for.
        step: between two points of the answer; a subquery without a step of its own is taken to use it.

    Raises:
        ToolRetry: it is no PromQL, or asks for what it may not.
    """
    check = _Check(rules, step)
    if len(text) > LONGEST_TEXT:
        raise ToolRetry("the expression is too long", remedy=f"up to {LONGEST_TEXT} characters")
    tree = _parsed(text)
    if type(tree).__name__ in ("MatrixSelector", "SubqueryExpr", "StringLiteral"):
        raise ToolRetry(
            "the expression gives no numbers over time", remedy="put a function such as rate(...) around it"
        )
    check.visit(tree, evaluations=1.0, depth=0)

    written = _confined(tree, rules.confined).prettify()
    back = _parsed(written)
    again = _Check(rules, step, is_confined=True)
    again.visit(back, evaluations=1.0, depth=0)
    if str(_confined(back, rules.confined)) != str(_confined(tree, rules.confined)):
        raise ToolRetry("the expression does not survive being confined", remedy="write it more simply")
    return Expression(written, tuple(again.readings))


def _confined(tree: Any, confined: Sequence[Matcher]) -> Any:
    """The tree with every selector written anew."""
    import promql_parser  # noqa: PLC0415 - only an expression needs it

    def written(node: Any) -> Any:
        if isinstance(node, promql_parser.MatrixSelector):
            return promql_parser.parse(_written(node.vector_selector, confined, node.range))
        return promql_parser.parse(_written(node, confined)) if isinstance(node, promql_parser.VectorSelector) else None

    return promql_parser.transform(tree, None, written)


def _parsed(text: str) -> Any:
    import promql_parser  # noqa: PLC0415 - only an expression needs it

    if _nesting(text) > _DEEPEST:
        raise ToolRetry("the expression is nested too deeply", remedy=f"up to {_DEEPEST} brackets within each other")
    if not text.replace("\n", " ").replace("\t", " ").isprintable():
        raise ToolRetry("the expression holds a character that is not printed", remedy="retype it")
    try:
        return promql_parser.parse(text)
    except ValueError as error:
        raise ToolRetry("this is no PromQL", remedy=f"the parser says: {str(error)[:200]}") from None


def _nesting(text: str) -> int:
    """Upper bound: brackets in literals count too."""
    deepest = depth = 0
    for char in text:
        depth += (char in "([{") - (char in ")]}")
        deepest = max(deepest, depth)
    return deepest


@dataclass
class _Check:
    """Walks a tree, refuses what the rules do not allow, and collects what is read."""

    rules: ExpressionRules
    step: timedelta
    is_confined: bool = False
    readings: list[Reading] = field(default_factory=list)
    parts: int = 0

    def visit(self, node: Any, *, evaluations: float, depth: int) -> None:
        """Check a node and those below it.

        Raises:
            ToolRetry: something in it is not allowed.
        """
        self.parts += 1
        if self.parts > _MOST_PARTS or depth > 2 * _DEEPEST:
            raise ToolRetry("the expression has too many parts", remedy="ask for less at once")
        kind = type(node).__name__
        known = getattr(self, f"_{kind}", None)
        if known is None:
            raise ToolRetry(f"a {kind} is not used here", remedy="write it with selectors, functions and operators")
        for child, times in known(node):
            self.visit(child, evaluations=evaluations * times, depth=depth + 1)
        if kind in ("VectorSelector", "MatrixSelector"):
            self._read(node, kind, evaluations)

    # One method for each kind of node that is allowed: it checks the node and gives what is below it.

    def _NumberLiteral(self, _node: Any) -> list[tuple[Any, float]]:
        return []

    def _StringLiteral(self, _node: Any) -> list[tuple[Any, float]]:
        return []

    def _ParenExpr(self, node: Any) -> list[tuple[Any, float]]:
        return [(node.expr, 1)]

    def _UnaryExpr(self, node: Any) -> list[tuple[Any, float]]:
        return [(node.expr, 1)]

    def _BinaryExpr(self, node: Any) -> list[tuple[Any, float]]:
        modifier = node.modifier
        if modifier is not None:
            self._labels(modifier.matching.labels if modifier.matching else ())
            self._labels(modifier.group_labels or ())
        return [(node.lhs, 1), (node.rhs, 1)]

    def _AggregateExpr(self, node: Any) -> list[tuple[Any, float]]:
        self._labels(node.modifier.labels if node.modifier else ())
        children = [(node.expr, 1.0)]
        if node.param is not None:
            if type(node.param).__name__ == "StringLiteral":
                self._labels([node.param.val])
            children.append((node.param, 1.0))
        return children

    def _Call(self, node: Any) -> list[tuple[Any, float]]:
        name = node.func.name
        if name not in _FUNCTIONS:
            raise ToolRetry(f"the function {name} is not used here", remedy="use another function")
        if name in _WRITES_LABELS:
            # Its texts name labels to read and to write, or are put together from their values.
            self._labels([arg.val for arg in node.args if type(arg).__name__ == "StringLiteral"])
        return [(arg, 1.0) for arg in node.args]

    def _SubqueryExpr(self, node: Any) -> list[tuple[Any, float]]:
        self._times(node)
        step = max((node.step or self.step).total_seconds(), 1.0)
        self._length(node.range)
        return [(node.expr, max(1.0, node.range.total_seconds() / step))]

    def _MatrixSelector(self, node: Any) -> list[tuple[Any, float]]:
        self._length(node.range)
        self._times(node.vector_selector)
        return []

    def _VectorSelector(self, node: Any) -> list[tuple[Any, float]]:
        self._times(node)
        return []

    def _read(self, node: Any, kind: str, evaluations: float) -> None:
        vector = node.vector_selector if kind == "MatrixSelector" else node
        matchers = _matchers(vector)
        self._metric(matchers)
        confined = {str(matcher) for matcher in self.rules.confined}
        names = [matcher.name for matcher in matchers if not (self.is_confined and str(matcher) in confined)]
        self._labels(names)
        if self.is_confined and not confined <= {str(matcher) for matcher in matchers}:
            raise ToolRetry("the expression cannot be confined", remedy="write it more simply")
        if len(self.readings) == _MOST_SELECTORS:
            raise ToolRetry(f"the expression has more than {_MOST_SELECTORS} selectors", remedy="ask for less at once")
        reach = node.range.total_seconds() if kind == "MatrixSelector" else 0.0
        self.readings.append(Reading(selector(matchers), reach, evaluations))

    def _metric(self, matchers: Sequence[Matcher]) -> None:
        named = [matcher.value for matcher in matchers if matcher.name == "__name__"]
        if len(named) != 1 or not any(m.name == "__name__" and m.operator == "=" for m in matchers):
            raise ToolRetry("a selector does not name its metric", remedy="write the name of one metric in each")
        if not _METRIC.fullmatch(named[0]) or not any(fnmatchcase(named[0], known) for known in self.rules.metrics):
            raise ToolRetry("the expression reads a metric that may not be read", remedy="ask for another metric")

    def _labels(self, names: Sequence[str]) -> None:
        confined = {matcher.name for matcher in self.rules.confined}
        for name in names:
            if name in self.rules.hidden_labels:
                raise ToolRetry("the expression names a label that is hidden here", remedy="leave it out")
            if name in confined:
                raise ToolRetry(
                    f"the label {name} is set for you", remedy="leave it out; only its value here can be read"
                )

    def _times(self, node: Any) -> None:
        if node.at is not None:
            raise ToolRetry("`@` is not used here", remedy="say with `start` and `end` which time to look at")
        if node.offset is not None and abs(node.offset) > self.rules.longest:
            raise ToolRetry("an offset is too long", remedy=f"up to {_days(self.rules.longest)} days")

    def _length(self, length: timedelta) -> None:
        if length > self.rules.longest:
            raise ToolRetry("a range is too long", remedy=f"up to {_days(self.rules.longest)} days")


def _days(length: timedelta) -> str:
    return f"{length.total_seconds() / 86_400:g}"


_OPERATORS: dict[str, Any] = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}


def _matchers(vector: Any) -> list[Matcher]:
    """The conditions of a selector, the metric's name among them.

    Raises:
        ToolRetry: it holds what Prometheus does not know.
    """
    if vector.matchers.or_matchers:
        raise ToolRetry("`or` between labels is no PromQL", remedy="use `=~`, or two selectors with `or` between them")
    found = [Matcher("__name__", "=", vector.name)] if vector.name else []
    for matcher in vector.matchers.matchers:
        operator = _OPERATORS[str(matcher.op).rpartition(".")[2]]
        try:
            found.append(Matcher(matcher.name, operator, matcher.value))
        except ValueError:
            raise ToolRetry("a label has a name that is none", remedy="letters, digits and `_`") from None
    return found


def _written(vector: Any, confined: Sequence[Matcher], length: timedelta | None = None) -> str:
    """A selector with the labels that confine it, once each."""
    import promql_parser  # noqa: PLC0415 - only an expression needs it

    matchers = _matchers(vector)
    name = next(matcher.value for matcher in matchers if matcher.name == "__name__")
    rest = [matcher for matcher in matchers if matcher.name != "__name__" and matcher not in confined]
    text = f"{name}{selector((*rest, *confined))}"
    if length is not None:
        text += f"[{promql_parser.display_duration(length)}]"
    if vector.offset is not None:
        sign = "-" if vector.offset < timedelta(0) else ""
        text += f" offset {sign}{promql_parser.display_duration(abs(vector.offset))}"
    return text
