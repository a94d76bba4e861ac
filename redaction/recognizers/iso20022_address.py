"""Postal addresses of parties in ISO 20022 messages; the country stays."""

from __future__ import annotations

from ..definition import Definition, Hit, Keyed
from ..payments.iso20022 import is_banks


def _partys(text: str, start: int, end: int) -> Hit | None:
    return None if is_banks(text, start) or not text[start:end].strip() else (start, end, 0.8)


ISO20022_ADDRESS = Definition(
    "STREET_ADDRESS",
    (
        Keyed(
            frozenset(
                "adr_line strt_nm bldg_nb bldg_nm pst_cd pst_bx twn_nm twn_lctn_nm dstrct_nm flr_nb care_of "
                "unit_nb".split()
            ),
            bare=r"[^\s\"'<>,;]{1,140}",
            whole=True,
            check=_partys,
        ),
    ),
    name="iso20022_address",
)
