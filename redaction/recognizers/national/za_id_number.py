"""South African identity numbers: 13 digits: date of birth, sex, citizenship, Luhn."""

from __future__ import annotations

from stdnum.za import idnr

from ...evidence.identifiers import identifier
from .also_alone import also_alone

ZA_ID_NUMBER = also_alone(
    identifier(
        "ZA_ID_NUMBER",
        country="ZA",
        keys=(
            "za_id za_id_number sa_id sa_id_number sa_id_no rsa_id rsa_id_number south_african_id said id_nommer "
            "identiteitsnommer inombolo_kamazisi"
        ),
        shared_keys=(
            "id_number id_no idnumber identity_number identity_no national_id national_id_number document_number "
            "tax_id customer_id_number"
        ),
        words="south_african_identity smart_id green_barcoded identity_number id_number",
        bare=("0{13}",),
        written=("0{6} 0{4} 0{2} 0", "0{6} 0{4} 0{3}"),
        length=(13, 13),
        valid=idnr.is_valid,
        zeros=13,
    ),
    "0{13}",
    valid=idnr.is_valid,
    one_in=1_000,
)
