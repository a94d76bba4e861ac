"""Italian fiscal codes: letters of the name, date of birth, place and a check letter."""

from __future__ import annotations

from stdnum.it import codicefiscale

from ...evidence.identifiers import identifier

IT_FISCAL_CODE = identifier(
    "IT_FISCAL_CODE",
    country="IT",
    keys="codice_fiscale codicefiscale cod_fiscale cod_fisc it_fiscal_code fiscal_code numero_codice_fiscale",
    shared_keys="cf tax_id taxpayer_id documento document_number id_number partita_iva",
    bare=("A{6}[A0]{2}A[A0]{2}A[A0]{3}A", "A{3} A{3} [A0]{2}A[A0]{2} A[A0]{3}A"),
    length=(16, 16),
    valid=codicefiscale.is_valid,
    one_in=90,
)
