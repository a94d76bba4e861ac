"""Moroccan identity cards (CIN, CNIE): one or two letters of the office and 4 to 6 digits; no check digit."""

from __future__ import annotations

from ...evidence.identifiers import identifier

MA_CIN = identifier(
    "MA_CIN",
    country="MA",
    keys=(
        "cin cin_no cin_number numero_cin cnie cine num_cin n_cin numero_cnie ma_cin carte_nationale "
        "numero_carte_nationale"
    ),
    words="carte_d_identite_nationale carte_nationale_d_identite_electronique البطاقة_الوطنية رقم_البطاقة_الوطنية",
    bare=("A{1,2}0{4,6}", "A{1,2} 0{4,6}"),
    length=(5, 8),
)
