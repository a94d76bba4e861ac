"""NIK, Indonesia: district, date of birth (the day plus 40 for women), four digits (Permendagri 108/2019).

There is no check digit; a regency that exists and a date leave one of 250 numbers.
"""

from __future__ import annotations

from stdnum import numdb
from stdnum.id import nik

from ...evidence.identifiers import identifier

# Provinces of 2022 (laws 14 to 16 and 29 of that year), younger than the table of python-stdnum.
_NEW_PROVINCES = frozenset({"92", "93", "94", "95", "96"})


def _valid(number: str) -> bool:
    """python-stdnum takes the day modulo 40, which lets 80 to 99 through, and looks at the province alone."""
    return (
        number[6] in "01234567"
        and "01" <= number[8:10] <= "12"
        and number[12:] != "0000"
        and nik.is_valid(number)
        and _is_regency(number[:4])
    )


def _is_regency(code: str) -> bool:
    if code[:2] in _NEW_PROVINCES:
        return True
    parts = numdb.get("id/loc").info(code)
    return len(parts) == 2 and all(known for _, known in parts)


ID_NIK = identifier(
    "ID_NIK",
    country="ID",
    keys="nik no_nik nomor_nik nik_no nik_number nik_nasabah nik_pelanggan nik_ktp no_ktp nomor_ktp ktp ktp_no "
    "ktp_number nomer_ktp e_ktp ektp noktp nomor_induk_kependudukan no_identitas nomor_identitas",
    shared_keys="national_id id_number id_no identity_number identity_no document_number document_no kyc_id npwp",
    bare=("0{16}",),
    length=(16, 16),
    written=(r"0{6}[ .\-]0{6}[ .\-]0{4}", r"0{2}\.0{2}\.0{2}\.0{6}\.0{4}"),
    valid=_valid,
    one_in=250,
)
