"""Names of who pays and who is paid in the messages of mobile money."""

from __future__ import annotations

from ..definition import Anchored, Definition, Hit
from .mobile_money_number import BETWEEN, NAME, NUMBER, SIGNS, TOWARDS
from .person import NOT_PEOPLE


def _called(text: str, start: int, end: int) -> Hit | None:
    """Shops are paid too, and things are called in capitals."""
    words = text[start:end].replace(".", " ").split()
    return None if any(word.casefold() in NOT_PEOPLE for word in words) else (start, end, 0.6)


MOBILE_MONEY_NAME = Definition(
    "PERSON",
    (
        Anchored(SIGNS, after=rf"{TOWARDS}(?P<value>{NAME}){BETWEEN}{NUMBER}", check=_called),
        Anchored(SIGNS, after=rf"{TOWARDS}{NUMBER}{BETWEEN}(?P<value>{NAME})", check=_called),
    ),
    name="mobile_money_name",
)
