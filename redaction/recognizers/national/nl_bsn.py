"""Dutch citizen numbers (BSN): 9 digits with the eleven test.

One of eleven numbers passes, so a word is asked for, or a key that holds no word at all.
"""

from __future__ import annotations

from stdnum.nl import bsn

from ...evidence.identifiers import identifier

NL_BSN = identifier(
    "NL_BSN",
    country="NL",
    keys="bsn bsn_no bsn_nummer bsn_number burgerservicenummer burger_service_nummer sofinummer sofi_nummer nl_bsn",
    shared_keys="tax_id national_id id_number",
    bare=("0{9}", r"0{4}\.0{2}\.0{3}"),
    length=(9, 9),
    valid=bsn.is_valid,
    one_in=9,
    zeros=9,
)
