"""Addresses of crypto wallets: by their checksums where they have one, by form, or under a wallet's key.

Checked are Bitcoin (base58check, and bech32 or bech32m of BIP 173 and 350), Litecoin, Dogecoin, Dash, Tron
and Ripple (base58check). Keccak is not at hand, so Monero goes by length, alphabet and first digits, and Ethereum by
its 40 hex digits, which most logs write in small letters anyway. Solana has no checksum and needs a key.
"""

from __future__ import annotations

import hashlib

from ..definition import WORD_START, Anchored, Definition, Hit, Keyed, Long, starts_word

_KEYS = frozenset(
    "wallet wallet_address wallet_addr crypto_address crypto_wallet btc_address eth_address bitcoin_address btc_addr "
    "ethereum_address usdt_address usdc_address trx_address tron_address xrp_address ltc_address sol_address "
    "solana_address xmr_address doge_address ada_address blockchain_address onchain_address payout_address "
    "deposit_address withdrawal_address withdraw_address to_address from_address sender_address recipient_address "
    "carteira_cripto endereco_carteira direccion_billetera billetera_cripto cuzdan_adresi dompet_kripto dia_chi_vi "
    "адрес_кошелька 钱包地址".split()
)
_BITCOIN_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_RIPPLE_ALPHABET = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
# Version bytes of base58check addresses, by the first character they give. Source: each coin's chain parameters.
_VERSIONS = {
    "1": {0x00},  # Bitcoin
    "3": {0x05},  # Bitcoin, Litecoin before 2018
    "L": {0x30},  # Litecoin
    "M": {0x32},
    "D": {0x1E},  # Dogecoin
    "A": {0x16},
    "X": {0x4C},  # Dash
    "T": {0x41},  # Tron
}
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_CHECKS = (1, 0x2BC830A3)
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _base58check(text: str, alphabet: str) -> bytes | None:
    """The bytes in front of a checksum that fits; None if it does not."""
    number = 0
    for character in text:
        place = alphabet.find(character)
        if place < 0:
            return None
        number = number * 58 + place
    content = number.to_bytes(25, "big") if number < 1 << 200 else b""
    if not content:
        return None
    check = hashlib.sha256(hashlib.sha256(content[:-4]).digest()).digest()[:4]
    return content[:-4] if check == content[-4:] else None


def _base58(text: str, start: int, end: int) -> Hit | None:
    if not starts_word(text, start):
        return None
    address = text[start:end]
    if address[0] == "r":
        content, versions = _base58check(address, _RIPPLE_ALPHABET), {0x00}
    else:
        content, versions = _base58check(address, _BITCOIN_ALPHABET), _VERSIONS[address[0]]
    return (start, end, 1.0) if content is not None and content[0] in versions else None


def _bech32(text: str, start: int, end: int) -> Hit | None:
    """BIP 173 and 350: a readable part, `1`, data and six check characters, all in one case."""
    address = text[start:end]
    if not starts_word(text, start) or address not in (address.lower(), address.upper()):
        return None
    readable, _, data = address.lower().rpartition("1")
    if len(data) < 6 or any(character not in _BECH32 for character in data):
        return None
    values = [ord(part) >> 5 for part in readable] + [0] + [ord(part) & 31 for part in readable]
    values += [_BECH32.index(part) for part in data]
    check = 1
    for value in values:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for place, generator in enumerate(_GENERATOR):
            check ^= generator if top >> place & 1 else 0
    return (start, end, 1.0) if check in _BECH32_CHECKS else None


def _ethereum(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.85) if starts_word(text, start) else None


def _monero(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.85) if starts_word(text, start) and not text[start:end].isdigit() else None


CRYPTO = Definition(
    "CRYPTO",
    (
        Long(rf"{WORD_START}[13LMDATXr][1-9A-HJ-NP-Za-km-z]{{24,33}}(?![A-Za-z0-9])", check=_base58, least=25),
        Anchored(("bc1", "ltc1"), after=r"(?:[Bb][Cc]|[Ll][Tt][Cc])1[0-9A-Za-z]{11,71}(?![0-9A-Za-z])", check=_bech32),
        Anchored(("0x",), after=r"0[xX][0-9A-Fa-f]{40}(?![0-9A-Za-z])", check=_ethereum),
        Long(
            rf"{WORD_START}[48][0-9AB][1-9A-HJ-NP-Za-km-z]{{93}}(?:[1-9A-HJ-NP-Za-km-z]{{11}})?(?![A-Za-z0-9])",
            check=_monero,
            least=95,
        ),
        Keyed(_KEYS, bare=r"(?:bitcoincash:|cosmos)?[0-9A-Za-z]{20,110}(?![0-9A-Za-z])"),
    ),
    identity=str,
)
