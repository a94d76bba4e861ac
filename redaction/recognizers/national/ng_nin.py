"""Nigerian national identification numbers (NIN): 11 digits.

NIMC calls them eleven digits drawn at random; of a check digit published sources say Verhoeff, modulus 11 or none, so
none is asked for and a word is.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

NG_NIN = identifier(
    "NG_NIN",
    country="NG",
    keys="nin nin_no nin_number national_identification_number ng_nin nimc_nin nimc_number virtual_nin vnin nin_slip",
    words="nimc nigerian_id nigeria_id",
    bare=("0{11}", "0{4} 0{3} 0{4}"),
    length=(11, 11),
)
