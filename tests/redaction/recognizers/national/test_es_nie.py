"""Spanish numbers of foreigners (NIE)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.es_nie import ES_NIE

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NIE X2482300W", ["X2482300W"]),
    ("in a sentence of its country", "el NIE de la clienta X2482300W no es válido", ["X2482300W"]),
    ("as people write it", "NIE: X-2482300-W", ["X-2482300-W"]),
    ("under its own key", "nie=X2482300W status=ok", ["X2482300W"]),
    ("in JSON as a text", '{"nie": "X2482300W", "ok": true}', ["X2482300W"]),
    ("in small letters under its key", "nie=x2482300w", ["x2482300w"]),
    ("mistyped under its own key", "nie=X2482300A", ["X2482300A"]),
    ("under a key that others share", '"documento":"X2482300W"', ["X2482300W"]),
    ("no such number under a shared key", "documento=X2482300A", []),
    ("under a key that says nothing", "xq7=X2482300W", ["X2482300W"]),
    ("alone in a line", "retry X2482300W failed", ["X2482300W"]),
    ("no such number behind its word", "NIE X2482300A", []),
    ("an order as long", "order_id=X2482300W", []),
    ("an order between the word and the number", "NIE missing for order X2482300W", []),
    ("a part of something longer", "pod-xX2482300W-7f9c and job_X2482300W_x7", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ES_NIE, text) == values
