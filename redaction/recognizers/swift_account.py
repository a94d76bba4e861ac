"""Accounts of ordering customers and beneficiaries in SWIFT MT messages."""

from __future__ import annotations

from ..definition import Anchored, Definition
from ..payments.located import each, together
from ..payments.swift_mt import PARTY, SUBFIELDS, read_accounts, read_statement_accounts

SWIFT_ACCOUNT = Definition(
    "BANK_ACCOUNT",
    (
        *(Anchored((":50", ":59"), after=PARTY, check=check) for check in each(read_accounts, 1, 0.9)),
        Anchored((":86:",), after=SUBFIELDS, several=together(read_statement_accounts, 0.9)),
    ),
    name="swift_account",
)
