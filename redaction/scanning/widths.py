"""How much of a text an expression looks at, so that it can be tried on a stretch instead of the whole."""

from __future__ import annotations

import re

_PART = re.compile(
    r"(?P<open>\((?:\?(?:[:=!]|<[=!]|P<\w+>))?)|(?P<close>\))|(?P<one>\[\^?\]?(?:\\.|[^\]\\])*\]|\\[^1-9AZbB]|[^\\()|?*+{}\[\]^$])"
    r"|(?P<same>\\[1-9])|(?P<either>\|)"
)
_TIMES = re.compile(r"(?P<any>[*+]|\{[0-9]*,\})|\?|\{(?:[0-9]+,)?(?P<most>[0-9]+)\}")
_SAME = 8
"""More than any group that is referred to holds: separators."""


def longest(expression: str) -> int | None:
    """A bound on the characters from its beginning on that an expression looks at; None where none is seen.

    Alternatives count together, and what is looked at ahead and behind counts as well: the bound is safe, not close.
    """
    sums = [0]
    at = 0
    while at < len(expression):
        part = _PART.match(expression, at)
        if part is None:
            return None
        at = part.end()
        if part["open"]:
            sums.append(0)
            continue
        width = 0
        if part["close"]:
            if len(sums) < 2:
                return None
            width = sums.pop()
        elif part["one"] or part["same"]:
            width = _SAME if part["same"] else 1
        times = _TIMES.match(expression, at)
        if times is not None:
            if times["any"]:
                return None
            width *= int(times["most"] or 1)
            at = times.end()
            if expression[at : at + 1] in ("+", "?"):  # how eager it is
                at += 1
        sums[-1] += width
    return sums[0] if len(sums) == 1 else None
