"""ABN, Australia: two check digits and nine digits, weighted modulo 89 (Australian Business Register)."""

from __future__ import annotations

from stdnum.au import abn

from ...evidence.identifiers import identifier

AU_ABN = identifier(
    "AU_ABN",
    country="AU",
    keys="abn abn_no abn_number australian_business_number",
    shared_keys="tax_id company_number business_number registration_number",
    bare=("0{11}",),
    length=(11, 11),
    written=("0{2} 0{3} 0{3} 0{3}",),
    valid=abn.is_valid,
    one_in=49,  # one of 89; companies are not worth the numbers it would take without any key
)
