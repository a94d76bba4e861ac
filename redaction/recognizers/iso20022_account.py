"""Accounts, proxies and ids of parties in ISO 20022 messages that are no IBAN."""

from __future__ import annotations

from ..definition import Anchored, Definition, Hit
from ..payments.iso20022 import is_banks

_ID = r"<(?:[\w\-]{1,20}:)?Id>(?P<value>[^<\n]{1,128})<"
_TYPE = r"(?:<(?:[\w\-]{1,20}:)?Tp>.{0,160}?</(?:[\w\-]{1,20}:)?Tp>\s{0,40})?"
_JSON_ID = (
    r"\\{0,3}\"\s{0,4}:\s{0,4}\[?\s{0,4}\{\s{0,40}"
    r"\\{0,3}\"Id\\{0,3}\"\s{0,4}:\s{0,4}\\{0,3}\"(?P<value>[^\"\\\n]{1,128})"
)


def _partys(text: str, start: int, end: int) -> Hit | None:
    return None if is_banks(text, start) else (start, end, 0.85)


ISO20022_ACCOUNT = Definition(
    "BANK_ACCOUNT",
    (
        Anchored(("othr",), after=rf"(?<=[<:])Othr>\s{{0,40}}{_ID}", check=_partys),
        Anchored(("prxy",), after=rf"(?<=[<:])Prxy>\s{{0,40}}{_TYPE}{_ID}", check=_partys),
        Anchored(("othr", "prxy"), after=rf'(?<=")(?:Othr|Prxy){_JSON_ID}', check=_partys),
    ),
    name="iso20022_account",
)
