"""GSTIN, India: state, PAN, a sign, Z and a check sign modulo 36 (GST Council, "GSTIN structure")."""

from __future__ import annotations

from stdnum.in_ import gstin

from ...evidence.identifiers import identifier

IN_GSTIN = identifier(
    "IN_GSTIN",
    country="IN",
    keys="gstin gst_no gst_number gst_id gstin_no gstin_number gstin_uin gst_registration_number gst_reg_no जीएसटीआईएन",
    shared_keys="tax_id vat_number vat_no",
    bare=("0{2}A{5}0{4}A[0A]{3}",),
    length=(15, 15),
    valid=gstin.is_valid,
    one_in=2000,  # state, kind of holder, Z and the check sign
)
