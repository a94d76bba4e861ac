"""Card security codes (CVV2, CVC2, CID, CAV2), PINs and PIN blocks: authentication data that is never kept.

PCI DSS 3.3.1 forbids to keep it after authorisation, even encrypted. The results of checking it are no such data.
"""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Digits, Hit, Keyed, starts_word
from ..payments.card_line import BEHIND_NUMBER, SHAPE, STROKES, code
from ..payments.located import HEX_BYTES

_KEYS = frozenset(
    "cvv cvv1 cvv2 cvv3 cvc cvc1 cvc2 cvc3 cvn cvn2 csc cav cav2 cvd cvd2 cvvs cvp cvp2 icvv dcvv dcvc dcvv2 spc cvx2 "
    "cvv_code cvc_code cvv_number cvc_number cvv_value cvv_no card_cid amex_cid card_security_code security_code "
    "card_verification_value card_verification_code card_verification_number verification_value card_cvv card_cvc "
    "card_code card_sec_code sec_code card_validation_code "
    "codigo_de_seguranca codigo_seguranca código_de_segurança cod_seguranca codigo_verificador_cartao "
    "codigo_de_seguridad codigo_seguridad código_de_seguridad cod_seguridad codigo_cvv codigo_verificacion_tarjeta "
    "code_de_securite code_securite code_de_sécurité cryptogramme cryptogramme_visuel codice_di_sicurezza "
    "sicherheitscode prüfziffer_karte kartenprüfnummer kart_cvv kod_cvv guvenlik_kodu güvenlik_kodu kode_keamanan "
    "kode_cvv ma_bao_mat ma_cvv ma_an_ninh код_безопасности رمز_الأمان 安全码 安全碼 セキュリティコード".split()
)
_PINS = frozenset(
    "pin card_pin atm_pin pin_number pin_no pin_value pin_plain clear_pin clearpin new_pin old_pin mpin m_pin upi_pin "
    "tpin t_pin kode_pin nomor_pin nip senha_cartao senha_do_cartao clave_tarjeta clave_de_cajero kart_sifresi "
    "kart_şifresi pin_offset pvv pin_verification_value пин пин_код".split()
)
_PIN_BLOCKS = frozenset(
    "pin_block pinblock pin_data pindata encrypted_pin enc_pin encrypted_pin_block enc_pin_block pin_blk pinblk "
    "new_pin_block clear_pin_block pin_encrypted epb pin_block_hex encrypted_pin_data".split()
)
# What a cardholder's bank answers to 3-D Secure; it stands for the cardholder once.
_CRYPTOGRAMS = frozenset(
    "cavv aav ucaf ucaf_data spa_aav tavv token_cryptogram network_token_cryptogram payment_cryptogram "
    "online_payment_cryptogram application_cryptogram arqc tc_cryptogram".split()
)
_HEX_PAIRS = rf"(?:0[xX])?{HEX_BYTES}(?![0-9A-Za-z])"
_BASE64 = r"[0-9A-Za-z+/_\-]{8,128}={0,2}"
_NAMED = (
    r"(?i:security|seguran[cç]a|seguridad)(?i: ?code)?"
    r"(?i: is| was| es| é| e| no| number| value){0,2}[^0-9A-Za-z\n]{1,4}(?P<value>[0-9]{3,4})(?![0-9A-Za-z])"
)


_CARD_OR_CODE = re.compile(r"security code|card|cart[aã]o|tarjeta|carte|kart|c[oó]digo|kode|cvv|cvc", re.IGNORECASE)


def _spelled(text: str, start: int, end: int) -> Hit | None:
    """`CVV 123`: the word, then the code; the word stays."""
    word = re.search(r"[0-9]+\Z", text[start:end])
    if word is None or not starts_word(text, start):
        return None
    return start + word.start(), end, 0.9


def _called(text: str, start: int, end: int) -> Hit | None:
    """`card security code 123`, where the words are too common to be enough without one for a card or a code."""
    return (start, end, 0.85) if _CARD_OR_CODE.search(text, max(0, start - 64), start) else None


def _block(text: str, start: int, end: int) -> Hit | None:
    value = text[start:end]
    digits = sum(part.isdigit() or part.lower() in "abcdef" for part in value)
    return (start, end, 0.95) if digits >= 8 else None


CARD_SECURITY_CODE = Definition(
    "CARD_SECURITY_CODE",
    (
        Keyed(_KEYS, bare=r"[0-9](?:[ .\-]?[0-9]){2,3}(?![0-9])", score=0.95),
        Keyed(_PINS, bare=r"[0-9]{4,12}(?![0-9A-Za-z])", score=0.9),
        Keyed(_PIN_BLOCKS, bare=_HEX_PAIRS, score=0.95),
        Keyed(_PIN_BLOCKS, bare=r"[0-9A-Za-z+/=_\-]{4,128}", whole=True, check=_block),
        Keyed(_CRYPTOGRAMS, bare=_BASE64, score=0.95),
        Digits(SHAPE, least=22, check=code),
        Anchored(STROKES, after=BEHIND_NUMBER, check=code),
        Anchored(
            ("cvv", "cvc"),
            after=r"[cC][vV][vVcC]2?(?i:(?: (?:code|value|number|no|is|was|es|é)){0,2})[^0-9A-Za-z\n]{1,4}[0-9]{3,4}"
            r"(?![0-9A-Za-z]|\.[0-9])",
            check=_spelled,
        ),
        Anchored(("security code", "seguran", "segurid"), after=_NAMED, check=_called),
        Anchored(
            ("pin ", "nip "),
            after=r"(?<![A-Za-z0-9_])(?i:pin|nip) (?i:temporal |tempor[aá]rio )?"
            r"(?i:is |was |es |é |code |no\.? |number )?[:=#]?[ ]?"
            r"(?P<value>[0-9]{4,6})(?![0-9A-Za-z.:\-])",
            score=0.85,
        ),
        Anchored(
            ("pin ",),
            after=rf"(?i:pin bl(?:oc)?k)(?i: is| was| data)?[ :=\[(]{{1,4}}(?P<value>{_HEX_PAIRS})",
            check=_block,
        ),
    ),
    restorable=False,
)
