"""IIN, Kazakhstan: date of birth, century and sex, four digits, one modulo 11 (law 223-III of 2007)."""

from __future__ import annotations

from datetime import date

from ...evidence.identifiers import identifier
from ...evidence.twelve_digits import unless_others

_CENTURIES = {"0": 2000, "1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}


def check_digit(number: str) -> int:
    """Weights 1 to 11; if that leaves 10, 3 to 11, 1 and 2; if that leaves 10 too, no such number is given out."""
    digits = [int(digit) for digit in number[:11]]
    for first in (0, 2):
        left = sum(((place + first) % 11 + 1) * digit for place, digit in enumerate(digits)) % 11
        if left < 10:
            return left
    return 10


def _valid(number: str) -> bool:
    if len(number) != 12 or number[6] not in _CENTURIES or check_digit(number) != int(number[11]):
        return False
    try:
        date(_CENTURIES[number[6]] + int(number[:2]), int(number[2:4]), int(number[4:6]))
    except ValueError:
        return False
    return True


KZ_IIN = unless_others(
    identifier(
        "KZ_IIN",
        country="KZ",
        keys="iin iin_no iin_number kz_iin individual_identification_number jsn жсн иин",
        shared_keys="iin_bin bin_iin tax_id national_id id_number id_no identity_number document_number иин_бин",
        bare=("0{12}",),
        length=(12, 12),
        valid=_valid,
        one_in=400,  # a date, seven of ten centuries, the check digit
        zeros=12,
    )
)
