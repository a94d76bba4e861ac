"""Nigerian taxpayer numbers: 10 digits (JTB), 8 and 4 (FIRS), 13 since 2026; no published check digit.

Source: OECD, tax identification numbers, Nigeria.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

NG_TIN = identifier(
    "NG_TIN",
    country="NG",
    keys="ng_tin jtb_tin firs_tin nigeria_tin nrs_tax_id",
    words="tin tin_number taxpayer_identification_number tax_identification_number firs jtb",
    bare=("0{10}", "0{8}-0{4}", "0{12}", "0{13}"),
    length=(10, 13),
)
