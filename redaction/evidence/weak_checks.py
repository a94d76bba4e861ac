"""Believing every check digit, for profiles that would rather lose an order id than show a tax number."""

from __future__ import annotations

from dataclasses import replace

from ..definition import Definition, Digits, Lettered, Rule
from .surroundings import LEAST_ONE_IN


def believed(definition: Definition) -> Definition:
    """The definition, whose values need no word under a key that says nothing, however many others pass their check.

    Keys and words that name a diagnosis still silence it.
    """
    return replace(definition, rules=tuple(_believed(rule) for rule in definition.rules))


def _believed(rule: Rule) -> Rule:
    if not isinstance(rule, Digits | Lettered) or rule.evidence is None or rule.check is None:
        return rule
    one_in = max(rule.evidence.one_in, LEAST_ONE_IN)
    return replace(rule, evidence=replace(rule.evidence, one_in=one_in, even_times=True))
