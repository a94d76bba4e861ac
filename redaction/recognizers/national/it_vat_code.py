"""Italian VAT numbers (partita IVA), of people in business too: 11 digits, office and Luhn.

One of twenty numbers passes, and other countries have 11 digits as well, so a word or a key is asked for.
"""

from __future__ import annotations

from stdnum.it import iva

from ...evidence.identifiers import identifier

IT_VAT_CODE = identifier(
    "IT_VAT_CODE",
    country="IT",
    keys="partita_iva partitaiva p_iva piva it_vat_code numero_partita_iva",
    shared_keys="vat vat_number vat_id vat_no tax_id taxpayer_id codice_fiscale cf",
    bare=("0{11}", "A{2}0{11}"),
    length=(11, 13),
    valid=iva.is_valid,
)
