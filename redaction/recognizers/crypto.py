"""Addresses of crypto wallets: Bitcoin by its checksum, Ethereum by its form, others under a wallet's key."""

from __future__ import annotations

from stdnum import bitcoin

from ..definition import WORD_START, Anchored, Definition, Hit, Keyed, Pattern, starts_word

_KEYS = frozenset(
    "wallet wallet_address crypto_address btc_address eth_address bitcoin_address usdt_address trx_address "
    "deposit_address withdrawal_address carteira_cripto".split()
)


def _bitcoin(text: str, start: int, end: int) -> Hit | None:
    if not starts_word(text, start) or text[end : end + 1].isalnum():
        return None
    return (start, end, 1.0) if bitcoin.is_valid(text[start:end]) else None


def _apart(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.85) if starts_word(text, start) else None


CRYPTO = Definition(
    "CRYPTO",
    (
        Pattern(WORD_START + r"[13][1-9A-HJ-NP-Za-km-z]{25,34}(?![A-Za-z0-9])", check=_bitcoin),
        Anchored(("bc1",), after=r"[Bb][Cc]1[0-9A-Za-z]{11,71}", check=_bitcoin),
        Anchored(("0x",), after=r"0[xX][0-9A-Fa-f]{40}(?![0-9A-Za-z])", check=_apart),
        Keyed(_KEYS, bare=r"[0-9A-Za-z]{20,110}(?![0-9A-Za-z])"),
    ),
    identity=str,
)
