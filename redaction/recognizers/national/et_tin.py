"""Ethiopian taxpayer numbers: 10 digits; no published check digit."""

from __future__ import annotations

from ...evidence.identifiers import identifier

ET_TIN = identifier(
    "ET_TIN",
    country="ET",
    keys="et_tin erca_tin ethiopia_tin",
    words="tin tin_no tin_number taxpayer_identification_number erca",
    bare=("0{10}",),
    length=(10, 10),
)
