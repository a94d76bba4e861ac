"""Bank account numbers by English keys and words: 4 to 17 digits without a check.

Under these keys the longer numbers of other countries, 22 digits at most, are taken as well.
"""

from __future__ import annotations

from ...definition import Definition, Digits, Hit, Keyed, alphanumeric
from ...evidence.identifiers import evidence_words
from ...structures.key_names import key_words

_KEYS = frozenset(
    "account_number account_no account_num account_nbr acct_number acct_no acct_num acct_nbr bank_account "
    "bank_account_number bank_account_no bank_acct checking_account checking_account_number savings_account "
    "savings_account_number deposit_account deposit_account_number beneficiary_account beneficiary_account_number "
    "payee_account payer_account debit_account credit_account destination_account source_account "
    "creditor_account debtor_account payout_account recipient_account sender_account".split()
)
_SPOKEN = evidence_words(
    "account_number account_no acct_number acct_no bank_account bank_acct checking_account savings_account "
    "deposit_account beneficiary_account"
)
# Account numbers of a cloud name an environment, not a person.
_CLOUDS = frozenset({"aws", "gcp", "azure", "cloud", "service", "ecr", "iam"})

_REACH = 40


def _not_of_a_cloud(text: str, start: int, end: int) -> Hit | None:
    words = key_words(text[max(0, start - _REACH) : start])
    return (start, end, 0.75) if _CLOUDS.isdisjoint(words) else None


US_BANK_NUMBER = Definition(
    "US_BANK_NUMBER",
    (
        Keyed(_KEYS, bare=r"[0-9](?:[ \-]?[0-9]){3,21}(?![0-9A-Za-z])", unless=_CLOUDS, score=0.8),
        Digits(r"(?<![0-9])[0-9]{8,17}(?![0-9])", least=8, check=_not_of_a_cloud, evidence=_SPOKEN),
    ),
    identity=alphanumeric,
    country="US",
)
