"""Mozambican taxpayer numbers (NUIT)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.mz_nuit import MZ_NUIT

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NUIT 400339910", ["400339910"]),
    ("in a sentence of its country", "o NUIT do cliente 400339910 não existe", ["400339910"]),
    ("as people write it", "NUIT: 400 339 910", ["400 339 910"]),
    ("under its own key", "numero_nuit=400339910 status=ok", ["400339910"]),
    ("in JSON as a text", '{"numero_nuit": "400339910", "ok": true}', ["400339910"]),
    ("in JSON as a number", '{"numero_nuit":400339910,"ok":true}', ["400339910"]),
    ("mistyped under its own key", "numero_nuit=400339911", ["400339911"]),
    ("under a key that others share", '"nuit":"400339910"', ["400339910"]),
    ("no such number under a shared key", "nuit=400339911", []),
    ("under a key that says nothing", "xq7=400339910", ["400339910"]),
    ("under a key that holds a word", "zone_hint=400339910", []),
    ("alone in a line", "retry 400339910 failed", []),
    ("no such number behind its word", "NUIT 400339911", []),
    ("an order as long", "order_id=400339910", []),
    ("an order between the word and the number", "NUIT missing for order 400339910", []),
    ("a part of something longer", "pod-x400339910-7f9c and job_400339910_x7", []),
    ("a count", "read 400339910 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(MZ_NUIT, text) == values
