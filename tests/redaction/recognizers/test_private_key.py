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

INDENTED = KEY.replace("\n", "\n    ")
SHIPPED = "".join(f"\n2026-11-23T19:47:41Z stdout F {line}" for line in KEY.split("\n")[1:])
SHIPPED = KEY.split("\n")[0] + SHIPPED
SHIPPED_CUT = "\n".join(SHIPPED.split("\n")[:3])
PUTTY = f"\n{LINE}\n{LINE}\nPrivate-MAC: {'0a' * 32}"
AGE = "AGE-SECRET" + "-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" + "QPZRY9X8GF2TVDW0S3JN54KHCE"
NUMBER = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
CERTIFICATE = "MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ"

TABLE: list[tuple[str, str, list[str]]] = [
    ("whole", f"key:\n{KEY}\nnext line", [KEY]),
    ("line breaks escaped", f'"key":"{ESCAPED}","x":1', [ESCAPED]),
    ("with headers", ENCRYPTED, [ENCRYPTED]),
    ("cut off, prose after it", f"{CUT}\nthe job failed after that", [CUT]),
    ("two", f"{KEY}\n{KEY}", [KEY, KEY]),
    ("indented", f"tls.key: |\n    {INDENTED}\nnext: 1", [INDENTED]),
    ("behind the prefixes of a log", f"{SHIPPED}\nnext line", [SHIPPED]),
    ("behind the prefixes of a log, cut off", f"{SHIPPED_CUT}\n2026-11-23T19:47:42Z stdout F done", [SHIPPED_CUT]),
    ("OpenSSH", KEY.replace("RSA", "OPENSSH"), [KEY.replace("RSA", "OPENSSH")]),
    (
        "PGP",
        KEY.replace("RSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK"),
        [KEY.replace("RSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK")],
    ),
    ("PuTTY", f"Private-Lines: 2{PUTTY}\nnext", [PUTTY]),
    ("age", f"key {AGE} here", [AGE]),
    ("without armour", f"key={LINE}{LINE}, x", [LINE + LINE]),
    ("a JSON web key", f'{{"kty":"EC","x":"f83OJ3D2x","d":"{NUMBER}"}}', [NUMBER]),
    ("a certificate without armour", f"cert={CERTIFICATE}", []),
    ("short members", "d=3 p=0.05 q=search k=v", []),
    ("a public key", KEY.replace("PRIVATE", "PUBLIC"), []),
    ("a certificate", "-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PRIVATE_KEY, text) == values


def test_never_kept() -> None:
    assert not PRIVATE_KEY.restorable
