"""Senegalese tax numbers of companies (NINEA): seven or nine digits with a check digit, often with a code behind them.

One of ten bare numbers passes, so a word or a key is asked for; the code (COFI: status, centre, form) leaves few.
"""

from __future__ import annotations

from stdnum.sn import ninea

from ...evidence.identifiers import identifier
from .also_alone import also_alone

SN_NINEA = also_alone(
    identifier(
        "SN_NINEA",
        country="SN",
        keys="ninea ninea_no ninea_number numero_ninea num_ninea sn_ninea",
        bare=("0{9}", "0{7}", "0{7}(?:0{2})? ?0A0"),
        length=(7, 12),
        valid=ninea.is_valid,
    ),
    "0{7}(?:0{2})? ?0A0",
    valid=ninea.is_valid,
    one_in=39,  # one of ten, three of ten states, 22 of 26 centres
)
