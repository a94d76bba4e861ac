"""Romanian person numbers (CNP): 13 digits: sex and century, date of birth, county, serial, a check digit."""

from __future__ import annotations

from stdnum.ro import cnp

from ...evidence.identifiers import identifier
from .also_alone import also_alone
from .weighted_sum import weighted_sum

_WEIGHTS = (2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)


def _valid(number: str) -> bool:
    """The check digit first, since it refuses most at once; python-stdnum knows the dates and counties."""
    check = weighted_sum(number, _WEIGHTS) % 11
    return number[12:] == str(1 if check == 10 else check) and bool(cnp.is_valid(number))


_BY_ITSELF = also_alone(
    identifier(
        "RO_CNP",
        country="RO",
        keys="cnp cnp_no cnp_number cod_numeric_personal ro_cnp numar_cnp",
        shared_keys="national_id national_id_number id_number identity_number document_number tax_id",
        bare=("0{13}",),
        length=(13, 13),
        valid=_valid,
    ),
    "0{13}",
    valid=_valid,
    one_in=500,
)
# What reads as a time counts under a key.
RO_CNP = also_alone(_BY_ITSELF, "0{13}", valid=_valid, one_in=49, even_times=True)
