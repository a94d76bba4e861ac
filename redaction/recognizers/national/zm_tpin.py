"""Zambian taxpayer numbers (TPIN): 10 digits; no published check digit."""

from __future__ import annotations

from ...evidence.identifiers import identifier

ZM_TPIN = identifier(
    "ZM_TPIN",
    country="ZM",
    keys="tpin tpin_no tpin_number zra_tpin zm_tpin",
    words="zra",
    bare=("0{10}",),
    length=(10, 10),
)
