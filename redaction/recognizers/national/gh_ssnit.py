"""Ghanaian social security numbers (SSNIT): a letter and 12 digits; no published check digit."""

from __future__ import annotations

from ...evidence.identifiers import identifier

GH_SSNIT = identifier(
    "GH_SSNIT",
    country="GH",
    keys="ssnit ssnit_no ssnit_number gh_ssnit ssnit_id ssf_number",
    words="social_security_and_national_insurance_trust",
    bare=("A0{12}",),
    length=(13, 13),
)
