"""Vehicle plates of Turkey: province, one to three letters, two to five digits (Road Traffic Regulation, article 53).

Under their keys and words only: much else looks like `34 ABC 123`.
"""

from __future__ import annotations

import re

from ...evidence.identifiers import identifier

_SHAPE = re.compile(r"(?:0[1-9]|[1-7][0-9]|8[01])(?:[A-Z][0-9]{4,5}|[A-Z]{2}[0-9]{3,4}|[A-Z]{3}[0-9]{2,3})")


def _valid(plate: str) -> bool:
    return _SHAPE.fullmatch(plate) is not None


TR_LICENSE_PLATE = identifier(
    "TR_LICENSE_PLATE",
    country="TR",
    keys="plaka plaka_no plaka_numarasi plaka_numarası arac_plakasi araç_plakası arac_plaka_no",
    shared_keys="plate plate_no plate_number license_plate licence_plate number_plate vehicle_plate "
    "vehicle_registration",
    bare=("0{2}[ \\-]?A{1,3}[ \\-]?0{2,5}",),
    length=(7, 8),
    valid=_valid,
    words="plakalı plakali plakası plakasi",
)
