"""South African tax reference numbers: 10 digits, the first 0 to 3 or 9, Luhn.

Seconds since 1970 have as many digits and begin with 1, so a word or a key is asked for.
"""

from __future__ import annotations

from stdnum.za import tin

from ...evidence.identifiers import identifier

ZA_TAX_NUMBER = identifier(
    "ZA_TAX_NUMBER",
    country="ZA",
    keys=(
        "sars_tax_number sars_number tax_reference_number tax_ref_no tax_ref_number income_tax_reference "
        "income_tax_number za_tax_number za_tax_ref sars_ref"
    ),
    shared_keys="tax_id taxpayer_id tax_number tax_no tax_ref tax_reference",
    words="sars",
    bare=("0{10}", "0{4}/0{3}/0{2}/0"),
    length=(10, 10),
    valid=tin.is_valid,
    one_in=20,
    zeros=10,
)
