"""Vehicle numbers, India: state, office, series, four digits, or the BH series (Central Motor Vehicles Rules, rule 50).

Under their keys only: room and part numbers look the same.
"""

from __future__ import annotations

import re

from ...evidence.identifiers import identifier
from .in_driving_license import STATES

_SHAPE = re.compile(
    rf"(?:{'|'.join(STATES)})[0-9]{{1,2}}[A-Z]{{0,3}}[0-9]{{4}}|[2-9][0-9]BH[0-9]{{4}}[A-HJ-NP-Z]{{1,2}}"
)


def _valid(number: str) -> bool:
    return _SHAPE.fullmatch(number) is not None


IN_VEHICLE_REGISTRATION = identifier(
    "IN_VEHICLE_REGISTRATION",
    country="IN",
    keys="vehicle_registration vehicle_registration_no vehicle_registration_number vehicle_number vehicle_no "
    "vehicle_reg_no rc_number rc_no गाड़ी_नंबर वाहन_संख्या",
    shared_keys="registration_no registration_number reg_no reg_number license_plate licence_plate number_plate plate "
    "plate_no plate_number vehicle_plate",
    bare=("A{2}0{1,2}A{0,3}0{4}", r"A{2}[ \-]0{1,2}[ \-]A{1,3}[ \-]0{4}", "0{2}A{2}0{4}A{1,2}"),
    length=(7, 11),
    valid=_valid,
    words="vehicle number_plate",
)
