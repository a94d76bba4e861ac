"""Spanish numbers of foreigners (NIE): X, Y or Z, 7 digits and a check letter."""

from __future__ import annotations

from stdnum.es import nie

from ...evidence.identifiers import identifier

ES_NIE = identifier(
    "ES_NIE",
    country="ES",
    keys="nie nie_no nie_number numero_nie es_nie numero_de_identidad_de_extranjero",
    shared_keys="nif_nie dni_nie dni nif documento numero_documento document_number id_number tax_id taxpayer_id",
    words="dni nif",
    bare=("A0{7}A",),
    written=("A-0{7}-A",),
    length=(9, 9),
    valid=nie.is_valid,
    one_in=200,
)
