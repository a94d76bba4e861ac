"""HKID, Hong Kong: one or two letters, six digits, a check sign modulo 11, mostly in brackets (Cap. 177A).

Bare ones look like part numbers and need their word.
"""

from __future__ import annotations

import re
from dataclasses import replace

from ...definition import Anchored, Hit, starts_word
from ...evidence.identifiers import compact, identifier

_SHAPE = re.compile(r"[A-Z]{1,2}[0-9]{6}[0-9A]")
_CHECK_SIGNS = tuple(f"({sign})" for sign in "0123456789a")
_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, 1)


def _valid(number: str) -> bool:
    """Letters count from A = 10, an empty first place 36, the check sign A 10."""
    if _SHAPE.fullmatch(number) is None:
        return False
    values = [36, *(int(part, 36) for part in number)][-9:]
    return sum(weight * value for weight, value in zip(_WEIGHTS, values, strict=True)) % 11 == 0


def _in_brackets(text: str, start: int, end: int) -> Hit | None:
    return (start, end, 0.95) if starts_word(text, start) and _valid(compact(text[start:end])) else None


_BARE = identifier(
    "HK_HKID",
    country="HK",
    keys="hkid hkid_no hkid_number hkid_card hkic hkic_no hong_kong_id hk_id_card hk_id "
    "香港身份證 香港身份證號碼 身份證號碼",
    shared_keys="national_id id_card id_card_no id_number id_no identity_number document_number document_no kyc_id",
    bare=("A{1,2}0{6}[0A]",),
    length=(8, 9),
    valid=_valid,
)
HK_HKID = replace(
    _BARE,
    rules=(
        *_BARE.rules,
        Anchored(
            _CHECK_SIGNS, before=r" ?[0-9]{6}[A-Za-z]{1,2}(?![A-Za-z0-9])", after=r"\([0-9Aa]\)", check=_in_brackets
        ),
    ),
)
