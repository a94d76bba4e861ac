"""British national insurance numbers: two letters, six digits and a letter from A to D; no check digit.

Source: HMRC, National Insurance Manual NIM39110.
"""

from __future__ import annotations

from ...evidence.identifiers import identifier

_NEVER_FIRST, _NEVER_SECOND = frozenset("DFIQUV"), frozenset("DFIOQUV")
_NEVER_TOGETHER = frozenset("BG GB KN NK NT TN ZZ".split())


def _valid(number: str) -> bool:
    prefix = number[:2]
    return (
        prefix[0] not in _NEVER_FIRST
        and prefix[1] not in _NEVER_SECOND
        and prefix not in _NEVER_TOGETHER
        and number[2:8].isdigit()
        and number[8] in "ABCD"
    )


UK_NINO = identifier(
    "UK_NINO",
    country="GB",
    keys="nino nino_number national_insurance national_insurance_no national_insurance_number ni_number ni_no uk_nino",
    shared_keys="tax_id id_number national_id",
    bare=("A{2}0{6}A",),
    written=("A{2} 0{2} 0{2} 0{2} A",),
    length=(9, 9),
    valid=_valid,
    one_in=11,
)
