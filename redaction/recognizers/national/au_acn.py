"""ACN, Australia: nine digits, the last a check digit (ASIC); a bare one needs its word, or a key without words."""

from __future__ import annotations

from stdnum.au import acn

from ...evidence.identifiers import identifier

AU_ACN = identifier(
    "AU_ACN",
    country="AU",
    keys="acn acn_no acn_number australian_company_number",
    shared_keys="company_number registration_number",
    bare=("0{9}", "0{3} 0{3} 0{3}"),
    length=(9, 9),
    valid=acn.is_valid,
    one_in=9,
)
