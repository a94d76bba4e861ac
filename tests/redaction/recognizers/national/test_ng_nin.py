"""Nigerian national identification numbers (NIN)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ng_nin import NG_NIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NIN 72045018369", ["72045018369"]),
    ("in a sentence of its country", "customer submitted NIN number 72045018369 at onboarding", ["72045018369"]),
    ("as people write it", "NIN: 7204 501 8369", ["7204 501 8369"]),
    ("under its own key", "nin=72045018369 status=ok", ["72045018369"]),
    ("in JSON as a text", '{"nin": "72045018369", "ok": true}', ["72045018369"]),
    ("in JSON as a number", '{"nin":72045018369,"ok":true}', ["72045018369"]),
    ("under a key that says nothing", "xq7=72045018369", []),
    ("alone in a line", "retry 72045018369 failed", []),
    ("an order as long", "order_id=72045018369", []),
    ("an order between the word and the number", "NIN missing for order 72045018369", []),
    ("a part of something longer", "pod-x72045018369-7f9c and job_72045018369_x7", []),
    ("a count", "read 72045018369 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(NG_NIN, text) == values
