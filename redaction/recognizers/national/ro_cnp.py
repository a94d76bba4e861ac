"""Romanian person numbers (CNP): 13 digits: sex and century, date of birth, county, serial, a check digit."""

from __future__ import annotations

from stdnum.ro import cnp

from ...evidence.identifiers import identifier
from .also_alone import also_alone

_BY_ITSELF = also_alone(
    identifier(
        "RO_CNP",
        country="RO",
        keys="cnp cnp_no cnp_number cod_numeric_personal ro_cnp numar_cnp",
        shared_keys="national_id national_id_number id_number identity_number document_number tax_id",
        bare=("0{13}",),
        length=(13, 13),
        valid=cnp.is_valid,
    ),
    "0{13}",
    valid=cnp.is_valid,
    one_in=500,
)
# What reads as a time counts under a key.
RO_CNP = also_alone(_BY_ITSELF, "0{13}", valid=cnp.is_valid, one_in=49, even_times=True)
