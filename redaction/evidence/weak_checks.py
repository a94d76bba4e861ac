"""Believing one check digit, for profiles that would rather lose an order id than show a tax number.

Whether a check is a check digit at all, or only refuses a few numbers that nobody has, is found out by asking it: of
one hundred random numbers of the shape, few have the right digit.
"""

from __future__ import annotations

import random
import re
from dataclasses import replace

from ..definition import Check, Definition, Digits, Lettered, Rule
from .surroundings import LEAST_ONE_IN

_SHAPE = re.compile(r"\(\?<!\[[A0-9\-]+\]\)\(\?:((?:[A0 ]|\[[^\]]{1,4}\]|\{[0-9,]+\}|[\-/.\\])+)\)\(\?!\[[A0-9\-]+\]\)")
_PIECE = re.compile(r"(\[[^\]]*\]|\\?.)(?:\{([0-9]+)(?:,([0-9]+))?\})?")
_KINDS = {"0": "0123456789", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_TRIED = 100
_MOST_PASSED = 20
"""A check digit of a base of ten or more lets ten pass; twenty is three deviations above."""


def believed(definition: Definition) -> Definition:
    """The definition, whose values need no word under any key but one that names a diagnosis, though one of ten passes.

    Keys and words that name a diagnosis still silence it.
    """
    return replace(definition, rules=tuple(_believed(rule) for rule in definition.rules))


def _believed(rule: Rule) -> Rule:
    if not isinstance(rule, Digits | Lettered) or rule.evidence is None or rule.check is None:
        return rule
    one_in = rule.evidence.one_in
    if one_in < LEAST_ONE_IN and not _has_check_digit(rule.expression, rule.check):
        return rule
    return replace(rule, evidence=replace(rule.evidence, one_in=max(one_in, LEAST_ONE_IN), even_times=True))


def _has_check_digit(expression: str, check: Check) -> bool:
    shape = _SHAPE.fullmatch(expression)
    if shape is None:
        return False
    drawn = random.Random(expression)  # noqa: S311 - the same numbers in every process
    numbers = (_drawn(shape[1], drawn) for _ in range(_TRIED))
    return sum(check(number, 0, len(number)) is not None for number in numbers) <= _MOST_PASSED


def _drawn(shape: str, drawn: random.Random) -> str:
    """A number of a shape as `Digits` and `Lettered` spell it: `0{3}[ -]0{4}`."""
    parts: list[str] = []
    for piece in _PIECE.finditer(shape):
        least = int(piece[2] or 1)
        count = drawn.randint(least, int(piece[3] or least))
        # `[A0]` is any of both, `[ -]` one of two separators.
        choices = "".join(_KINDS.get(each, each) for each in piece[1].strip("[]").replace("\\", ""))
        parts += drawn.choices(choices, k=count)
    return "".join(parts)
