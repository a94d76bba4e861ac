"""Accounts and proxy keys inside payment QR codes, and in UPI payment links."""

from __future__ import annotations

from ..definition import Anchored, Definition
from ..payments.emv_qr import read_accounts
from ..payments.located import one_by_one

_MOST = 6
BEGIN = r"000201(?=(?:0102|2[6-9]|[345][0-9]|0[2-9]|1[0-9])[0-9]{2})"
"""The format indicator and the next tag."""
UPI = r"[uU][pP][iI]://[^\s?\"'<>]{0,40}\?(?:[^\s\"'<>#&]{0,120}&){0,12}?"

PAYMENT_QR = Definition(
    "BANK_ACCOUNT",
    (
        Anchored(("000201",), after=BEGIN, several=one_by_one(read_accounts, _MOST, 0.95)),
        # NPCI UPI linking specification: `pa` is the payee's address.
        Anchored(("upi://",), after=UPI + r"pa=(?P<value>[^&\s\"'<>#]{3,120})", score=0.95),
    ),
    name="payment_qr",
)
