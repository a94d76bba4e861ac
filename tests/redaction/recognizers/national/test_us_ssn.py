"""Social security numbers with dashes or under their key."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.us_ssn import US_SSN

TABLE: list[tuple[str, str, list[str]]] = [
    ("with dashes", "x 536-90-4399 y", ["536-90-4399"]),
    ("bare under its key", "ssn=536904399", ["536904399"]),
    ("with spaces under its key", '"social_security_number": "536 90 4399"', ["536 90 4399"]),
    ("bare behind its word", "applicant ssn 536904399", ["536904399"]),
    ("with dots behind its words", "social security number 536.90.4399", ["536.90.4399"]),
    ("in JSON, as a number", '{"ssn": 536904399}', ["536904399"]),
    ("under a key that others share", "tax_id=536904399", ["536904399"]),
    ("under that key, never issued", "tax_id=666904399", []),
    ("under a key that says nothing", "xq7=536904399", []),
    ("an order", "order_id=536904399 order 536904399", []),
    ("an area never issued", "666-90-4399 000-90-4399 912-90-4399", []),
    ("a group never issued", "536-00-4399", []),
    ("bare without its key", "536904399", []),
    ("part of something longer", "ab-536-90-4399 536-90-4399-1", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(US_SSN, text) == values
