"""Refusing bare numbers that read as something else, unless a word says what they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from ..definition import Check, Definition, Digits, Evidence, Hit, Rule
from .surroundings import Surroundings

Refuses: TypeAlias = Callable[[str, int, int], bool]
"""Whether `text[start:end]` reads as something else."""


def refused_unless_named(definition: Definition, refuses: Refuses) -> Definition:
    """The definition, whose bare numbers are refused where `refuses` says so and no word or key names them.

    Check digits let through one of ten numbers of other kinds, and logs hold more of those than identifiers.
    """
    return replace(definition, rules=tuple(_guarded(rule, refuses) for rule in definition.rules))


def _guarded(rule: Rule, refuses: Refuses) -> Rule:
    if not isinstance(rule, Digits) or rule.evidence is None or rule.check is None:
        return rule
    return replace(rule, check=_guard(rule.check, replace(rule.evidence, one_in=1), refuses))


def _guard(check: Check, named: Evidence, refuses: Refuses) -> Check:
    def guarded(text: str, start: int, end: int) -> Hit | None:
        hit = check(text, start, end)
        if hit is None or not refuses(text, start, end):
            return hit
        return hit if Surroundings(text, start, end).score(named) else None

    return guarded
