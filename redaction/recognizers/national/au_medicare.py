"""Medicare numbers, Australia: the first 2 to 6, eight digits weighted, the ninth checks them, issue, person (METeOR).

One of twenty numbers passes, so a bare one needs a word or a key.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

_WEIGHTS = (1, 3, 7, 9, 1, 3, 7, 9)


def _valid(number: str) -> bool:
    if len(number) not in (10, 11) or number[0] not in "23456":
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return total % 10 == int(number[8])


AU_MEDICARE = identifier(
    "AU_MEDICARE",
    country="AU",
    keys="medicare medicare_no medicare_number medicare_card medicare_card_no medicare_card_number",
    bare=("0{10,11}", "0{4}[ \\-]0{5}[ \\-]0(?:[ \\-/]0)?"),
    length=(10, 11),
    valid=_valid,
    one_in=20,
)
