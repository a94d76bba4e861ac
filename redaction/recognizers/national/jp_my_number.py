"""My Number, Japan: twelve digits, the last modulo 11 (Act on the Use of Numbers, ordinance 85 of 2014)."""

from __future__ import annotations

from stdnum.jp import in_

from ...evidence.identifiers import identifier
from ...evidence.twelve_digits import unless_others

JP_MY_NUMBER = unless_others(
    identifier(
        "JP_MY_NUMBER",
        country="JP",
        keys="my_number mynumber my_number_card individual_number individual_no kojin_bango kojin_bangou "
        "kojinbango マイナンバー マイナンバーカード 個人番号 マイナンバー番号",
        bare=("0{12}",),
        length=(12, 12),
        written=("(?<!0 )0{4} 0{4} 0{4}(?! 0)", "(?<!0-)0{4}-0{4}-0{4}(?!-0)"),
        valid=in_.is_valid,
        one_in=10,
    )
)
