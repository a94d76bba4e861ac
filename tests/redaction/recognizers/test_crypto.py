"""Wallet addresses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.crypto import CRYPTO

ETHEREUM = "0x52908400098527886E0F7030069857D2E4169EE7"
# BIP 350's test vector, Monero's donation address, and Solana's system program in a longer form.
TAPROOT = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"
MONERO = "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A"
SOLANA = "4Nd1mBQtrMJVYVfKf2PJy9NZUZdTAsp7D4xWLs4gDB4T"

TABLE: list[tuple[str, str, list[str]]] = [
    ("Bitcoin", "to 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2.", ["1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"]),
    ("Bitcoin, newer", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", ["bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"]),
    ("Ethereum", f"from {ETHEREUM} ok", [ETHEREUM]),
    ("others under a key", "wallet_address=TN3W4H6rK2ce4vX9YnFQHwKENnHjoxb3m9", ["TN3W4H6rK2ce4vX9YnFQHwKENnHjoxb3m9"]),
    ("Bitcoin, script", "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", ["3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy"]),
    ("Bitcoin, bech32m of BIP 350", f"to {TAPROOT}.", [TAPROOT]),
    ("Bitcoin, in capitals", TAPROOT.upper(), [TAPROOT.upper()]),
    ("Litecoin", "LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9", ["LVg2kJoFNg45Nbpy53h7Fe1wKyeXVRhMH9"]),
    ("Tron", "usdt to TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMW", ["TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMW"]),
    ("Ripple", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", ["rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"]),
    ("Dogecoin", "DBXu2kgc3xtvCUWFcxFE3r9hEYgmuaaCyD", ["DBXu2kgc3xtvCUWFcxFE3r9hEYgmuaaCyD"]),
    ("Monero", MONERO, [MONERO]),
    ("Solana under its key", f"sol_address={SOLANA}", [SOLANA]),
    ("Solana under none", SOLANA, []),
    ("bech32 with one letter wrong", TAPROOT[:-1] + "p", []),
    ("Tron with one letter wrong", "TJCnKsPa7y5okkXvQAidZBzqx3QyQ6sxMX", []),
    ("a word of that length", "TransactionProcessingServiceManager", []),
    ("wrong check sum", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", []),
    ("a pointer", "0x7ffee4d2a9c8", []),
    ("a hash of 32 bytes", "0x" + "ab" * 32, []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CRYPTO, text) == values
