"""Account numbers: virtual ones under their keys, and others behind the words for a bank account."""

from __future__ import annotations

from ..definition import Anchored, Definition, Digits, Keyed, alphanumeric
from ..evidence.identifiers import evidence_words

_SPOKEN = evidence_words(
    "bank_account bank_account_number bank_account_no account_number conta_bancaria conta_bancária numero_da_conta "
    "cuenta_bancaria numero_de_cuenta número_de_cuenta compte_bancaire numero_de_compte rekening_bank nomor_rekening "
    "no_rekening banka_hesabi hesap_numarasi hesap_no stk so_tai_khoan số_tài_khoản"
)

# Somebody's, in tickets and chats; `account 123456789012` alone is one of a cloud.
_OF_SOMEBODY = (
    "my account", "her account", "his account", "their account", "customer account", "customer's account",
    "minha conta", "conta do cliente", "mi cuenta", "cuenta del cliente", "mon compte", "rekening saya",
    "rekening nasabah", "no rek", "hesabım", "müşteri hesabı", "akaunti yangu",
)  # fmt: skip
_THEIRS = (
    rf"(?i:{'|'.join(_OF_SOMEBODY)})(?i: (?:number|no\.?|número|nº|nomor))?(?i: is| é| es| est| adalah| ni)?:? "
    r"(?P<value>[0-9]{8,20})(?![0-9A-Za-z])"
)

VIRTUAL_ACCOUNT = Definition(
    "BANK_ACCOUNT",
    (
        Keyed(
            frozenset(
                "virtual_account virtual_account_number virtual_account_no virtual_acc va_number va_no vanumber "
                "nomor_va no_va nomor_virtual_account rekening_virtual virtual_iban conta_virtual cuenta_virtual "
                "billing_virtual_account bank_account_virtual".split()
            ),
            bare=r"[0-9](?:[ \-]?[0-9]){7,27}+(?![0-9A-Za-z])",
        ),
        Digits(r"(?<![0-9])[0-9]{8,20}(?![0-9])", least=8, score=0.7, evidence=_SPOKEN),
        Anchored(_OF_SOMEBODY, after=_THEIRS, score=0.7),
    ),
    name="virtual_account",
    identity=alphanumeric,
)
