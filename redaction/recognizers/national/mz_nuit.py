"""Mozambican taxpayer numbers (NUIT): 9 digits, the last of them a check digit.

One of eleven numbers passes, so a word is asked for, or a key that holds no word at all.
"""

from __future__ import annotations

from stdnum.mz import nuit

from ...evidence.identifiers import identifier

MZ_NUIT = identifier(
    "MZ_NUIT",
    country="MZ",
    keys="nuit_no nuit_number numero_nuit num_nuit mz_nuit numero_unico_de_identificacao_tributaria",
    shared_keys="nuit tax_id taxpayer_id numero_contribuinte contribuinte",
    words="nuit",
    bare=("0{9}", "0{3} 0{3} 0{3}"),
    length=(9, 9),
    valid=nuit.is_valid,
    one_in=9,
)
