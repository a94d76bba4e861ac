"""e-TIN, Bangladesh: twelve digits without a published check digit (National Board of Revenue)."""

from __future__ import annotations

from ...evidence.identifiers import identifier

BD_TIN = identifier(
    "BD_TIN",
    country="BD",
    keys="etin e_tin etin_no etin_number e_tin_no e_tin_number bd_tin tin_certificate_no টিআইএন",
    bare=("0{12}",),
    length=(12, 12),
    words="nbr",
)
