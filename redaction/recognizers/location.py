"""Countries and large cities in prose, by a list. Only profiles that ask for it take them out."""

from __future__ import annotations

import re

from ..definition import Definition, Hit, Pattern
from ..gazetteers.names import names, plain_name

_WORD = r"[A-ZÀ-ÖØ-ÞĀ-Ž][\w'’\-]{1,24}"
_MORE = re.compile(rf"(?: (?:de |do |da |la |es |of )?{_WORD}){{0,3}}")
_GLUE = frozenset("_-./@#$:=")


def _listed(text: str, start: int, end: int) -> Hit | None:
    """The longest name of the list that begins here."""
    if start and (text[start - 1].isalnum() or text[start - 1] in _GLUE):
        return None
    more = _MORE.match(text, end)
    last = more.end() if more else end
    while True:
        if text[last : last + 1] not in ("_", "-", "=", "@") and plain_name(text[start:last]) in names("places"):
            return start, last, 0.5
        cut = text.rfind(" ", start, last)
        if cut < 0 or cut < end:
            return None if last == end else _alone(text, start, end)
        last = cut


def _alone(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.5) if plain_name(text[start:end]) in names("places") else None


LOCATION = Definition("LOCATION", (Pattern(_WORD, check=_listed),))
