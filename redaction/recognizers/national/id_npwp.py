"""NPWP, Indonesia: 15 digits, the ninth after Luhn, or since 2024 a 0 in front of them (PMK 112/2022).

People's new number is their NIK, so that recognizer finds it.
"""

from __future__ import annotations

from stdnum.id import npwp

from ...evidence.identifiers import identifier


def _valid(number: str) -> bool:
    """The last three digits count branches, 000 for nearly all; beyond 099 there are none."""
    return (len(number) == 15 or number[0] == "0") and number[-3] == "0" and npwp.is_valid(number)


ID_NPWP = identifier(
    "ID_NPWP",
    country="ID",
    keys="npwp no_npwp nomor_npwp npwp_no npwp_number npwp_id nomor_pokok_wajib_pajak npwp15 npwp16 nitku",
    shared_keys="tax_id tax_number tax_no taxpayer_id tin",
    bare=("0{15}", "0{16}"),
    length=(15, 16),
    written=(r"0{2}\.0{3}\.0{3}\.0[\-.]0{3}\.0{3}",),
    valid=_valid,
    one_in=49,  # one of 100; the 15 digits of an IMEI are not worth what it would find without any key
)
