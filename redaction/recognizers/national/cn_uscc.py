"""Unified social credit code, China: 18 signs, two for authority and kind, division, a check sign (GB 32100-2015)."""

from __future__ import annotations

from stdnum.cn import uscc

from ...evidence.identifiers import identifier

# Authority and kind, GB 32100-2015, table 1; Y is for what is in no other.
_FRONTS = frozenset(
    "11 12 13 19 21 29 31 32 33 34 35 39 41 49 51 52 53 54 55 59 61 62 69 71 72 79 81 89 91 92 93 A1 A9 N1 N2 N3 N9 "
    "Y1".split()
)


def _valid(code: str) -> bool:
    return code[:2] in _FRONTS and "11" <= code[2:4] <= "82" and uscc.is_valid(code)


CN_USCC = identifier(
    "CN_USCC",
    country="CN",
    keys="uscc uscc_no uscc_code unified_social_credit_code social_credit_code credit_code tyshxydm 统一社会信用代码 "
    "社会信用代码 信用代码",
    shared_keys="tax_id tax_no business_license business_license_no taxpayer_id 税号 纳税人识别号",
    bare=("[0A][0A]0{6}[0A]{9}[0A]",),
    length=(18, 18),
    valid=_valid,
    one_in=100,
)
