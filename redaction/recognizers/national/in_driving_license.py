"""Driving licences, India: state, office, year of issue and seven digits (Ministry of Road Transport, Sarathi)."""

from __future__ import annotations

import re

from ...evidence.identifiers import identifier

STATES = (
    "AN AP AR AS BR CG CH DD DL DN GA GJ HP HR JH JK KA KL LA LD MH ML MN MP MZ NL OD OR PB PY RJ SK TN TR TS TG UA UK "
    "UP WB"
).split()
"""Codes of the states in vehicle numbers and licences (Motor Vehicles Act, section 41)."""

_SHAPE = re.compile(rf"(?:{'|'.join(STATES)})[0-9]{{2}}(?:19[5-9][0-9]|20[0-3][0-9])[0-9]{{7}}")


def _valid(number: str) -> bool:
    return _SHAPE.fullmatch(number) is not None


IN_DRIVING_LICENSE = identifier(
    "IN_DRIVING_LICENSE",
    country="IN",
    keys="driving_licence driving_license driving_licence_no driving_license_no driving_licence_number "
    "driving_license_number dl_no dl_number dl_num licence_no_in ड्राइविंग_लाइसेंस",
    shared_keys="licence_no license_no licence_number license_number document_number document_no id_number",
    bare=("A{2}0{13}", r"A{2}[\- ]?0{2}[\- ]0{11}"),
    length=(13, 16),
    valid=_valid,
    words="driving licence license",
    one_in=2000,  # state and year
)
