"""Documents and devices of any country: what only a key, or a key and a shape, tells from other numbers."""

# ruff: noqa: E501 - the table at the end reads better with one thing a line
from __future__ import annotations

import uuid

from .check_digits import luhn_digit
from .draw import UPPER, Draw
from .generator import Generator, identifier, split

_NETWORKS = ("72405", "33402", "73201", "40445", "51010", "62120", "63902", "65501", "60202", "28601")
"""Country and network by ITU-T E.212: Brazil, Mexico, Colombia, India, Indonesia, Nigeria, Kenya, South Africa, Egypt, Turkey."""


def _iccid(draw: Draw) -> str:
    """ITU-T E.118: 89, country, issuer, account, Luhn."""
    body = f"89{draw.pick(('55', '52', '91', '62'))}{draw.digits(14)}"
    return body + luhn_digit(body)


def _imsi(draw: Draw) -> str:
    return draw.pick(_NETWORKS) + draw.digits(10)


def _device(draw: Draw) -> str:
    return str(uuid.UUID(int=draw.number(0, (1 << 128) - 1), version=4))


def _plate(draw: Draw) -> str:
    return f"{draw.text(UPPER, 3)}{draw.digits(1)}{draw.pick(UPPER)}{draw.digits(2)}"


def _passport_korea(draw: Draw) -> str:
    return f"M{draw.digits(3)}{draw.pick(UPPER)}{draw.digits(4)}"


DOCUMENTS: tuple[Generator, ...] = (
    *identifier("ICCID", "ids_with_checksum", _iccid, "iccid sim_iccid", "ICCID"),
    *identifier("IMSI", "ids_with_context", _imsi, "imsi subscriber_imsi", "IMSI"),
    *identifier("KR_DRIVER_LICENSE", "ids_with_context", lambda draw: f"{draw.number(11, 26)}{draw.digits(10)}", "kr_driver_license korean_driver_license", "운전면허", lambda value: f"{value[:2]}-{value[2:4]}-{value[4:10]}-{value[10:]}"),
    *identifier("KR_PASSPORT", "ids_with_context", _passport_korea, "kr_passport korean_passport", "여권번호"),
    Generator("DEVICE_ID", ("DEVICE_ID",), "ids_with_context", _device, tuple("advertising_id idfa gaid android_id".split()), split("device"), ("telling keys",)),
    Generator("DRIVER_LICENSE", ("DRIVER_LICENSE",), "ids_with_context", lambda draw: draw.digits(9), tuple("driver_license licencia_conducir ehliyet_no".split()), split("driver_licence"), ("telling keys",)),
    Generator("NATIONAL_ID", ("NATIONAL_ID",), "ids_with_context", lambda draw: draw.digits(10), tuple("national_id id_card_number documento_identidad".split()), split("national_ID"), ("telling keys",)),
    Generator("VEHICLE_REGISTRATION", ("VEHICLE_REGISTRATION",), "ids_with_context", _plate, tuple("license_plate number_plate placa".split()), split("plate"), ("telling keys",)),
)  # fmt: skip
