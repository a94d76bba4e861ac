"""Portuguese taxpayer numbers (NIF): 9 digits, the last of them a check digit.

One of eleven numbers passes, so a word is asked for, or a key that holds no word at all.
"""

from __future__ import annotations

from stdnum.pt import nif

from ...evidence.identifiers import identifier

PT_NIF = identifier(
    "PT_NIF",
    country="PT",
    keys="pt_nif numero_de_contribuinte numero_contribuinte nif_pt numero_fiscal numero_identificacao_fiscal nipc",
    shared_keys="nif contribuinte tax_id taxpayer_id vat vat_number vat_id documento",
    words="nif contribuinte",
    bare=("0{9}", "0{3} 0{3} 0{3}"),
    length=(9, 9),
    valid=nif.is_valid,
    one_in=9,
)
