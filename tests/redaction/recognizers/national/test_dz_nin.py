"""Algerian national identification numbers (NIN)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.dz_nin import DZ_NIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NIN 109850472910482736", ["109850472910482736"]),
    ("in a sentence of its country", "رقم التعريف الوطني 109850472910482736", ["109850472910482736"]),
    ("under its own key", "nin_dz=109850472910482736 status=ok", ["109850472910482736"]),
    ("in JSON as a text", '{"nin_dz": "109850472910482736", "ok": true}', ["109850472910482736"]),
    ("in JSON as a number", '{"nin_dz":109850472910482736,"ok":true}', ["109850472910482736"]),
    ("under a key that says nothing", "xq7=109850472910482736", []),
    ("alone in a line", "retry 109850472910482736 failed", []),
    ("an order as long", "order_id=109850472910482736", []),
    ("an order between the word and the number", "NIN missing for order 109850472910482736", []),
    ("a part of something longer", "pod-x109850472910482736-7f9c and job_109850472910482736_x7", []),
    ("a count", "read 109850472910482736 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(DZ_NIN, text) == values
