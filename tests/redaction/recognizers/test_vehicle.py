"""Plates and chassis numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.vehicle import VEHICLE

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "license_plate=ABC1D23 ok", ["ABC1D23"]),
    ("in JSON as a text", '"plateNumber": "34 ABC 123"', ["34 ABC 123"]),
    ("in Portuguese", "placa_veiculo=ABC-1D23", ["ABC-1D23"]),
    ("in Indonesian", "nopol: B-1234-XYZ", ["B-1234-XYZ"]),
    ("in Vietnamese", "bien_so=51F-123.45", ["51F-123.45"]),
    ("in Chinese", "车牌号=A12345", ["A12345"]),
    ("a chassis", "vin=1M8GDM9AXKP042788", ["1M8GDM9AXKP042788"]),
    ("nothing there", "license_plate=unknown plate=none", []),
    ("a base plate", "base_plate=AB123", []),
    ("a boiler plate", "boilerplate=AB123", []),
    ("a voltage", "vin=12.05 vin=1205", []),
    ("no key", "ABC1D23", []),
    ("an order", "order_id=ABC1D23", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(VEHICLE, text) == values
