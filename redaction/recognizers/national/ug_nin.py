"""Ugandan identity numbers (NIN): citizen or alien, sex, year of birth, then ten digits and letters; no check digit.

Source: National Identification and Registration Authority, Uganda: `CM` or `CF` and twelve more.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier


def _valid(number: str) -> bool:
    return number[0] in "CAP" and number[1] in "MF" and number[2:7].isdigit()


UG_NIN = identifier(
    "UG_NIN",
    country="UG",
    keys="ug_nin uganda_nin nira_nin nira_number ndaga_muntu endagamuntu",
    shared_keys="nin nin_no nin_number national_id national_id_number id_number identity_number document_number",
    words="nira nin",
    bare=("A{2}0{5}[A0]{7}",),
    length=(14, 14),
    valid=_valid,
    one_in=100,
)
