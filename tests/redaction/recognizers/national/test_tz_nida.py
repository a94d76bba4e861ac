"""Tanzanian identity numbers (NIDA)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.tz_nida import TZ_NIDA

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NIDA 19900107231020000129", ["19900107231020000129"]),
    ("in a sentence of its country", "namba ya NIDA ni 19900107231020000129 kwa mteja", ["19900107231020000129"]),
    ("as people write it", "NIDA: 19900107-23102-00001-29", ["19900107-23102-00001-29"]),
    ("under its own key", "nida=19900107231020000129 status=ok", ["19900107231020000129"]),
    ("in JSON as a text", '{"nida": "19900107231020000129", "ok": true}', ["19900107231020000129"]),
    ("in JSON as a number", '{"nida":19900107231020000129,"ok":true}', ["19900107231020000129"]),
    ("mistyped under its own key", "nida=19901307231020000129", ["19901307231020000129"]),
    ("under a key that others share", '"national_id":"19900107231020000129"', ["19900107231020000129"]),
    ("no such number under a shared key", "national_id=19901307231020000129", []),
    ("under a key that says nothing", "xq7=19900107231020000129", ["19900107231020000129"]),
    ("alone in a line", "retry 19900107231020000129 failed", ["19900107231020000129"]),
    ("no such number behind its word", "NIDA 19901307231020000129", []),
    ("an order as long", "order_id=19900107231020000129", []),
    ("an order between the word and the number", "NIDA missing for order 19900107231020000129", []),
    ("a part of something longer", "pod-x19900107231020000129-7f9c and job_19900107231020000129_x7", []),
    ("a count", "read 19900107231020000129 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
    ("a compact timestamp with microseconds", "took off 20261123194741123456", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(TZ_NIDA, text) == values
