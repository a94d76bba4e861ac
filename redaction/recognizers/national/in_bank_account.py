"""Account numbers at Indian banks: 9 to 18 digits with no check digit in common (NPCI, NACH procedural guidelines).

Only a key or a word tells them from other numbers. The branch (IFSC) is needed for a diagnosis and stays, and so do the
accounts that clouds number.
"""

from __future__ import annotations

from ...definition import Definition, Digits, Hit, Keyed, alphanumeric
from ...evidence.identifiers import evidence_words

_KEYS = (
    "bank_account bank_account_no bank_account_number bank_acc_no bank_acct_no account_number account_no account_num "
    "acct_number acct_no acct_num acc_number acc_no acc_num ac_number ac_no a_c_no accountno beneficiary_account "
    "beneficiary_account_no beneficiary_account_number bene_account bene_acc_no ben_account_no payee_account "
    "payee_account_no payee_account_number payer_account payer_account_no payer_account_number debit_account "
    "debit_account_no credit_account credit_account_no remitter_account remitter_account_no settlement_account_no "
    "savings_account current_account khata_sankhya खाता_संख्या खाता_नंबर"
)
_CLOUD = frozenset({"aws", "amazon", "gcp", "azure", "cloud", "billing"})
_REACH = 40


def _of_a_person(text: str, start: int, end: int) -> Hit | None:
    before = text[max(0, start - _REACH) : start].casefold()
    return None if any(word in before for word in _CLOUD) else (start, end, 0.8)


IN_BANK_ACCOUNT = Definition(
    "IN_BANK_ACCOUNT",
    (
        Digits(
            r"(?<![0-9])[0-9]{9,18}(?![0-9])",
            least=9,
            check=_of_a_person,
            evidence=evidence_words(f"{_KEYS} a_c"),
        ),
        Keyed(
            frozenset(_KEYS.split()),
            bare=r"[0-9](?:[ \-]?[0-9]){8,17}(?![0-9A-Za-z])",
            unless=_CLOUD,
            score=0.8,
        ),
    ),
    identity=alphanumeric,
    country="IN",
)
