"""What follows `Bearer`, `Basic` and other schemes wherever they stand, with a header in front of them or without."""

from __future__ import annotations

import base64
import binascii
import re

from ..definition import Anchored, Definition, Hit, Pattern

_PLAIN_WORD = re.compile(r"[A-Za-z]?[a-z]{0,40}[.,:;]?\Z")
_LONG = 20


def _bearer(text: str, start: int, end: int) -> Hit | None:
    """Something no prose has after the word: digits, mixed case or many signs."""
    value = text[start:end]
    if _PLAIN_WORD.match(value):
        return None
    telling = any(map(str.isdigit, value)) or (len(value) >= _LONG and not value.islower())
    return (start, end, 0.9) if telling else None


def holds_user_and_password(value: str) -> bool:
    """Whether it is base64 of `user:password` (RFC 7617)."""
    if len(value) < 6 or len(value) > 1024 or not value.isascii():
        return False
    try:
        decoded = base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
        return b":" in decoded and decoded.decode("utf-8").isprintable()
    except (binascii.Error, UnicodeDecodeError):
        return False


def _basic(text: str, start: int, end: int) -> Hit | None:
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
            after=r"[Bb][Ee][Aa][Rr][Ee][Rr](?:[ \t:=\"']|%20|\\u0020|\+){1,4}(?P<value>[A-Za-z0-9\-._~+/|]{8,}+=*)",
            check=_bearer,
        ),
        Anchored(("basic ",), after=r"[Bb][Aa][Ss][Ii][Cc] {1,4}(?P<value>[A-Za-z0-9+/]{6,}+=*)", check=_basic),
        # SPNEGO and NTLM messages begin with the same bytes (RFC 4178, MS-NLMP).
        Pattern(r"N(?:egotiate|EGOTIATE|TLM) (?P<value>(?:YI[IG]|TlRMTVNTUA)[A-Za-z0-9+/]{12,8192}+={0,2})"),
        # Signed requests without the name of their header.
        Pattern(
            r"AWS4-(?:HMAC-SHA256|ECDSA-P256-SHA256)[ ,]{1,3}Credential="
            r"(?P<value>[^\s\"']{20,256}[^\n\"'\\]{0,2048}+)"
        ),
        Pattern(r"Digest (?P<value>username=\"[^\n]{1,2048}+)"),
    ),
    restorable=False,
    name="authorization_header",
)
