"""BIN, Kazakhstan: month of registration, kind of company, branch, five digits, one modulo 11 (law 223-III of 2007).

`bin` alone is the front of a card number, which is shorter.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier
from ...evidence.twelve_digits import unless_others
from .kz_iin import check_digit


def _valid(number: str) -> bool:
    return (
        len(number) == 12
        and "01" <= number[2:4] <= "12"
        and number[4] in "456"
        and number[5] in "0123"
        and check_digit(number) == int(number[11])
    )


KZ_BIN = unless_others(
    identifier(
        "KZ_BIN",
        country="KZ",
        keys="kz_bin bin_kz bsn бин бсн",
        shared_keys="bin bin_no bin_number iin_bin bin_iin tax_id company_number registration_number "
        "business_identification_number иин_бин",
        bare=("0{12}",),
        length=(12, 12),
        valid=_valid,
        one_in=700,
        zeros=12,
    )
)
