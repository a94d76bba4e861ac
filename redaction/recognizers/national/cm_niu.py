"""Cameroonian taxpayer numbers (NIU): M for companies or P for people, 12 digits and a letter.

Source: Direction générale des impôts, Cameroon.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

CM_NIU = identifier(
    "CM_NIU",
    country="CM",
    keys="niu niu_no niu_number numero_niu cm_niu numero_identifiant_unique identifiant_unique",
    shared_keys="numero_contribuable contribuable tax_id taxpayer_id",
    bare=("A0{12}A",),
    length=(14, 14),
    valid=lambda number: number[0] in "MP" and number[1:13].isdigit(),
    one_in=13,
)
