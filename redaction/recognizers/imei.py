"""Serial numbers of mobile devices (IMEI): 15 digits, the last by Luhn; 16 with the software version (IMEISV).

Source: GSMA TS.06: the first two digits are the body that gave the number out.
"""

from __future__ import annotations

from stdnum import luhn

from ..evidence.identifiers import identifier
from .national.also_alone import also_alone

_BODIES = frozenset("01 10 30 33 35 44 45 49 50 51 52 53 54 86 91 98 99".split())
_BODIES_TODAY = frozenset("01 35 86 91 98 99".split())


def _valid(number: str) -> bool:
    return number[:2] in _BODIES and (len(number) == 16 or luhn.is_valid(number))


def _of_today(number: str) -> bool:
    return number[:2] in _BODIES_TODAY and luhn.is_valid(number)


IMEI = also_alone(
    identifier(
        "IMEI",
        country="",
        keys="imei imei_no imei_number imei_num imei1 imei2 imeis imeisv imei_sv device_imei phone_imei numero_imei",
        shared_keys="device_id device_serial handset_id meid equipment_id serial_number",
        words="imeisv tac handset",
        bare=("0{15}",),
        written=("0{2}[ -]0{6}[ -]0{6}[ -]0", "0{6}[ -]0{2}[ -]0{6}[ -]0", "0{8}[ -]0{6}[ -]0"),
        length=(15, 16),
        valid=_valid,
    ),
    "0{15}",
    valid=_of_today,
    one_in=160,
)
