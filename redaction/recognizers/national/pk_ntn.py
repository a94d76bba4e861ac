"""NTN, Pakistan: seven digits and one behind a dash (Federal Board of Revenue); people use their CNIC since 2014."""

from __future__ import annotations

from ...evidence.identifiers import identifier

PK_NTN = identifier(
    "PK_NTN",
    country="PK",
    keys="ntn ntn_no ntn_number ntn_num national_tax_number strn strn_no",
    bare=("0{7,8}", "0{13}"),
    length=(7, 13),
    written=("0{7}-0",),
    words="fbr",
)
