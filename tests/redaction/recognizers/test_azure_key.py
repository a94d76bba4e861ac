"""Keys of Azure by their shape."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.azure_key import AZURE_KEY

B64 = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0"
OLD = B64 + B64 + "a1B2c3" + "=="
STORAGE = B64 + B64[:36] + "+A" + "StAbC12d" + "=="
BUS = B64[:33] + "+A" + "SbAbC12de" + "="
ANNOTATED = B64 + B64[:12] + "JQQ" + "J99" + B64[:26]
ENTRA = "a1B8Q" + "~" + B64[:34]
DEVOPS = B64 + B64[:36] + "AZ" + "DO" + "a1B2"
TABLE: list[tuple[str, str, list[str]]] = [
    ("an older account key", f"zeta {OLD} x", [OLD]),
    ("a storage key", f"zeta={STORAGE};x", [STORAGE]),
    ("a bus key", f"'{BUS}'", [BUS]),
    ("an annotated key", f'"{ANNOTATED}"', [ANNOTATED]),
    ("a client secret", f"zeta: {ENTRA}", [ENTRA]),
    ("a DevOps token", f"zeta: {DEVOPS}", [DEVOPS]),
    ("behind an escaped line break", rf"a\n{OLD}\nb", [OLD]),
    ("a hash of packages", f"integrity sha512-{OLD}", []),
    ("a digest header", f"Digest: SHA-512={OLD}", []),
    ("a shorter hash", "ETag a1B2c3D4e5F6g7H8i9J0k1==", []),
    ("words with the mark", "the AZDOplan and JQQJ99 and x8Q~y", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(AZURE_KEY, text) == values


def test_never_kept() -> None:
    assert not AZURE_KEY.restorable
