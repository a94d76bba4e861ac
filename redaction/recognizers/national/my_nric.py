"""NRIC (MyKad), Malaysia: date of birth, place of birth, four digits (National Registration Department, JPN).

There is no check digit; a date and a place that exist leave one of forty numbers.
"""

from __future__ import annotations

from stdnum.my import nric

from ...evidence.identifiers import identifier
from ...evidence.twelve_digits import unless_others

MY_NRIC = unless_others(
    identifier(
        "MY_NRIC",
        country="MY",
        keys="nric nric_no nric_number mykad mykad_no mykad_number mykad_id ic_no ic_number ic_num new_ic new_ic_no "
        "no_ic nombor_ic no_kp nokp no_kad_pengenalan nombor_kad_pengenalan kad_pengenalan nric_mykad mypr mykas",
        shared_keys="national_id id_number id_no identity_number identity_no document_number document_no kyc_id",
        bare=("0{12}",),
        length=(12, 12),
        written=("0{6}-0{2}-0{4}",),
        valid=nric.is_valid,
        one_in=40,
    )
)
