"""Corporate number, Japan: a check digit modulo 9 and twelve digits (National Tax Agency).

The numbers are public and one of nine others passes, so a bare one needs its word, or a key without words.
"""

from __future__ import annotations

from stdnum.jp import cn

from ...evidence.identifiers import identifier

JP_CORPORATE_NUMBER = identifier(
    "JP_CORPORATE_NUMBER",
    country="JP",
    keys="corporate_number corporate_no houjin_bangou houjin_bango hojin_bango hojin_bangou houjinbangou 法人番号",
    shared_keys="tax_id company_number company_no registration_number",
    bare=("0{13}",),
    length=(13, 13),
    written=("0-0{4}-0{4}-0{4}",),
    valid=cn.is_valid,
    one_in=9,
)
