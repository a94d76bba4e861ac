"""Private keys in armour."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.private_key import PRIVATE_KEY

LINE = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"
KEY = f"-----BEGIN RSA PRIVATE KEY-----\n{LINE}\n{LINE}\nAbCd==\n-----END RSA PRIVATE KEY-----"
ESCAPED = KEY.replace("\n", "\\n")
ENCRYPTED = KEY.replace("KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B\n\n", 1)
CUT = f"-----BEGIN PRIVATE KEY-----\n{LINE}"

TABLE: list[tuple[str, str, list[str]]] = [
    ("whole", f"key:\n{KEY}\nnext line", [KEY]),
    ("line breaks escaped", f'"key":"{ESCAPED}","x":1', [ESCAPED]),
    ("with headers", ENCRYPTED, [ENCRYPTED]),
    ("cut off, prose after it", f"{CUT}\nthe job failed after that", [CUT]),
    ("two", f"{KEY}\n{KEY}", [KEY, KEY]),
    ("a public key", KEY.replace("PRIVATE", "PUBLIC"), []),
    ("a certificate", "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PRIVATE_KEY, text) == values


def test_never_kept() -> None:
    assert not PRIVATE_KEY.restorable
