"""German tax numbers of people (Steuer-ID): 11 digits, one digit repeated among the first ten, a check digit."""

from __future__ import annotations

from stdnum.de import idnr

from ...evidence.identifiers import identifier

DE_TAX_ID = identifier(
    "DE_TAX_ID",
    country="DE",
    keys=(
        "steuer_id steuerid steuer_idnr steueridentifikationsnummer steueridnr idnr identifikationsnummer de_tax_id "
        "steuerliche_identifikationsnummer"
    ),
    shared_keys="tax_id taxpayer_id tin steuernummer",
    words="steuer",
    bare=("0{11}", "0{2} 0{3} 0{3} 0{3}"),
    length=(11, 11),
    valid=idnr.is_valid,
    one_in=290,
)
