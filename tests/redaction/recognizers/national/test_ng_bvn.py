"""Nigerian bank verification numbers (BVN)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ng_bvn import NG_BVN

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "BVN 22174590386", ["22174590386"]),
    ("in a sentence of its country", "the BVN of the payer is 22174590386 and was verified", ["22174590386"]),
    ("under its own key", "bvn=22174590386 status=ok", ["22174590386"]),
    ("in JSON as a text", '{"bvn": "22174590386", "ok": true}', ["22174590386"]),
    ("in JSON as a number", '{"bvn":22174590386,"ok":true}', ["22174590386"]),
    ("mistyped under its own key", "bvn=31174590386", ["31174590386"]),
    ("under a key that others share", '"id_number":"22174590386"', ["22174590386"]),
    ("no such number under a shared key", "id_number=31174590386", []),
    ("under a key that says nothing", "xq7=22174590386", []),
    ("alone in a line", "retry 22174590386 failed", []),
    ("no such number behind its word", "BVN 31174590386", []),
    ("an order as long", "order_id=22174590386", []),
    ("an order between the word and the number", "BVN missing for order 22174590386", []),
    ("a part of something longer", "pod-x22174590386-7f9c and job_22174590386_x7", []),
    ("a count", "read 22174590386 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(NG_BVN, text) == values
