"""`Bearer …` and `Basic …` wherever they stand, with a header in front of them or without."""

from __future__ import annotations

import base64
import binascii
import re

from ..definition import Anchored, Definition, Hit

_PLAIN_WORD = re.compile(r"[A-Za-z]?[a-z]{0,40}[.,:;]?\Z")
_LONG = 20


def _bearer(text: str, start: int, end: int) -> Hit | None:
    """Something no prose has after the word: digits, mixed case or many signs."""
    value = text[start:end]
    if _PLAIN_WORD.match(value):
        return None
    telling = any(map(str.isdigit, value)) or (len(value) >= _LONG and not value.islower())
    return (start, end, 0.9) if telling else None


def _basic(text: str, start: int, end: int) -> Hit | None:
    """Base64 of `user:password` (RFC 7617)."""
    value = text[start:end]
    try:
        decoded = base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except binascii.Error:
        return None
    return (start, end, 0.95) if b":" in decoded else None


AUTHORIZATION_HEADER = Definition(
    "SECRET",
    (
        Anchored(
            ("bearer",),
            after=r"[Bb][Ee][Aa][Rr][Ee][Rr][ \t:=\"']{1,4}(?P<value>[A-Za-z0-9\-._~+/]{8,}+=*)",
            check=_bearer,
        ),
        Anchored(("basic ",), after=r"[Bb][Aa][Ss][Ii][Cc] {1,4}(?P<value>[A-Za-z0-9+/]{6,}+=*)", check=_basic),
    ),
    restorable=False,
    name="authorization_header",
)
