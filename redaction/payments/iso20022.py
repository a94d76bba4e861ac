"""ISO 20022 messages (pain, pacs, camt): what an element holds follows from the elements around it.

Written as XML with or without a namespace prefix, or as JSON of the same names. Ids of payments, banks, amounts and
codes stay. Source: the message definitions' components PartyIdentification, PostalAddress, Contact, CashAccount.
"""

from __future__ import annotations

import re

_LOOK_BACK = 400
_PARTIES = re.compile(
    r"(?:Dbtr|Cdtr|UltmtDbtr|UltmtCdtr|InitgPty|Pty|CtctDtls|Ownr|Invcr|Invcee|OrgnlDbtr|OrgnlCdtr|Assgnr|"
    r"DbtrAcct|CdtrAcct|Acct|PrvtId|RltdPties|NmAndAdr|Cretr|Hldr|FwdgAgt)\b"
)
_BANK_OPEN, _BANK_CLOSED = (
    re.compile(r"<(?:[\w\-]{1,20}:)?FinInstnId\b"),
    re.compile(r"</(?:[\w\-]{1,20}:)?FinInstnId>"),
)


def is_banks(text: str, at: int) -> bool:
    """Whether a place lies inside of a financial institution's identification."""
    first = max(0, at - _LOOK_BACK)
    opened = max((match.start() for match in _BANK_OPEN.finditer(text, first, at)), default=-1)
    closed = max((match.start() for match in _BANK_CLOSED.finditer(text, first, at)), default=-1)
    return opened > closed


def is_partys(text: str, at: int) -> bool:
    """Whether a place shortly follows the start of a party or an account."""
    return _PARTIES.search(text, max(0, at - _LOOK_BACK), at) is not None and not is_banks(text, at)
