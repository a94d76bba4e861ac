"""Identity number of Israel (mispar zehut): nine digits, the last after Luhn (Population Registry).

Nine digits are too common for one check digit, so a bare one needs its word, or a key without words.
"""

from __future__ import annotations

from stdnum.il import idnr

from ...evidence.identifiers import identifier

IL_ID_NUMBER = identifier(
    "IL_ID_NUMBER",
    country="IL",
    keys="teudat_zehut teudat_zehut_no mispar_zehut tz_number tz_no tz_id il_id israeli_id israel_id תעודת_זהות "
    "מספר_זהות מספר_תעודת_זהות ת_ז תז",
    shared_keys="national_id id_number id_no identity_number document_number document_no kyc_id",
    bare=("0{9}", "0{8}-0"),
    length=(9, 9),
    valid=idnr.is_valid,
    one_in=9,
    zeros=9,
)
