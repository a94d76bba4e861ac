"""Cameroonian identity cards."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.cm_cni import CM_CNI

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "numéro CNI 104857362", ["104857362"]),
    ("in a sentence of its country", "sa carte nationale d'identité 104857362 a expiré", ["104857362"]),
    ("under its own key", "cni_cameroun=104857362 status=ok", ["104857362"]),
    ("in JSON as a text", '{"cni_cameroun": "104857362", "ok": true}', ["104857362"]),
    ("in JSON as a number", '{"cni_cameroun":104857362,"ok":true}', ["104857362"]),
    ("under a key that says nothing", "xq7=104857362", []),
    ("alone in a line", "retry 104857362 failed", []),
    ("an order as long", "order_id=104857362", []),
    ("an order between the word and the number", "numéro CNI missing for order 104857362", []),
    ("a part of something longer", "pod-x104857362-7f9c and job_104857362_x7", []),
    ("a count", "read 104857362 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
    ("the newer card", "numero cni 20180457362910482", ["20180457362910482"]),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CM_CNI, text) == values
