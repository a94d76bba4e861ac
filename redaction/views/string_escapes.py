"""Texts inside of quoted texts, as in JSON in JSON: line breaks written as a backslash and an n, and quotes escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .folding import Replacement

_WRITTEN = re.compile(r"\\(?:[nrt\"'\\/])")
_QUOTED = re.compile(r'(?<!\\)"(?:[^"\\\n]|\\.)*+"')
_MEANT = {"n": "\n", "r": "\r", "t": "\t"}


def unstrung(text: str) -> Iterator[Replacement]:
    """One level of escapes of quoted texts undone, where a line break is among them.

    A quoted text of several lines begins on a line of its own, so that the head of a table in it is one.
    """
    if "\\n" not in text:
        return
    openings = [(match.start(), match.start() + 1, "\n") for match in _QUOTED.finditer(text) if "\\n" in match.group()]
    written = [
        (match.start(), match.end(), _MEANT.get(match.group()[1], match.group()[1]))
        for match in _WRITTEN.finditer(text)
    ]
    yield from sorted(openings + written)
