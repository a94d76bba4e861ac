"""A second, stricter rule for values that no word and no key of their own speaks for.

Behind its word an identifier is found with whatever check there is. Alone among numbers of all kinds it has to pass
more: a table of banks, a region, a first digit; and it must not read as a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ...definition import Check, Definition, Digits, Evidence, Hit, Lettered, Rule
from ...evidence.identifiers import compact


def also_alone(
    definition: Definition, *shapes: str, valid: Callable[[str], bool], one_in: int, even_times: bool = False
) -> Definition:
    """The definition with a rule that asks for no word.

    Args:
        definition: made by `identifier`.
        shapes: as for `identifier`.
        valid: the stricter check of the compact value.
        one_in: of so many random values of the shape one passes. From 10 on it counts under a key that says nothing,
            from 50 on with no key at all; 49 is said of what is too seldom met there for the numbers it would take.
        even_times: as for `identifier`.
    """
    evidence = Evidence(frozenset(), one_in, even_times)
    return with_rules(definition, *(_rule(shape, _check(valid), evidence) for shape in shapes))


def with_rules(definition: Definition, *rules: Rule) -> Definition:
    """The definition with further rules."""
    return replace(definition, rules=(*definition.rules, *rules))


def _check(valid: Callable[[str], bool]) -> Check:
    def check(text: str, start: int, end: int) -> Hit | None:
        value = compact(text[start:end])
        return (start, end, 0.9) if len(set(value)) > 1 and valid(value) else None

    return check


def _rule(shape: str, check: Check, evidence: Evidence) -> Digits | Lettered:
    if "A" in shape:
        return Lettered(rf"(?<![A0])(?:{shape})(?![A0])", check=check, evidence=evidence)
    return Digits(rf"(?<![0-9])(?:{shape})(?![0-9])", least=7, check=check, evidence=evidence)
