"""Tanzanian identity numbers (NIDA): 20 digits: date of birth, place, serial, check digits of an unpublished rule.

A compact timestamp with microseconds is as long, so without a word only dates before 2013 count.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .calendar_date import is_day


def _valid(number: str) -> bool:
    return "1900" <= number[:4] <= "2030" and is_day(number[4:6], number[6:8])


TZ_NIDA = also_alone(
    identifier(
        "TZ_NIDA",
        country="TZ",
        keys=(
            "nida nida_no nida_number nida_id tz_nida kitambulisho_cha_taifa namba_ya_nida "
            "namba_ya_kitambulisho_cha_taifa kitambulisho_nida"
        ),
        shared_keys=(
            "nin nin_no nin_number national_id national_id_number id_number identity_number document_number nid"
        ),
        words="kitambulisho",
        bare=("0{20}",),
        written=("0{8}[ -]0{5}[ -]0{5}[ -]0{2}",),
        length=(20, 20),
        valid=_valid,
    ),
    "0{20}",
    valid=lambda number: number[:4] < "2013" and _valid(number),
    one_in=2_400,
)
