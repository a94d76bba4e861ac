"""Names of parties in ISO 20022 messages, people and firms alike; banks keep theirs."""

from __future__ import annotations

from ..definition import Anchored, Definition, Hit, Keyed
from ..payments.iso20022 import is_partys

_LONGEST = 140


def _in_xml(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.85) if text[start:end].strip() and is_partys(text, start) else None


ISO20022_NAME = Definition(
    "PERSON",
    (
        Anchored(("nm>",), after=rf"(?<=[<:])Nm>(?P<value>[^<\n]{{1,{_LONGEST}}})<", check=_in_xml),
        Anchored(
            ('nm"', r"nm\""),
            after=rf'(?<=")Nm\\{{0,3}}"[ ]?:[ ]?\\{{0,3}}"(?P<value>[^"\\\n]{{1,{_LONGEST}}})',
            check=_in_xml,
        ),
        Keyed(
            frozenset("dbtr_nm cdtr_nm ultmt_dbtr_nm ultmt_cdtr_nm initg_pty_nm pty_nm ctct_dtls_nm acct_nm".split()),
            bare=r"[^\s\"'<>,;]{2,140}",
            whole=True,
        ),
    ),
    name="iso20022_name",
)
