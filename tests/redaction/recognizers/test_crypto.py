"""Wallet addresses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.crypto import CRYPTO

ETHEREUM = "0x52908400098527886E0F7030069857D2E4169EE7"

TABLE: list[tuple[str, str, list[str]]] = [
    ("Bitcoin", "to 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2.", ["1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"]),
    ("Bitcoin, newer", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", ["bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"]),
    ("Ethereum", f"from {ETHEREUM} ok", [ETHEREUM]),
    ("others under a key", "wallet_address=TN3W4H6rK2ce4vX9YnFQHwKENnHjoxb3m9", ["TN3W4H6rK2ce4vX9YnFQHwKENnHjoxb3m9"]),
    ("wrong check sum", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", []),
    ("a pointer", "0x7ffee4d2a9c8", []),
    ("a hash of 32 bytes", "0x" + "ab" * 32, []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CRYPTO, text) == values
