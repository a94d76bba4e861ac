"""Business registration number, Korea: ten digits, the last weighted (National Tax Service).

One of ten numbers passes, and the numbers are public, so a bare one needs its word, or a key without words.
"""

from __future__ import annotations

from stdnum.kr import brn

from ...evidence.identifiers import identifier

_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)


def _valid(number: str) -> bool:
    """python-stdnum checks the parts only; the ninth digit counts five times, its carry once more."""
    if not brn.is_valid(number):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False)) + int(number[8]) * 5 // 10
    return -total % 10 == int(number[9])


KR_BRN = identifier(
    "KR_BRN",
    country="KR",
    keys="kr_brn brn brn_no business_registration_number_kr saeopja saeopja_no saeopja_beonho "
    "사업자등록번호 사업자번호",
    shared_keys="business_registration_number business_registration_no business_number tax_id tax_no "
    "registration_number",
    words="business_registration_number business_registration_no",
    bare=("0{10}",),
    length=(10, 10),
    written=("0{3}-0{2}-0{5}",),
    valid=_valid,
    one_in=9,
)
