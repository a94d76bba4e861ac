"""Card numbers with digits covered: what may stay for the diagnosis, and what shows too much."""

from __future__ import annotations

import re

from ..definition import Hit
from ..recognizers.card_ranges import begins_like_card
from .card_words import spoken_of_card

# PCI SSC FAQ 1091: of 16 digits the first 8 and 4 more may stay, with at least 4 gone; of 15 and fewer, and of lengths
# the FAQ does not name, the first 6 and the last 4.
_FIRST, _FIRST_OF_LONG, _LAST, _HIDDEN_OF_LONG = 6, 8, 4, 4
_COVER = r"[*xX#•●.]"
COVERED = rf"{_COVER}(?:[ \-]?{_COVER}){{1,15}}+"
SHOWN_AFTER = r"[ \-]?[0-9](?:[ \-]?[0-9]){0,10}+"
_REST = re.compile(rf"({COVERED})({SHOWN_AFTER})?+(?![0-9*#])")


def overexposed(text: str, start: int, end: int) -> Hit | None:
    """A number with some digits covered that still shows more of a card than may be shown."""
    covered = re.search(_COVER, text[start:end])
    rest = _REST.match(text, start + covered.start()) if covered else None
    if rest is None or text[max(0, start - 1) : start].isalnum():
        return None
    first = sum(part.isdigit() for part in text[start : rest.start()])
    last = sum(part.isdigit() for part in rest[2] or "")
    hidden = sum(part not in " -" for part in rest[1])
    if _may_stay(first, hidden, last, of_any_length=set(rest[1]) <= {"."}):
        return None
    begin = "".join(part for part in text[start : rest.start()] if part.isdigit())
    if not (first >= _FIRST and begins_like_card(begin)) and not spoken_of_card(text, start):
        return None
    return start, rest.end(), 0.85


def _may_stay(first: int, hidden: int, last: int, *, of_any_length: bool) -> bool:
    """Whether so many digits may be shown, or what shows them is no card number at all."""
    total = first + hidden + last
    if last <= _LAST and first <= (_FIRST if total < 16 or hidden < _HIDDEN_OF_LONG else _FIRST_OF_LONG):
        return True
    if of_any_length:
        # Three dots stand for any number of digits; and a dotted line between figures is no cover.
        return first + last < 12 or (last <= _LAST and first <= _FIRST_OF_LONG)
    # `4111111111**2` is a power.
    return not 12 <= total <= 19 or (last < _LAST and hidden < _HIDDEN_OF_LONG)
