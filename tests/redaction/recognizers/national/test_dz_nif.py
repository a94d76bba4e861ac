"""Algerian taxpayer numbers (NIF)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.dz_nif import DZ_NIF

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NIF 408020000150039", ["408020000150039"]),
    ("in a sentence of its country", "le NIF de la société 408020000150039 est invalide", ["408020000150039"]),
    ("as people write it", "NIF: 408 020 000 150 039", ["408 020 000 150 039"]),
    ("under its own key", "nif_dz=408020000150039 status=ok", ["408020000150039"]),
    ("in JSON as a text", '{"nif_dz": "408020000150039", "ok": true}', ["408020000150039"]),
    ("in JSON as a number", '{"nif_dz":408020000150039,"ok":true}', ["408020000150039"]),
    ("under a key that says nothing", "xq7=408020000150039", []),
    ("alone in a line", "retry 408020000150039 failed", []),
    ("an order as long", "order_id=408020000150039", []),
    ("an order between the word and the number", "NIF missing for order 408020000150039", []),
    ("a part of something longer", "pod-x408020000150039-7f9c and job_408020000150039_x7", []),
    ("a count", "read 408020000150039 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(DZ_NIF, text) == values
