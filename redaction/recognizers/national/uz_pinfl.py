"""PINFL (JShShIR), Uzbekistan: sex and century, date of birth, region, serial, 14 digits (decree 29 of 1999).

Its last digit is a check digit; what is checked here is what stands in front of it.
"""

from __future__ import annotations

from datetime import date

from ...evidence.identifiers import identifier

_CENTURIES = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}


def _valid(number: str) -> bool:
    if len(number) != 14 or number[0] not in _CENTURIES:
        return False
    try:
        date(_CENTURIES[number[0]] + int(number[5:7]), int(number[3:5]), int(number[1:3]))
    except ValueError:
        return False
    return True


UZ_PINFL = identifier(
    "UZ_PINFL",
    country="UZ",
    keys="pinfl pinfl_no pinfl_number jshshir jshshr uz_pinfl пинфл жшшир",
    shared_keys="national_id id_number id_no identity_number document_number tax_id",
    bare=("0{14}",),
    length=(14, 14),
    valid=_valid,
    one_in=45,  # six of ten first digits and a date
)
