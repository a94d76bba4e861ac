"""Moroccan business numbers (ICE)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ma_ice import MA_ICE

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "ICE 001561191000066", ["001561191000066"]),
    ("in a sentence of its country", "l'ICE de la société 001561191000066 est inconnu", ["001561191000066"]),
    ("as people write it", "ICE: 001 561 191 000 066", ["001 561 191 000 066"]),
    ("under its own key", "numero_ice=001561191000066 status=ok", ["001561191000066"]),
    ("in JSON as a text", '{"numero_ice": "001561191000066", "ok": true}', ["001561191000066"]),
    ("mistyped under its own key", "numero_ice=001561191000065", ["001561191000065"]),
    ("under a key that others share", '"ice":"001561191000066"', ["001561191000066"]),
    ("no such number under a shared key", "ice=001561191000065", []),
    ("under a key that says nothing", "xq7=001561191000066", ["001561191000066"]),
    ("alone in a line", "retry 001561191000066 failed", ["001561191000066"]),
    ("no such number behind its word", "ICE 001561191000065", []),
    ("an order as long", "order_id=001561191000066", []),
    ("an order between the word and the number", "ICE missing for order 001561191000066", []),
    ("a part of something longer", "pod-x001561191000066-7f9c and job_001561191000066_x7", []),
    ("a count", "read 001561191000066 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(MA_ICE, text) == values
