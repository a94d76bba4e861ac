"""What an alerting rule compares: its expression, the comparison's sign and its threshold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .selectors import Selector, UnreadableExpression, selectors_of

Sign = Literal[">", ">=", "<", "<=", "==", "!="]
_SIGNS: dict[str, Sign] = {">": ">", ">=": ">=", "<": "<", "<=": "<=", "==": "==", "!=": "!="}
_TURNED: dict[Sign, Sign] = {">": "<", ">=": "<=", "<": ">", "<=": ">=", "==": "==", "!=": "!="}
_LONGEST = 4_000
_MOST_DEPTH = 24


@dataclass(frozen=True)
class Comparison:
    """What a rule fires on.

    Args:
        asked: the expression that is compared, as PromQL.
        sign: how it compares with the threshold when the alert fires.
        threshold: a number.
    """

    asked: str
    sign: Sign
    threshold: float


@dataclass(frozen=True)
class RuleExpression:
    """A rule's expression: what it reads, and its first comparison with a number; `problem` if it cannot be read."""

    selectors: tuple[Selector, ...] = ()
    comparison: Comparison | None = None
    problem: str = ""


def read_rule(expression: str) -> RuleExpression:
    """Read an expression with Prometheus' own grammar; raises nothing."""
    import promql_parser  # noqa: PLC0415 - only a rule needs it

    if len(expression) > _LONGEST or sum(char in "([{" for char in expression) > 200:
        return RuleExpression(problem="the expression is too long")
    try:
        selectors = selectors_of(expression)
        tree = promql_parser.parse(expression)
    except UnreadableExpression as error:
        return RuleExpression(problem=str(error))
    except ValueError:
        return RuleExpression(problem="the expression is no PromQL")
    return RuleExpression(selectors, _comparison(tree, 0))


def _comparison(node: Any, depth: int) -> Comparison | None:
    """The first comparison with a number, from the left; what stands on both sides of `and` are conditions."""
    kind = type(node).__name__
    if depth > _MOST_DEPTH:
        return None
    if kind == "ParenExpr":
        return _comparison(node.expr, depth + 1)
    if kind != "BinaryExpr":
        return None
    sign = _SIGNS.get(str(node.op))
    if sign is not None:
        sides: tuple[tuple[Any, Any, Sign], ...] = ((node.lhs, node.rhs, sign), (node.rhs, node.lhs, _TURNED[sign]))
        for side, other, its in sides:
            value = _number(other)
            if value is not None and _number(side) is None:
                return Comparison(str(side), its, value)
    return _comparison(node.lhs, depth + 1) or _comparison(node.rhs, depth + 1)


def _number(node: Any) -> float | None:
    kind = type(node).__name__
    if kind == "NumberLiteral":
        return float(node.val)
    if kind == "ParenExpr":
        return _number(node.expr)
    if kind == "UnaryExpr":
        below = _number(node.expr)
        return None if below is None else -below
    return None
