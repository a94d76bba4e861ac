"""Ethiopian digital ids (Fayda)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.et_fayda import ET_FAYDA

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "Fayda 483920175628", ["483920175628"]),
    ("in a sentence of its country", "Fayda FIN 483920175628 was not verified", ["483920175628"]),
    ("as people write it", "Fayda: 4839 2017 5628", ["4839 2017 5628"]),
    ("under its own key", "fayda_number=483920175628 status=ok", ["483920175628"]),
    ("in JSON as a text", '{"fayda_number": "483920175628", "ok": true}', ["483920175628"]),
    ("in JSON as a number", '{"fayda_number":483920175628,"ok":true}', ["483920175628"]),
    ("under a key that says nothing", "xq7=483920175628", []),
    ("alone in a line", "retry 483920175628 failed", []),
    ("an order as long", "order_id=483920175628", []),
    ("an order between the word and the number", "Fayda missing for order 483920175628", []),
    ("a part of something longer", "pod-x483920175628-7f9c and job_483920175628_x7", []),
    ("a count", "read 483920175628 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
    ("the alias number", "fayda fan 4839 2017 5628 1047", ["4839 2017 5628 1047"]),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ET_FAYDA, text) == values
