"""BIN, the VAT number of businesses in Bangladesh: nine digits and four for the branch (National Board of Revenue).

`bin` alone is the front of a card number and stays.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

BD_BIN = identifier(
    "BD_BIN",
    country="BD",
    keys="bd_bin vat_bin bin_vat ebin vat_reg_no vat_registration_no vat_registration_number "
    "business_identification_number বিআইএন",
    bare=("0{13}",),
    length=(13, 13),
    written=("0{9}-0{4}",),
    words="nbr vat_registration",
)
