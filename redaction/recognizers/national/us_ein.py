"""Employer identification numbers of the United States (EIN): nine digits, the first two name a campus."""

from __future__ import annotations

from stdnum.us import ein

from ...evidence.identifiers import identifier
from .american_keys import TAX_KEYS

US_EIN = identifier(
    "US_EIN",
    country="US",
    keys=(
        "ein fein us_ein ein_number ein_no employer_identification_number employer_id_number federal_tax_id "
        "federal_tax_number federal_ein business_tax_id"
    ),
    shared_keys=TAX_KEYS,
    bare=("0{9}", "00-0{7}"),
    length=(9, 9),
    valid=ein.is_valid,
)
