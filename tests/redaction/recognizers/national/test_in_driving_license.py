"""Driving licences by state and year. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.in_driving_license import IN_DRIVING_LICENSE

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "driving licence MH1220110012345 rejected", ["MH1220110012345"]),
    ("in a sentence of the country", "ड्राइविंग लाइसेंस MH1220110012345", ["MH1220110012345"]),
    ("under a key that says nothing", "xq7=MH1220110012345", ["MH1220110012345"]),
    ("with nothing around it", "got MH1220110012345 today", ["MH1220110012345"]),
    ("under its own key", "driving_licence=MH1220110012345", ["MH1220110012345"]),
    ("mistyped under its own key", "driving_licence=XX1220110012345", ["XX1220110012345"]),
    ("under a key that others share", "license_number=MH1220110012345", ["MH1220110012345"]),
    ("mistyped under a key that others share", "license_number=XX1220110012345", []),
    ("in JSON", '{"drivingLicence":"MH1220110012345","ok":true}', ["MH1220110012345"]),
    ("in small letters under its key", "driving_licence=mh1220110012345", ["mh1220110012345"]),
    ("with a dash", "holder of MH12-20110012345", ["MH12-20110012345"]),
    ("with a blank", "dl_no=MH12 20110012345", ["MH12 20110012345"]),
    ("a year that cannot be", "got MH1290110012345", []),
    ("a wrong one beside its word", "driving licence XX1220110012345 rejected", []),
    ("an order", "order_id=MH1220110012345", []),
    ("a block", "blk_MH1220110012345 replicated", []),
    ("in a path", "GET /api/v1/orders/MH1220110012345/items", []),
    ("part of something longer", "driving licence MH1220110012345ZZ7ZZ", []),
    ("in a trace id", "trace=9f86d081mh1220110012345884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(IN_DRIVING_LICENSE, text) == values
