"""Taxpayer numbers of people without a social security number (ITIN): 9, then groups that are set apart for them."""

from __future__ import annotations

from stdnum.us import itin

from ...evidence.identifiers import identifier
from .american_keys import DOCUMENT_KEYS, TAX_KEYS

US_ITIN = identifier(
    "US_ITIN",
    country="US",
    keys="itin us_itin itin_number itin_no individual_taxpayer_identification_number individual_taxpayer_number",
    shared_keys=f"ssn ssn_itin ssn_or_itin {DOCUMENT_KEYS} {TAX_KEYS}",
    bare=("0{9}", "0{3} 00 0{4}"),
    length=(9, 9),
    written=("0{3}-00-0{4}",),
    valid=itin.is_valid,
)
