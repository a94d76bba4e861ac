"""A key and the place of its value, as the readers of all structures give them."""

from __future__ import annotations

from typing import NamedTuple


class Pair(NamedTuple):
    """A key and the place where its value begins."""

    key: str
    at: int
    tagged: bool = False
    """The value ends with the next tag."""
    end: int = -1
    """Where the value ends, when the structure around it says so; it is taken as it is then. -1: it is read."""
