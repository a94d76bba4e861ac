"""NRIC and FIN, Singapore: a letter for the century and kind, seven digits, a check letter (ICA; M series of 2022)."""

from __future__ import annotations

import re

from ...evidence.identifiers import identifier

_SHAPE = re.compile(r"[STFGM][0-9]{7}[A-Z]")
_WEIGHTS = (2, 7, 6, 5, 4, 3, 2)
_OFFSETS = {"S": 0, "T": 4, "F": 0, "G": 4, "M": 3}
_LETTERS = {"S": "JZIHGFEDCBA", "T": "JZIHGFEDCBA", "F": "XWUTRQPNMLK", "G": "XWUTRQPNMLK", "M": "XWUTRQPNJLK"}


def _valid(number: str) -> bool:
    if _SHAPE.fullmatch(number) is None:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[1:8], strict=True))
    return _LETTERS[number[0]][(total + _OFFSETS[number[0]]) % 11] == number[8]


SG_NRIC_FIN = identifier(
    "SG_NRIC_FIN",
    country="SG",
    keys="nric nric_no nric_number fin_no fin_number nric_fin fin_nric sg_nric uinfin uin_fin singpass_id",
    shared_keys="fin national_id id_number id_no identity_number document_number document_no kyc_id",
    bare=("A0{7}A",),
    length=(9, 9),
    valid=_valid,
    words="fin",
    one_in=100,  # five letters in front, one of eleven behind
)
