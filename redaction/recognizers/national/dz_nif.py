"""Algerian taxpayer numbers (NIF): 15 digits, 20 for branches; no published check digit."""

from __future__ import annotations

from ...evidence.identifiers import identifier

DZ_NIF = identifier(
    "DZ_NIF",
    country="DZ",
    keys="dz_nif nif_dz numero_identification_fiscale numero_d_identification_fiscale رقم_التعريف_الجبائي",
    words="nif nif_no nif_number numero_nif",
    bare=("0{15}", "0{20}", "0{3}(?: 0{3}){4}(?: ?0{5})?"),
    length=(15, 20),
)
