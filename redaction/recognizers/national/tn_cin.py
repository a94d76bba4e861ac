"""Tunisian identity cards (CIN): 8 digits that begin with 0 or 1; no check digit."""

from __future__ import annotations

from ...evidence.identifiers import identifier

TN_CIN = identifier(
    "TN_CIN",
    country="TN",
    keys="tn_cin cin_tn numero_cin_tunisien",
    shared_keys="cin cin_no cin_number numero_cin num_cin n_cin id_number carte_identite carte_d_identite",
    words="cin بطاقة_التعريف_الوطنية رقم_بطاقة_التعريف carte_d_identite_nationale",
    bare=("0{8}",),
    length=(8, 8),
    valid=lambda number: number[0] in "01",
    zeros=8,
)
