"""Algerian national identification numbers (NIN): 18 digits; no published check digit."""

from __future__ import annotations

from ...evidence.identifiers import identifier

DZ_NIN = identifier(
    "DZ_NIN",
    country="DZ",
    keys=(
        "dz_nin nin_dz numero_identification_national numero_d_identification_national "
        "numero_identification_national_unique رقم_التعريف_الوطني"
    ),
    words="nin nin_no nin_number رقم_التعريف_الوطني_الوحيد",
    bare=("0{18}",),
    length=(18, 18),
)
