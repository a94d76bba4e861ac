"""Senegalese business and taxpayer numbers (NINEA): 7 or 9 digits with a check digit, and at times a tax code.

One of ten numbers passes, so a word or a key is asked for.
"""

from __future__ import annotations

from stdnum.sn import ninea

from ...evidence.identifiers import identifier

SN_NINEA = identifier(
    "SN_NINEA",
    country="SN",
    keys="ninea ninea_no ninea_number numero_ninea num_ninea sn_ninea",
    bare=("0{9}", "0{7}", "0{7}(?:0{2})? ?0A0"),
    length=(7, 12),
    valid=ninea.is_valid,
)
