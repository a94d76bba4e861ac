"""Egyptian national ids: 14 digits: century, date of birth, governorate, serial and sex, a check digit.

The rule of the check digit is not published. A compact timestamp, `20201123194741`, is as long and often passes the
rest, so such numbers are left alone without a word.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .calendar_date import is_day

_GOVERNORATES = frozenset("01 02 03 04 11 12 13 14 15 16 17 18 19 21 22 23 24 25 26 27 28 29 31 32 33 34 35 88".split())


def _valid(number: str) -> bool:
    """Born in the 1900s (2) or 2000s (3)."""
    return number[0] in "23" and is_day(number[3:5], number[5:7]) and number[7:9] in _GOVERNORATES


EG_NATIONAL_ID = also_alone(
    identifier(
        "EG_NATIONAL_ID",
        country="EG",
        keys=(
            "eg_national_id egypt_national_id egyptian_national_id egyptian_id raqam_qawmi raqm_qawmi "
            "الرقم_القومي الرقم_القومى رقم_قومي رقم_البطاقة"
        ),
        shared_keys=(
            "national_id national_id_number national_no nationalid id_number identity_number document_number nid "
            "national_number"
        ),
        words="egyptian_identity national_id",
        bare=("0{14}",),
        length=(14, 14),
        valid=_valid,
    ),
    "0{14}",
    valid=_valid,
    one_in=480,
)
