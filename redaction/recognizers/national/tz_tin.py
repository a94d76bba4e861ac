"""Tanzanian taxpayer numbers: 9 digits, written in threes; no published check digit."""

from __future__ import annotations

from ...evidence.identifiers import identifier

TZ_TIN = identifier(
    "TZ_TIN",
    country="TZ",
    keys="tz_tin tra_tin tanzania_tin namba_ya_mlipakodi",
    words="tin tin_no tin_number taxpayer_identification_number mlipakodi",
    bare=("0{9}", "0{3}-0{3}-0{3}"),
    length=(9, 9),
)
