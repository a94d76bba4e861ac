"""IRD numbers, New Zealand: eight or nine digits, the last modulo 11 (Inland Revenue).

So few digits are too common for one check, so a bare one needs its word, or a key without words.
"""

from __future__ import annotations

from stdnum.nz import ird

from ...evidence.identifiers import identifier

NZ_IRD = identifier(
    "NZ_IRD",
    country="NZ",
    keys="ird ird_no ird_number ird_num inland_revenue_number nz_ird",
    shared_keys="tax_id tax_number tax_no",
    bare=("0{8,9}", "0{2,3}[ \\-]0{3}[ \\-]0{3}"),
    length=(8, 9),
    valid=ird.is_valid,
    one_in=9,
)
