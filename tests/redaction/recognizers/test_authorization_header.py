"""Bearer and Basic with and without their header."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.authorization_header import AUTHORIZATION_HEADER

BASIC = base64.b64encode(b"app:hunter2").decode()

TABLE: list[tuple[str, str, list[str]]] = [
    ("bearer", "sent Bearer abc123def456", ["abc123def456"]),
    ("bearer in small letters", "bearer: ABCdefGHIjklMNOpqrST", ["ABCdefGHIjklMNOpqrST"]),
    ("basic", f"Basic {BASIC} rejected", [BASIC]),
    ("bearer in a URL", "?h=Bearer%20abc123def456&x=1", ["abc123def456"]),
    ("Kerberos", "sent Negotiate YIIabcdefghijkl0123456789== back", ["YIIabcdefghijkl0123456789=="]),
    (
        "a signed request",
        "AWS4-HMAC-SHA256 Credential=AK123456789012345678/x, Signature=ff",
        ["AK123456789012345678/x, Signature=ff"],
    ),
    ("digest", 'Digest username="app", response="0a1b"', ['username="app", response="0a1b"']),
    ("prose about bearers", "bearer authentication failed, Bearer token expired", []),
    ("prose about basics", "basic settings and Basic auth", []),
    ("base64 without a colon", "basic aGVsbG8gd29ybGQ=", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(AUTHORIZATION_HEADER, text) == values


def test_never_kept() -> None:
    assert not AUTHORIZATION_HEADER.restorable
