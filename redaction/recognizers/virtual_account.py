"""Virtual account numbers, which stand for a payer or a bill; only their keys tell them from other numbers."""

from __future__ import annotations

from ..definition import Definition, Keyed, alphanumeric

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
    ),
    name="virtual_account",
    identity=alphanumeric,
)
