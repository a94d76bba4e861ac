"""CRN on the UMID card, Philippines: twelve digits, written 4-7-1, without a published check digit (SSS, GSIS)."""

from __future__ import annotations

from ...evidence.identifiers import identifier

PH_UMID = identifier(
    "PH_UMID",
    country="PH",
    keys="umid umid_no umid_number umid_id umid_crn crn_umid common_reference_number gsis gsis_no gsis_number",
    bare=("0{12}",),
    length=(11, 12),
    written=("0{4}-0{7}-0",),
    words="crn",
)
