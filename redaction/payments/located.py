"""Fields of a message as places in the text, and checks that hand them to a recognizer one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from ..definition import Check, Hit, Several


class Field(NamedTuple):
    """One field of a message: what it is called there and where its value lies, end exclusive."""

    name: str
    start: int
    end: int


_BYTE = r"[0-9A-Fa-f]{2}"
HEX_BYTES = rf"(?:{_BYTE}(?: {_BYTE}){{3,4096}}+|{_BYTE}(?:[:\-]{_BYTE}){{3,4096}}+|[0-9A-Fa-f]{{4,8192}}+)"
"""Bytes in hex: each apart, or all together; a word that happens to be hex and follows is not taken along."""

Read: TypeAlias = "Callable[[str, int, int], Sequence[Field]]"
"""The fields to remove of the message at `text[start:end]`, in their order; none if it is no such message."""


def each(read: Read, most: int, score: float) -> tuple[Check, ...]:
    """One check per field, since a check finds one place; the last takes everything from its field on.

    A message is read anew by each of them, which keeps them free of state; messages are rare and short.
    """
    return tuple(_nth(read, place, place == most - 1, score) for place in range(most))


def one_by_one(read: Read, most: int, score: float) -> Several:
    """One check for what `each` finds: fields one by one, and everything from the last of so many on."""

    def several(text: str, start: int, end: int) -> list[Hit]:
        fields = [field for field in read(text, start, end) if field.start < field.end]
        found = [(field.start, field.end, score) for field in fields[:most]]
        if len(fields) > most:
            found[-1] = (fields[most - 1].start, fields[-1].end, score)
        return found

    return several


def together(read: Read, score: float) -> Several:
    """One check for all fields."""

    def several(text: str, start: int, end: int) -> list[Hit]:
        return [(field.start, field.end, score) for field in read(text, start, end) if field.start < field.end]

    return several


def _nth(read: Read, place: int, is_last: bool, score: float) -> Check:
    def check(text: str, start: int, end: int) -> Hit | None:
        fields = [field for field in read(text, start, end) if field.start < field.end]
        if len(fields) <= place:
            return None
        return fields[place].start, fields[-1 if is_last else place].end, score

    return check
