"""Tunisian taxpayer numbers (matricule fiscal): 7 digits, a check letter, codes of regime and kind, 3 digits."""

from __future__ import annotations

from stdnum.tn import mf

from ...evidence.identifiers import identifier

TN_MF = identifier(
    "TN_MF",
    country="TN",
    keys="matricule_fiscal matricule_fiscale numero_matricule_fiscal tn_mf num_mf",
    shared_keys="mf tax_id taxpayer_id identifiant_fiscal",
    bare=("0{7}/?A/?A/?A/?0{3}", "0{7}/?A", "0{7} ?A ?A ?A ?0{3}"),
    length=(8, 13),
    words="mf",
    valid=mf.is_valid,
    one_in=30,
)
