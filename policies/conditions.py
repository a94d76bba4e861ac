"""The conditions of a policy, taken apart: the yes-or-no questions in them, what each reads, and how it is written.

Works on policies in Cedar's JSON format (docs.cedarpolicy.com, "JSON policy format"), where an expression is an object
with the operator as its only key.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Tree: TypeAlias = Mapping[str, Any]
"""A policy, or an expression in one."""

Steps: TypeAlias = tuple[str | int, ...]
"""The way from a policy to an expression inside it."""

_JOINING = ("&&", "||")
_INFIX = ("==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "in")
_METHODS = ("contains", "containsAll", "containsAny", "getTag", "hasTag")


@dataclass(frozen=True)
class Question:
    """An expression in a policy's conditions that says yes or no and is not joined of others.

    Args:
        steps: where it stands.
        text: as it is written in Cedar.
        reads: what it looks at, such as `("context", "args", "service")`; as far as names can tell.
    """

    steps: Steps
    text: str
    reads: frozenset[tuple[str, ...]]


def questions(policy: Tree) -> tuple[Question, ...]:
    """Every question in the conditions of a policy, in the order in which they are written."""
    return tuple(
        question
        for place, condition in enumerate(policy["conditions"])
        for question in _questions(condition["body"], ("conditions", place, "body"))
    )


def answered(policy: Tree, answers: Mapping[Steps, bool]) -> Tree:
    """The policy with fixed answers in the place of some of its questions."""
    changed = json.loads(json.dumps(policy))
    for steps, answer in answers.items():
        above = changed
        for step in steps[:-1]:
            above = above[step]
        above[steps[-1]] = {"Value": answer}
    return changed  # type: ignore[no-any-return]  # what was a policy is one still


def _questions(expression: Tree, steps: Steps) -> Iterator[Question]:
    operator, operands = _taken_apart(expression)
    if operator in _JOINING:
        for side in ("left", "right"):
            yield from _questions(operands[side], (*steps, operator, side))
    elif operator == "!":
        yield from _questions(operands["arg"], (*steps, operator, "arg"))
    elif operator == "if-then-else":
        for part in ("if", "then", "else"):
            yield from _questions(operands[part], (*steps, operator, part))
    elif operator != "Value":
        yield Question(steps, written(expression), frozenset(_reads(expression)))


def _reads(expression: Any) -> Iterator[tuple[str, ...]]:
    """The longest paths of names that an expression follows, or asks for."""
    if isinstance(expression, Mapping):
        path = path_of(expression)
        if not path and "has" in expression:
            path = path_of({".": expression["has"]})
        if path:
            yield path
            return
        for part in expression.values():
            yield from _reads(part)
    elif isinstance(expression, list):
        for part in expression:
            yield from _reads(part)


def path_of(expression: Tree) -> tuple[str, ...]:
    """`context.args.service` as its names; empty if it is something else."""
    if len(expression) != 1:
        return ()
    operator, operands = _taken_apart(expression)
    if operator == "Var":
        return (str(operands),)
    above = path_of(operands["left"]) if operator == "." else ()
    return (*above, str(operands["attr"])) if above else ()


def written(expression: Tree) -> str:
    """An expression in Cedar's own syntax, for people; brackets where they may be needed."""
    operator, operands = _taken_apart(expression)
    if operator == "Value":
        return _literal(operands)
    if operator == "Var":
        return str(operands)
    if operator in (".", "has"):
        attribute = str(operands["attr"])
        joint = "." if operator == "." else " has "
        return f"{_inner(operands['left'])}{joint}{attribute if attribute.isidentifier() else json.dumps(attribute)}"
    if operator in _METHODS:
        return f"{_inner(operands['left'])}.{operator}({written(operands['right'])})"
    if operator in _INFIX or operator in _JOINING:
        return f"{_inner(operands['left'])} {operator} {_inner(operands['right'])}"
    return _written_rest(operator, operands)


def _written_rest(operator: str, operands: Any) -> str:
    if operator == "isEmpty":
        return f"{_inner(operands['arg'])}.isEmpty()"
    if operator in ("!", "neg"):
        return f"{'!' if operator == '!' else '-'}{_inner(operands['arg'])}"
    if operator == "like":
        return f"{_inner(operands['left'])} like {_pattern(operands['pattern'])}"
    if operator == "is":
        inside = f" in {_inner(operands['in'])}" if "in" in operands else ""
        return f"{_inner(operands['left'])} is {operands['entity_type']}{inside}"
    if operator == "if-then-else":
        parts = (written(operands[part]) for part in ("if", "then", "else"))
        return "if {} then {} else {}".format(*parts)
    if operator == "Set":
        return f"[{', '.join(written(member) for member in operands)}]"
    if operator == "Record":
        return f"{{{', '.join(f'{json.dumps(name)}: {written(value)}' for name, value in operands.items())}}}"
    if isinstance(operands, Sequence):
        return _called(operator, operands)
    return f"{operator}({json.dumps(operands, ensure_ascii=False)})"


def _called(function: str, arguments: Sequence[Tree]) -> str:
    """`datetime("…")` and other constructors; methods of extension types look the same in the JSON format."""
    texts = [written(argument) for argument in arguments]
    if len(arguments) > 1 or "Value" not in arguments[0]:
        return f"{_inner(arguments[0])}.{function}({', '.join(texts[1:])})"
    return f"{function}({', '.join(texts)})"


def _inner(expression: Tree) -> str:
    operator, _ = _taken_apart(expression)
    text = written(expression)
    return f"({text})" if operator in (*_INFIX, *_JOINING, "if-then-else", "has", "like", "is") else text


def _literal(value: Any) -> str:
    if isinstance(value, Mapping) and "__entity" in value:
        return f"{value['__entity']['type']}::{json.dumps(value['__entity']['id'], ensure_ascii=False)}"
    return json.dumps(value, ensure_ascii=False)


def _pattern(parts: Sequence[Any]) -> str:
    texts = ("*" if part == "Wildcard" else _literal(part["Literal"])[1:-1].replace("*", r"\*") for part in parts)
    return f'"{"".join(texts)}"'


def _taken_apart(expression: Tree) -> tuple[str, Any]:
    ((operator, operands),) = expression.items()
    return operator, operands
