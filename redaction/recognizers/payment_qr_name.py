"""Names of people who are paid by QR code or UPI link."""

from __future__ import annotations

from ..definition import Anchored, Definition
from ..payments.emv_qr import read_names
from ..payments.located import one_by_one
from .payment_qr import BEGIN, UPI

_MOST = 3

PAYMENT_QR_NAME = Definition(
    "PERSON",
    (
        Anchored(("000201",), after=BEGIN, several=one_by_one(read_names, _MOST, 0.8)),
        Anchored(("upi://",), after=UPI + r"pn=(?P<value>[^&\s\"'<>#]{2,120})", score=0.8),
    ),
    name="payment_qr_name",
)
