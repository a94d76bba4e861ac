"""Polish person numbers (PESEL): 11 digits: date of birth, serial, sex, a check digit."""

from __future__ import annotations

from stdnum.pl import pesel

from ...evidence.identifiers import identifier
from .also_alone import also_alone


def _living(number: str) -> bool:
    """Born in the 1900s, or after 2000 (20 added to the month) and before 2030."""
    return pesel.is_valid(number) and (number[2] in "01" or (number[2] in "23" and number[0] < "3"))


PL_PESEL = also_alone(
    identifier(
        "PL_PESEL",
        country="PL",
        keys="pesel pesel_no pesel_number nr_pesel numer_pesel pl_pesel",
        shared_keys="national_id national_id_number id_number identity_number document_number tax_id",
        bare=("0{11}",),
        length=(11, 11),
        valid=pesel.is_valid,
    ),
    "0{11}",
    valid=_living,
    one_in=200,
)
