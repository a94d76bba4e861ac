"""Zambian registration cards (NRC): 6 digits, 2 of the district and one of the kind of holder; no check digit.

With its strokes it counts under a key that says nothing; alone it may be a path.

Source: Department of National Registration, Zambia.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier
from .also_alone import also_alone


def _valid(number: str) -> bool:
    """Zambians, Commonwealth citizens and others are 1 to 3; no district begins with 0."""
    return number[8] in "123" and number[6] != "0"


ZM_NRC = also_alone(
    identifier(
        "ZM_NRC",
        country="ZM",
        keys="nrc nrc_no nrc_number nrc_num zm_nrc national_registration_card national_registration_number",
        shared_keys="national_id national_id_number id_number identity_number document_number",
        bare=("0{6}/0{2}/0", "0{6}-0{2}-0", "0{9}"),
        length=(9, 9),
        valid=_valid,
    ),
    "0{6}/0{2}/0",
    valid=_valid,
    one_in=10,
)
