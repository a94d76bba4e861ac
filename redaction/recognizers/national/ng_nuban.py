"""Nigerian bank account numbers (NUBAN): 10 digits, the last checks the other nine with the code of the bank.

Source: Central Bank of Nigeria, revised standards on the NUBAN scheme (2020). Without the code beside it every number
fits some bank, so nothing but a word or a key finds one.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

NG_NUBAN = identifier(
    "NG_NUBAN",
    country="NG",
    keys="nuban nuban_no nuban_number nuban_account nuban_account_number ng_account_number",
    shared_keys=(
        "account_number account_no acct_number acct_no bank_account bank_account_number bank_account_no "
        "beneficiary_account beneficiary_account_number destination_account source_account account_num"
    ),
    bare=("0{10}",),
    length=(10, 10),
    valid=str.isdecimal,
)
