"""Driver licences by key and word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.us_driver_license import US_DRIVER_LICENSE

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "driver_license_number=D1234567", ["D1234567"]),
    ("in JSON, quoted", '{"driver_license_number":"D1234567","status":"ok"}', ["D1234567"]),
    ("at the end of a longer key", "customer.driver_license_number: D1234567", ["D1234567"]),
    ("in small letters under its key", "driver_license_number=d1234567", ["d1234567"]),
    ("behind its word", "driver's license D1234567", ["D1234567"]),
    ("in a sentence", "my driving license is D1234567 from CA", ["D1234567"]),
    ("under a key that says nothing", "xq7=D1234567", []),
    ("with nothing around it", "got D1234567 from partner", []),
    ("digits alone", "driver_license=998877665", ["998877665"]),
    ("digits behind the word", "drivers license 998877665", ["998877665"]),
    ("digits in groups", "driver license 123-45-6789", ["123-45-6789"]),
    ("in groups", "driver license F255-9215-0094", ["F255-9215-0094"]),
    ("an order", "order_id=D1234567", []),
    ("a size", "read D1234567 bytes", []),
    ("a trace", "trace=D1234567", []),
    ("a piece of a name", "pod-D1234567-x7k2p /v1/D1234567/items", []),
    ("a word under its key", "driver_license=pending", []),
    ("a licence of software", "license D1234567", []),
    ("public, policy", "public D1234567 policy H1 D3", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(US_DRIVER_LICENSE, text) == values
