"""The conditions of a policy as alternatives: each a list of needs that must all hold for the policy to match.

Works on Cedar's JSON format like `conditions.py`. What is not understood becomes a need that can hold or not, so that
nothing follows from it but that it cannot do both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeAlias

from .conditions import Tree, path_of, written
from .occurring import ENVIRONMENT, ROLE, Asked, Constant, Path, shown, told
from .schema import NAMESPACE

MOST_CLAUSES = 512

Pattern: TypeAlias = tuple[str | None, ...]
"""The texts of a `like` in order; `None` is the wildcard."""
Condition: TypeAlias = tuple[Tree, bool]
"""An expression, and whether it has to hold or has to fail."""

_NEGATED = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_DECIMAL = {"lessThan": "<", "lessThanOrEqual": "<=", "greaterThan": ">", "greaterThanOrEqual": ">="}
_NUMBERS = ("Long", "datetime", "decimal")
# Only principal and resource are given to Cedar with their parents.
_USERS: tuple[Path, ...] = (("principal", "on_behalf_of"), ("context", "approval", "approver"))


class TooManyClauses(Exception):
    """There are more alternatives than are worth looking at."""


@dataclass(frozen=True)
class Need:
    """Something that has to be so.

    Args:
        text: as it is written.
        subject: what it speaks of, as it is written.
        term: the same as a key.
        only: the values that it leaves.
        but: the values that it excludes.
        low: the smallest number that it leaves.
        high: the largest number that it leaves.
        like: a pattern that has to fit.
        unlike: a pattern that must not fit.
        never: why it cannot be so at all; empty if it can.
    """

    text: str
    subject: str = ""
    term: Path = ()
    only: frozenset[Constant] | None = None
    but: frozenset[Constant] = frozenset()
    low: int | None = None
    high: int | None = None
    like: Pattern | None = None
    unlike: Pattern | None = None
    never: str = ""


Clause: TypeAlias = tuple[Need, ...]

_TRUE: list[Clause] = [()]


def conditions_of(policy: Tree) -> list[Condition]:
    """What a policy asks for besides its actions: its scope written out, then its conditions."""
    found = [(_scope("principal", policy["principal"]), True), (_scope("resource", policy["resource"]), True)]
    found += [(condition["body"], condition["kind"] == "when") for condition in policy["conditions"]]
    return found


def speaks_of(policy: Tree, asked: Asked) -> bool:
    """Whether the action is in the policy's scope."""
    return all(not clause for clause in Alternatives(asked).of(_scope("action", policy["action"]), True))


def all_of(alternatives: Sequence[list[Clause]]) -> list[Clause]:
    """One of each at once.

    Raises:
        TooManyClauses: that is too many.
    """
    joined = _TRUE
    for each in alternatives:
        if len(joined) * len(each) > MOST_CLAUSES:
            raise TooManyClauses
        joined = [(*before, *after) for before in joined for after in each]
    return joined


@dataclass(frozen=True)
class Alternatives:
    """Takes expressions apart for one sort of question."""

    asked: Asked

    def of(self, expression: Tree, holds: bool) -> list[Clause]:
        """The ways in which an expression can hold, or fail.

        Raises:
            TooManyClauses: there are too many.
        """
        ((operator, operands),) = expression.items()
        if operator in ("&&", "||"):
            sides = [self.of(operands["left"], holds), self.of(operands["right"], holds)]
            return all_of(sides) if (operator == "&&") == holds else _either(*sides)
        if operator == "!":
            return self.of(operands["arg"], not holds)
        if operator == "if-then-else":
            yes, no = self.of(operands["if"], True), self.of(operands["if"], False)
            then, otherwise = self.of(operands["then"], holds), self.of(operands["else"], holds)
            return _either(all_of([yes, then]), all_of([no, otherwise]))
        return _Question(self, expression, operator, operands, holds).alternatives()

    def constant(self, expression: Tree) -> Constant | None:
        """The value of an expression that has the same one in every question of this sort."""
        ((operator, operands),) = expression.items()
        if operator == "Var" and operands == "action":
            return ("Entity", f"{NAMESPACE}::Action::{self.asked.action}")
        if operator == "Value":
            return _value(operands)
        if operator in ("datetime", "decimal") and len(operands) == 1 and "Value" in operands[0]:
            return _extension(operator, operands[0]["Value"])
        members = self.members(expression)
        return None if members is None else ("Set", members)

    def members(self, expression: Tree) -> frozenset[Constant] | None:
        """The members of a set that is written out, if each is a constant."""
        if "Set" not in expression:
            return None
        found = [self.constant(member) for member in expression["Set"]]
        known = [member for member in found if member is not None]
        return frozenset(known) if len(known) == len(found) else None


@dataclass(frozen=True)
class _Question:
    """An expression that is not joined of others."""

    whole: Alternatives
    expression: Tree
    operator: str
    operands: Any
    holds: bool
    text: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", _written(self.expression, self.operator, self.holds))

    def alternatives(self) -> list[Clause]:
        if self.operator in ("==", "!="):
            return self._equal(self.operands["left"], self.operands["right"], self.holds == (self.operator == "=="))
        if self.operator in _TURNED:
            return self._compared(self.operator, self.operands["left"], self.operands["right"])
        if self.operator in _DECIMAL and len(self.operands) == 2:
            return self._compared(_DECIMAL[self.operator], *self.operands)
        special = {
            "Value": self._fixed,
            "has": self._has,
            "in": self._in,
            "is": self._is,
            "like": self._like,
            "contains": self._contains,
            "containsAll": self._contains_several,
            "containsAny": self._contains_several,
            "isEmpty": self._is_empty,
        }
        return special.get(self.operator, self._opaque)()

    def _known(self, answer: bool, why: str = "") -> list[Clause]:
        """An answer that is the same in every question of this sort."""
        if answer == self.holds:
            return _TRUE
        return [(Need(self.text, never=why or f"`{self.text}` never holds"),)]

    def _opaque(self) -> list[Clause]:
        return self._yes_or_no(_key(self.expression), self.holds)

    def _yes_or_no(self, term: Path, answer: bool) -> list[Clause]:
        subject = written(self.expression)
        return [(Need(self.text, subject, term, only=frozenset({("Bool", answer)})),)]

    def _among(self, side: Tree, values: frozenset[Constant], holds: bool) -> list[Clause]:
        need = Need(self.text, written(side), _key(side), only=values if holds else None, but=_NO if holds else values)
        return [(need,)]

    def _fixed(self) -> list[Clause]:
        return self._known(self.operands is True, f"`{self.text}` stands among its conditions")

    def _equal(self, left: Tree, right: Tree, holds: bool) -> list[Clause]:
        ours, theirs = self.whole.constant(left), self.whole.constant(right)
        if ours is not None and theirs is not None:
            return self._known((ours == theirs) == (self.operator == "=="))
        if ours is not None:
            return self._equal(right, left, holds)
        if theirs is not None and theirs[0] == "Bool":
            return self.whole.of(left, holds == theirs[1])
        if theirs is not None:
            return self._among(left, frozenset({theirs}), holds)
        if _key(left) == _key(right):
            return self._known(self.operator == "==")
        return self._yes_or_no(("==", *_keys(left, right, in_order=False)), holds)

    def _compared(self, operator: str, left: Tree, right: Tree) -> list[Clause]:
        ours, theirs = self.whole.constant(left), self.whole.constant(right)
        if ours is not None and theirs is None:
            return self._compared(_TURNED[operator], right, left)
        wanted = operator if self.holds else _NEGATED[operator]
        if ours is None and theirs is not None and theirs[0] in _NUMBERS and isinstance(theirs[1], int):
            low = {">": theirs[1] + 1, ">=": theirs[1]}.get(wanted)
            high = {"<": theirs[1] - 1, "<=": theirs[1]}.get(wanted)
            return [(Need(self.text, written(left), _key(left), low=low, high=high),)]
        sides = (left, right) if wanted in ("<", ">=") else (right, left)
        return self._yes_or_no(("<", *_keys(*sides)), wanted in ("<", ">"))

    def _has(self) -> list[Clause]:
        path = path_of(self.operands["left"])
        answer = self.whole.asked.has(path, self.operands["attr"]) if path else None
        if answer is None:
            return self._opaque()
        always = "is always" if answer else "is never"
        thing = f"{'.'.join(path)}.{self.operands['attr']}"
        return self._known(answer, f"`{self.text}` never holds: {thing} {always} there")

    def _in(self) -> list[Clause]:
        left, named = self.operands["left"], _entities(self.operands["right"])
        kinds = {kind for kind, _ in named}
        if left == {"Var": "action"} and named:
            asked = self.whole.asked
            names = {name for _, name in named}
            return self._known(asked.action in names or asked.group in names)
        if left == {"Var": "principal"} and kinds == {f"{NAMESPACE}::Role"}:
            return self._parent(ROLE, frozenset(("Role", name) for _, name in named))
        if left == {"Var": "resource"} and kinds == {f"{NAMESPACE}::Env"}:
            if self.whole.asked.resource != "Target":
                return self._known(False, f"`{self.text}` never holds: only what tools act on is in an environment")
            return self._parent(ENVIRONMENT, frozenset(("Env", name) for _, name in named))
        if path_of(left) in _USERS and kinds == {f"{NAMESPACE}::Role"}:
            return self._known(False, f"`{self.text}` never holds: policies are not told the roles of people")
        return self._opaque()

    def _parent(self, term: Path, values: frozenset[Constant]) -> list[Clause]:
        only, but = (values, _NO) if self.holds else (None, values)
        return [(Need(self.text, written(self.operands["left"]), term, only=only, but=but),)]

    def _is(self) -> list[Clause]:
        left, kind = self.operands["left"], self.operands["entity_type"]
        if "in" in self.operands:
            sides = (
                {"is": {"left": left, "entity_type": kind}},
                {"in": {"left": left, "right": self.operands["in"]}},
            )
            return self.whole.of({"&&": dict(zip(("left", "right"), sides, strict=True))}, self.holds)
        known = {"principal": "Agent", "resource": self.whole.asked.resource}.get(left.get("Var", ""))
        return self._opaque() if known is None else self._known(kind == f"{NAMESPACE}::{known}")

    def _like(self) -> list[Clause]:
        parts = _pattern(self.operands["pattern"])
        left = self.operands["left"]
        if self.whole.constant(left) is not None:
            return self._opaque()
        like, unlike = (parts, None) if self.holds else (None, parts)
        return [(Need(self.text, written(left), _key(left), like=like, unlike=unlike),)]

    def _contains(self) -> list[Clause]:
        left, right = self.operands["left"], self.operands["right"]
        inside, member = self.whole.members(left), self.whole.constant(right)
        if inside is not None:
            return self._among(right, inside, self.holds) if member is None else self._known(member in inside)
        members = self.whole.asked.domain(_key(left)).members
        if member is not None and members is not None and member not in members:
            may = told(members, "and")
            return self._known(False, f"{written(left)} never holds {shown(member)}: only {may} may be in it")
        return self._yes_or_no(("contains", *_keys(left, right)), self.holds)

    def _contains_several(self) -> list[Clause]:
        left, right = self.operands["left"], self.operands["right"]
        if "Set" not in right or not right["Set"]:
            return self._opaque()
        one_by_one = [{"contains": {"left": left, "right": member}} for member in right["Set"]]
        sides = [self.whole.of(one, self.holds) for one in one_by_one]
        return all_of(sides) if (self.operator == "containsAll") == self.holds else _either(*sides)

    def _is_empty(self) -> list[Clause]:
        subject = self.operands["arg"]
        known = self.whole.constant(subject)
        if known is not None:
            return self._known(known == ("Set", _NO))
        if self.whole.asked.domain(_key(subject)).shortest > 0:
            return self._known(False, f"`{self.text}` never holds: {written(subject)} always has a member")
        return self._yes_or_no(("isEmpty", *_keys(subject)), self.holds)


_NO: frozenset[Constant] = frozenset()


def _either(*alternatives: list[Clause]) -> list[Clause]:
    found = [clause for each in alternatives for clause in each]
    if len(found) > MOST_CLAUSES:
        raise TooManyClauses
    return found


def _scope(variable: str, scope: Mapping[str, Any]) -> Tree:
    """A part of a policy's scope as an expression."""
    left = {"Var": variable}
    named = [{"Value": {"__entity": one}} for one in scope.get("entities", ())]
    right: Tree = {"Set": named} if "entities" in scope else {"Value": {"__entity": scope.get("entity")}}
    if scope["op"] == "is":
        inside = {"in": {"Value": {"__entity": scope["in"]["entity"]}}} if "in" in scope else {}
        return {"is": {"left": left, "entity_type": scope["entity_type"], **inside}}
    return {"Value": True} if scope["op"] == "All" else {scope["op"]: {"left": left, "right": right}}


def _written(expression: Tree, operator: str, holds: bool) -> str:
    if holds:
        return written(expression)
    if operator in _NEGATED:
        return written({_NEGATED[operator]: expression[operator]})
    return written({"!": {"arg": expression}})


def _key(expression: Tree) -> Path:
    return path_of(expression) or ("<expression>", json.dumps(expression, sort_keys=True))


def _pattern(parts: Sequence[Any]) -> Pattern:
    """A pattern with the texts between its wildcards in one piece each."""
    found: list[str | None] = []
    for part in parts:
        if part == "Wildcard":
            found.append(None)
        elif found and found[-1] is not None:
            found[-1] += str(part["Literal"])
        else:
            found.append(str(part["Literal"]))
    return tuple(found)


def _keys(*expressions: Tree, in_order: bool = True) -> Path:
    """Keys of expressions as parts of another key."""
    keys = [json.dumps(_key(expression)) for expression in expressions]
    return tuple(keys if in_order else sorted(keys))


def _entities(expression: Tree) -> list[tuple[str, str]]:
    """The entities that are written out, if that is all there is."""
    members = expression.get("Set", [expression])
    found = [_entity(member.get("Value")) for member in members]
    return [each for each in found if each is not None] if None not in found else []


def _entity(value: Any) -> tuple[str, str] | None:
    # Any other value is an object with one name: an entity, or one of an extension.
    if value is None or isinstance(value, str | int):
        return None
    named: Mapping[str, str] | None = value.get("__entity")
    return None if named is None else (named["type"], named["id"])


def _value(value: Any) -> Constant | None:
    entity = _entity(value)
    if entity is not None:
        return ("Entity", "::".join(entity))
    if isinstance(value, bool):
        return ("Bool", value)
    if isinstance(value, int):
        return ("Long", value)
    return ("String", value) if isinstance(value, str) else None


def _extension(kind: str, text: str) -> Constant | None:
    """Moments in milliseconds and decimals in ten-thousandths, as Cedar keeps them."""
    if kind == "decimal":
        return (kind, int(Decimal(text).scaleb(4)))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (kind, (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1))
