"""Identifiers: a prefix that says of what, then 26 characters that sort by time."""

from __future__ import annotations

import secrets
from typing import Protocol

from .clock import Clock

# Crockford's base 32: no I, L, O, U, so an id can be read out on a call.
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


class IdSource(Protocol):
    """Where new identifiers come from."""

    def new(self, prefix: str) -> str:
        """A fresh id, `<prefix>_<26 characters>`."""
        ...


class TimeOrderedIds:
    """Ids of 48 bits of milliseconds and 80 random bits (the layout of a ULID, in lower case).

    Source: ULID specification, github.com/ulid/spec.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def new(self, prefix: str) -> str:
        """A fresh id; two of the same millisecond come in no particular order."""
        millis = int(self._clock.now().timestamp() * 1000)
        return f"{prefix}_{_encode((millis << 80) | secrets.randbits(80))}"


class CountedIds:
    """Ids counted from one; for reproducible records in tests and evaluations."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}

    def new(self, prefix: str) -> str:
        """The next id of this prefix."""
        self._counts[prefix] = self._counts.get(prefix, 0) + 1
        return f"{prefix}_{_encode(self._counts[prefix])}"


def _encode(number: int) -> str:
    return "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(26)))
