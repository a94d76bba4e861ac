"""Card security codes (CVV2, CVC2, CID) and PIN blocks: authentication data that is never kept, not even encrypted."""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Hit, Keyed, starts_word

_KEYS = frozenset(
    "cvv cvv2 cvc cvc2 cvn cvn2 csc cvv_code cvc_code card_security_code security_code card_verification_value "
    "card_verification_code card_cvv card_cvc card_code codigo_de_seguranca codigo_seguranca codigo_de_seguridad "
    "codigo_seguridad codigo_cvv kod_cvv guvenlik_kodu kode_keamanan".split()
)
_PINS = frozenset("pin card_pin atm_pin pin_number".split())
_PIN_BLOCKS = frozenset("pin_block pinblock pin_data encrypted_pin encrypted_pin_block pin_blk".split())


def _spelled(text: str, start: int, end: int) -> Hit | None:
    """`CVV 123`: the word, then the code; the word stays."""
    word = re.search(r"[0-9]+\Z", text[start:end])
    if word is None or not starts_word(text, start):
        return None
    return start + word.start(), end, 0.9


CARD_SECURITY_CODE = Definition(
    "CARD_SECURITY_CODE",
    (
        Keyed(_KEYS, bare=r"[0-9]{3,4}(?![0-9])", score=0.95),
        Keyed(_PINS, bare=r"[0-9]{4,6}(?![0-9])", score=0.9),
        Keyed(_PIN_BLOCKS, bare=r"(?:0[xX])?[0-9A-Fa-f]{4,64}", score=0.95),
        Anchored(("cvv", "cvc"), after=r"[cC][vV][vVcC]2?[^0-9A-Za-z\n]{1,4}[0-9]{3,4}(?![0-9])", check=_spelled),
    ),
    restorable=False,
)
