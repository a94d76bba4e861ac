"""Egyptian tax registration numbers: 9 digits, written in threes; no published check digit."""

from __future__ import annotations

from ...evidence.identifiers import identifier

EG_TAX_NUMBER = identifier(
    "EG_TAX_NUMBER",
    country="EG",
    keys=(
        "eg_tax_number eg_tax_id egypt_tax_number tax_registration_number eta_tax_number "
        "الرقم_الضريبي رقم_التسجيل_الضريبي الرقم_الضريبى"
    ),
    bare=("0{9}", "0{3}-0{3}-0{3}"),
    length=(9, 9),
)
