"""Russian social security numbers (СНИЛС): 9 digits and two check digits.

Source: Pension Fund of Russia: the sum of digits times 9 to 1, modulo 101, 100 counting as 0.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier


def _valid(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number[:9], range(9, 0, -1), strict=True))
    return total % 101 % 100 == int(number[9:])


RU_SNILS = identifier(
    "RU_SNILS",
    country="RU",
    keys="снилс snils snils_number snils_no номер_снилс ru_snils страховой_номер",
    bare=("0{11}", "0{9} 0{2}"),
    written=("0{3}-0{3}-0{3}[ -]0{2}",),
    length=(11, 11),
    valid=_valid,
    one_in=100,
    zeros=11,
)
