"""British health service numbers (NHS): 10 digits, the last of them a check digit.

One of eleven numbers passes, so a word is asked for, or a key that holds no word at all.
"""

from __future__ import annotations

from stdnum.gb import nhs

from ...evidence.identifiers import identifier

UK_NHS = identifier(
    "UK_NHS",
    country="GB",
    keys="nhs nhs_no nhs_number nhs_num uk_nhs national_health_service_number",
    shared_keys="patient_id patient_number",
    words="national_health_service",
    bare=("0{10}", "0{3}[ -]0{3}[ -]0{4}"),
    length=(10, 10),
    valid=nhs.is_valid,
    one_in=9,
)
