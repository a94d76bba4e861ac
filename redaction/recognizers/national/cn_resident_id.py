"""Resident identity number, China: division, date of birth, sequence, a check sign modulo 11-2 (GB 11643-1999).

With province, date and check sign right it counts wherever it stands: of 60,000 numbers of 18 digits one is so.
"""

from __future__ import annotations

from datetime import date

from stdnum.cn import ric

from ...evidence.identifiers import identifier

# GB/T 2260, first two digits; divisions below change, and python-stdnum knows but some that are gone.
_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()
)


def _valid(number: str) -> bool:
    if len(number) != 18 or not number[:17].isdigit() or number[:2] not in _PROVINCES:
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return 1900 <= born.year <= 2040 and ric.calc_check_digit(number) == number[17]


CN_RESIDENT_ID = identifier(
    "CN_RESIDENT_ID",
    country="CN",
    keys="resident_id resident_id_no resident_identity_number resident_identity_card chinese_id cn_id cn_id_no sfz "
    "sfzh shenfenzheng shenfenzhenghao shenfenzheng_hao 身份证 身份证号 身份证号码 身份证件号 公民身份号码 居民身份证 "
    "居民身份证号 居民身份证号码 身分證 身分證字號 證件號碼 证件号 证件号码",
    shared_keys="id_card id_card_no id_card_number idcard idcardno national_id id_number id_no",
    bare=("0{17}A",),
    length=(18, 18),
    written=("0{17}A", r"0{6}[ \-]0{8}[ \-]0{3}[0A]", "0{18}"),
    valid=_valid,
)
