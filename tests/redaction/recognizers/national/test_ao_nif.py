"""Angolan taxpayer numbers of companies and foreigners (NIF)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ao_nif import AO_NIF

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NIF 5417036289", ["5417036289"]),
    ("in a sentence of its country", "a AGT não conhece o NIF 5417036289 da empresa", ["5417036289"]),
    ("under its own key", "nif_angola=5417036289 status=ok", ["5417036289"]),
    ("in JSON as a text", '{"nif_angola": "5417036289", "ok": true}', ["5417036289"]),
    ("in JSON as a number", '{"nif_angola":5417036289,"ok":true}', ["5417036289"]),
    ("under a key that says nothing", "xq7=5417036289", []),
    ("alone in a line", "retry 5417036289 failed", []),
    ("an order as long", "order_id=5417036289", []),
    ("an order between the word and the number", "NIF missing for order 5417036289", []),
    ("a part of something longer", "pod-x5417036289-7f9c and job_5417036289_x7", []),
    ("a count", "read 5417036289 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(AO_NIF, text) == values
