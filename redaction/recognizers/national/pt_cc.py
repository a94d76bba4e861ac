"""Portuguese citizen cards: 8 digits and a check digit, a version of two letters or digits, a check digit."""

from __future__ import annotations

from stdnum.pt import cc

from ...evidence.identifiers import identifier

PT_CC = identifier(
    "PT_CC",
    country="PT",
    keys="cartao_cidadao cartao_de_cidadao numero_cartao_cidadao cc_number numero_cc pt_cc cartão_de_cidadão",
    shared_keys="cc documento numero_documento document_number id_number identificacao",
    bare=("0{9}A{2}0", "0{9}A00", "0{8} ?0 ?A{2}0"),
    length=(12, 12),
    valid=cc.is_valid,
    one_in=10,
)
