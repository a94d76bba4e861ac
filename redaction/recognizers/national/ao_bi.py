"""Angolan identity cards (BI), which are tax numbers of people too: 9 digits, province, 3 digits.

Source: Serviço de Identificação Civil, Angola.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

_PROVINCES = frozenset("BA BE BO CA CC CN CE CU HA HL HO LA LN LS ME MX MO NE UE ZE OE".split())


AO_BI = identifier(
    "AO_BI",
    country="AO",
    keys="bi_number numero_bi num_bi n_bi numero_do_bi ao_bi bilhete_de_identidade numero_bilhete_de_identidade",
    shared_keys="bi nif numero_contribuinte contribuinte tax_id documento numero_documento document_number id_number",
    words="bi nif",
    bare=("0{9}A{2}0{3}",),
    length=(14, 14),
    valid=lambda number: number[9:11] in _PROVINCES and number[:9].isdigit(),
    one_in=30,
)
