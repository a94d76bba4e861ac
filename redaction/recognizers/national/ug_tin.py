"""Ugandan taxpayer numbers: 10 digits that begin with 10; no published check digit."""

from __future__ import annotations

from ...evidence.identifiers import identifier

UG_TIN = identifier(
    "UG_TIN",
    country="UG",
    keys="ug_tin ura_tin uganda_tin",
    words="tin tin_no tin_number taxpayer_identification_number ura",
    bare=("0{10}",),
    length=(10, 10),
    valid=lambda number: number.startswith("10"),
)
