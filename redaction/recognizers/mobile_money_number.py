"""Local numbers of who pays and who is paid in the messages of mobile money: M-Pesa, MoMo, bKash, GCash and others.

They write a local number and a name in capitals behind "sent to" and "received from"; the currency or the name of the
service says that it is such a message. Wordings: the confirmations of Safaricom, Vodacom, MTN, bKash and GCash.
"""

from __future__ import annotations

from ..definition import Anchored, Definition
from .phone_number import PHONE_NUMBER

# Small letters. What is moved stands right behind them or in front, the other one at most so far behind.
SIGNS = (
    "ksh", " kes ", "tsh", "tzs", "ugx", "ushs", " ghs", "gh¢", "rwf", "zmw", " xof", " xaf", "fcfa", " tk ", "bdt",
    "m-pesa", "mpesa", "momo", "airtel money", "tigo pesa", "orange money", "bkash", "gcash",
)  # fmt: skip
TOWARDS = r"[^\n]{2,48}?(?<![A-Za-z])(?:to|To|TO|from|From|FROM|kwa|KWA|by|By|de|dari) "
_CODES = "63|221|225|233|234|237|250|254|255|256|260|880"
NUMBER = rf"(?:\+?(?:{_CODES})|0)[1-9][0-9]{{7,9}}(?![0-9])"
NAME = r"[A-Z][A-Za-z'.\-]{0,30}(?: [A-Z][A-Za-z'.\-]{0,30}){0,4}"
BETWEEN = r"(?:,? |, ?| ?\(| - ?)"

MOBILE_MONEY_NUMBER = Definition(
    "PHONE_NUMBER",
    (Anchored(SIGNS, after=rf"{TOWARDS}(?:{NAME}{BETWEEN})?(?P<value>{NUMBER})", score=0.65),),
    identity=PHONE_NUMBER.identity,
    name="mobile_money_number",
)
