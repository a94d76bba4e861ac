"""Spanish taxpayer numbers (DNI, NIF, and CIF of companies): 8 digits and a check letter, or a letter in front."""

from __future__ import annotations

from stdnum.es import nif

from ...evidence.identifiers import identifier

ES_NIF = identifier(
    "ES_NIF",
    country="ES",
    keys=(
        "dni_nif nif_dni es_nif es_dni numero_dni dni_number dni_titular dni_cliente nif_cliente nif_titular "
        "documento_nacional_de_identidad"
    ),
    shared_keys=(
        "dni nif cif nif_nie dni_nie documento numero_documento document_number id_number tax_id taxpayer_id "
        "identificacion"
    ),
    words="dni nif cif",
    bare=("0{8}A", "A0{7}[0A]", "0{8}-A", "A-?0{7}-?[0A]", r"0{2}\.0{3}\.0{3}-?A"),
    length=(9, 9),
    valid=nif.is_valid,
    one_in=20,
    zeros=9,
)
