"""Driving licences."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.driver_license import DRIVER_LICENSE

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "driver_license=D4817362 ok", ["D4817362"]),
    ("spelled otherwise", '"drivingLicenceNo": "FARME100165AB5EW"', ["FARME100165AB5EW"]),
    ("in JSON as a number", '{"dl_number":48173620}', ["48173620"]),
    ("in Portuguese", "carteira_de_motorista=48173620519", ["48173620519"]),
    ("in Spanish", "licencia_de_conducir: B-4817362", ["B-4817362"]),
    ("in French", "permis_de_conduire=48AB17362", ["48AB17362"]),
    ("in Turkish", "ehliyet_no=481736", ["481736"]),
    ("in Vietnamese", "gplx=480173620519", ["480173620519"]),
    ("nothing there", "driver_license=valid dl_number=none", []),
    ("a date beside it", "driver_license_expiry=2031-05-17", []),
    ("a licence of a program", "license=MIT license_key_version=12345", []),
    ("a driver of a device", "driver_version=4817362", []),
    ("no key", "D4817362", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(DRIVER_LICENSE, text) == values
