"""SSS numbers, Philippines: ten digits, written 2-7-1, without a published check digit (Social Security System)."""

from __future__ import annotations

from ...evidence.identifiers import identifier

PH_SSS = identifier(
    "PH_SSS",
    country="PH",
    keys="sss sss_no sss_number sss_num sss_id ph_sss",
    bare=("0{10}",),
    length=(10, 10),
    written=("0{2}-0{7}-0",),
)
