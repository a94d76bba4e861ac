"""UEN, Singapore: numbers of businesses, with a check letter (ACRA)."""

from __future__ import annotations

from stdnum.sg import uen

from ...evidence.identifiers import identifier

SG_UEN = identifier(
    "SG_UEN",
    country="SG",
    keys="uen uen_no uen_number unique_entity_number acra_no gst_reg_no_sg",
    shared_keys="tax_id company_number company_no registration_number registration_no business_registration_number",
    bare=("0{8}A", "0{9}A", "A0{2}A{2}0{4}A"),
    length=(9, 10),
    valid=uen.is_valid,
    one_in=26,
)
