"""Account and virtual account numbers of Indonesian banks, the latter often the customer's mobile number with a prefix.

There is no check digit, so their keys and words find them.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

ID_BANK_ACCOUNT = identifier(
    "ID_BANK_ACCOUNT",
    country="ID",
    keys="va_number va_no va_num no_va nomor_va virtual_account virtual_account_no virtual_account_number "
    "virtual_account_num no_virtual_account nomor_virtual_account virtual_acc_no rekening_virtual no_rekening "
    "nomor_rekening no_rek norek nomor_rek rekening rekening_tujuan",
    bare=("0{8,18}",),
    length=(8, 18),
)
