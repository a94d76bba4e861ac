"""Angolan taxpayer numbers of companies and foreigners (NIF): 10 digits; people use the number of their BI.

No published check digit.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

AO_NIF = identifier(
    "AO_NIF",
    country="AO",
    keys="ao_nif nif_angola agt_nif",
    words="nif nif_no nif_number numero_nif numero_de_contribuinte numero_contribuinte",
    bare=("0{10}",),
    length=(10, 10),
)
