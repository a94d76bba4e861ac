"""Aadhaar by its check digit, its words and its form in groups. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.in_aadhaar import IN_AADHAAR

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "Aadhaar 598317426503 rejected", ["598317426503"]),
    ("in a sentence of the country", "ग्राहक का आधार 598317426503 है", ["598317426503"]),
    ("under a key that says nothing", "xq7=598317426503", ["598317426503"]),
    ("with nothing around it", "got 598317426503 today", []),
    ("as it is written", "got 5983 1742 6503 today", ["5983 1742 6503"]),
    ("written another way", "got 5983-1742-6503 today", ["5983-1742-6503"]),
    ("under its own key", "aadhaar_number=598317426503", ["598317426503"]),
    ("mistyped under its own key", "aadhaar_number=598317426504", ["598317426504"]),
    ("under a key that others share", "document_number=598317426503", ["598317426503"]),
    ("mistyped under a key that others share", "document_number=598317426504", []),
    ("in JSON", '{"aadhaarNumber":"598317426503","ok":true}', ["598317426503"]),
    ("as a number in JSON", '{"aadhaar_number": 598317426503}', ["598317426503"]),
    ("masked as UIDAI asks for", "aadhaar=XXXX XXXX 6503", []),
    ("four groups are no Aadhaar", "cells 5983 1742 6503 1180", []),
    ("date and time in twelve digits", "kbx=251123101535", []),
    ("an AWS account", '{"AccountId":"598317426503"}', []),
    ("the reference of a transfer", "ifsc=HDFC0001234 utr=598317426503", []),
    ("an AWS account in a role", "arn:aws:iam::598317426503:role/reader", []),
    ("a branch stays", "ifsc=HDFC0001234 aadhaar_number=598317426503", ["598317426503"]),
    ("in a script of its own as key", '{"आधार_संख्या": "598317426503"}', ["598317426503"]),
    ("a wrong one beside its word", "Aadhaar 598317426504 rejected", []),
    ("an order", "order_id=598317426503", []),
    ("a block", "blk_598317426503 replicated", []),
    ("in a path", "GET /api/v1/orders/598317426503/items", []),
    ("part of something longer", "Aadhaar 59831742650377777", []),
    ("in a trace id", "trace=9f86d081598317426503884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(IN_AADHAAR, text) == values
