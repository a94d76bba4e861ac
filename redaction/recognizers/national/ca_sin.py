"""Canadian social insurance numbers (SIN, NAS): nine digits, the last one a Luhn check digit."""

from __future__ import annotations

from stdnum.ca import sin

from ...evidence.identifiers import identifier
from .american_keys import CHECKED_DOCUMENT_KEYS, TAX_KEYS

CA_SIN = identifier(
    "CA_SIN",
    country="CA",
    keys=(
        "social_insurance_number social_insurance_no social_insurance ca_sin sin_number sin_no sin_nas "
        "numero_assurance_sociale numéro_assurance_sociale assurance_sociale"
    ),
    # `sin` is a function of angles, and `without` in Spanish: there it has to be valid, and as a word it says nothing.
    shared_keys=f"sin nas {CHECKED_DOCUMENT_KEYS} {TAX_KEYS}",
    bare=("0{9}", "0{3}[ -]0{3}[ -]0{3}"),
    length=(9, 9),
    valid=sin.is_valid,
    one_in=12,
)
