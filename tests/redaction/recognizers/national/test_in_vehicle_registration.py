"""Vehicle numbers under their keys. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.in_vehicle_registration import IN_VEHICLE_REGISTRATION

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "vehicle MH12AB1234 rejected", ["MH12AB1234"]),
    ("in a sentence of the country", "वाहन vehicle MH12AB1234 रोका", ["MH12AB1234"]),
    ("under a key that says nothing", "xq7=MH12AB1234", []),
    ("with nothing around it", "got MH12AB1234 today", []),
    ("under its own key", "vehicle_number=MH12AB1234", ["MH12AB1234"]),
    ("mistyped under its own key", "vehicle_number=XX12AB1234", ["XX12AB1234"]),
    ("under a key that others share", "registration_number=MH12AB1234", ["MH12AB1234"]),
    ("mistyped under a key that others share", "registration_number=XX12AB1234", []),
    ("in JSON", '{"vehicleNumber":"MH12AB1234","ok":true}', ["MH12AB1234"]),
    ("in small letters under its key", "vehicle_number=mh12ab1234", ["mh12ab1234"]),
    ("the BH series", "vehicle_number=22BH1234AA", ["22BH1234AA"]),
    ("in groups", "vehicle_no=MH 12 AB 1234", ["MH 12 AB 1234"]),
    ("a product", "sku MH12AB1234", []),
    ("a wrong one beside its word", "vehicle XX12AB1234 rejected", []),
    ("an order", "order_id=MH12AB1234", []),
    ("a block", "blk_MH12AB1234 replicated", []),
    ("in a path", "GET /api/v1/orders/MH12AB1234/items", []),
    ("part of something longer", "vehicle MH12AB1234ZZ7ZZ", []),
    ("in a trace id", "trace=9f86d081mh12ab1234884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(IN_VEHICLE_REGISTRATION, text) == values
