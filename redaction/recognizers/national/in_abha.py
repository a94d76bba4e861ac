"""ABHA, the health account of India: 14 digits, `91-1234-5678-9012`, with no published check digit (ABDM)."""

from __future__ import annotations

from ...evidence.identifiers import identifier

IN_ABHA = identifier(
    "IN_ABHA",
    country="IN",
    keys="abha abha_no abha_number abha_id health_id health_id_number healthid abha_card_no आभा आभा_संख्या",
    bare=("0{14}",),
    length=(14, 14),
    written=("0{2}-0{4}-0{4}-0{4}",),
    words="ayushman",
)
