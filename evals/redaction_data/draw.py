"""Chance with a seed: the same seed and name always draw the same."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

T = TypeVar("T")

DIGITS = "0123456789"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOWER = "abcdefghijklmnopqrstuvwxyz"
HEX = "0123456789abcdef"
BASE32 = UPPER + "234567"
BASE62 = UPPER + LOWER + DIGITS
BASE64_URL = BASE62 + "-_"
_FIRST_DAY = datetime(2031, 1, 1, tzinfo=UTC)


class Draw:
    """A stream of chance.

    Args:
        seed: of the whole measurement.
        name: what is drawn for; other names give other streams.
    """

    def __init__(self, seed: int, name: str) -> None:
        self._random = random.Random(f"{seed}|{name}")  # noqa: S311 - invented data, nothing is secured by it

    def number(self, low: int, high: int) -> int:
        """From `low` to `high`, both included."""
        return self._random.randint(low, high)

    def share(self) -> float:
        """In [0, 1)."""
        return self._random.random()

    def pick(self, among: Sequence[T]) -> T:
        """One of them."""
        return self._random.choice(among)

    def text(self, alphabet: str, length: int) -> str:
        """So many characters of an alphabet."""
        return "".join(self._random.choices(alphabet, k=length))

    def digits(self, length: int, first: str = DIGITS) -> str:
        """So many digits, the first one of some."""
        return self.pick(first) + self.text(DIGITS, length - 1)

    def mixed(self, length: int, alphabet: str = BASE62) -> str:
        """Letters and digits with all three kinds among them, as generated secrets have."""
        while True:
            found = self.text(alphabet, length)
            if any(map(str.isdigit, found)) and any(map(str.isupper, found)) and any(map(str.islower, found)):
                return found

    def born(self, form: str) -> str:
        """A date of birth of an adult in the form of `strftime`."""
        return (datetime(1950, 1, 1, tzinfo=UTC) + timedelta(days=self.number(0, 18_000))).strftime(form)

    def moment(self) -> datetime:
        """A time for a log line."""
        return _FIRST_DAY + timedelta(microseconds=self.number(0, 300 * 86_400_000_000))
