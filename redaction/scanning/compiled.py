"""Rules ready to run."""

from __future__ import annotations

import re
from functools import cached_property, partial

from ..definition import (
    Anchored,
    Check,
    Definition,
    Digits,
    Evidence,
    Hit,
    Keyed,
    Lettered,
    Long,
    Pattern,
    Rule,
    Several,
)


class Compiled:
    """A rule ready to run; its expressions are compiled when they are first needed."""

    def __init__(self, definition: Definition, rule: Rule) -> None:
        self.entity_type = definition.entity_type
        self.name = definition.name
        self.score = rule.score
        self.hit: Check = rule.check or partial(_taken, rule.score)
        """What is found at a place where the expression matched."""
        self.several: Several | None = rule.several if isinstance(rule, Digits | Anchored) else None
        self.evidence: Evidence | None = rule.evidence if isinstance(rule, Digits | Lettered) else None
        self.begins = rule.begins if isinstance(rule, Digits) else ""
        self.least = rule.least if isinstance(rule, Digits | Long) else 0
        self.needs = rule.needs if isinstance(rule, Pattern) else ()
        self.reach = rule.reach if isinstance(rule, Anchored) else 0
        self.near, self.window = _near(rule)
        self.may_begin = rule.may_begin if isinstance(rule, Pattern) else None
        self.whole = rule.whole if isinstance(rule, Keyed) else False
        self._after = _expression(rule)
        self._before = rule.before if isinstance(rule, Anchored) else ""

    @property
    def pattern(self) -> str:
        """The expression as it was written."""
        return self._after

    @cached_property
    def expression(self) -> re.Pattern[str]:
        return re.compile(self._after)

    @cached_property
    def before(self) -> re.Pattern[str] | None:
        return re.compile(self._before) if self._before else None

    @cached_property
    def group(self) -> str | int:
        """What of a match is removed: the group `value`, where there is one."""
        return "value" if "value" in self.expression.groupindex else 0


def _taken(score: float, _text: str, start: int, end: int) -> Hit:
    return start, end, score


def _near(rule: Rule) -> tuple[tuple[bytes, ...], tuple[int, int]]:
    if isinstance(rule, Pattern):
        return tuple(each.encode("ascii") for each in rule.near), rule.reach
    return (), (0, 0)


def _expression(rule: Rule) -> str:
    if isinstance(rule, Keyed):
        return rule.bare
    if isinstance(rule, Anchored):
        return rule.after
    if isinstance(rule, Digits | Lettered):
        return f"(?=({rule.expression}))"  # looking ahead keeps candidates that overlap
    return rule.expression
