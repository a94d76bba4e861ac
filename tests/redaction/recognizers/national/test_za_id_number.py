"""South African identity numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.za_id_number import ZA_ID_NUMBER

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "SA ID number 8001015009087", ["8001015009087"]),
    ("in a sentence of its country", "identiteitsnommer van die kliënt: 8001015009087", ["8001015009087"]),
    ("as people write it", "SA ID number: 800101 5009 08 7", ["800101 5009 08 7"]),
    ("under its own key", "sa_id=8001015009087 status=ok", ["8001015009087"]),
    ("in JSON as a text", '{"sa_id": "8001015009087", "ok": true}', ["8001015009087"]),
    ("in JSON as a number", '{"sa_id":8001015009087,"ok":true}', ["8001015009087"]),
    ("mistyped under its own key", "sa_id=8001015009088", ["8001015009088"]),
    ("under a key that others share", '"id_number":"8001015009087"', ["8001015009087"]),
    ("no such number under a shared key", "id_number=8001015009088", []),
    ("under a key that says nothing", "xq7=8001015009087", ["8001015009087"]),
    ("alone in a line", "retry 8001015009087 failed", ["8001015009087"]),
    ("no such number behind its word", "SA ID number 8001015009088", []),
    ("an order as long", "order_id=8001015009087", []),
    ("an order between the word and the number", "SA ID number missing for order 8001015009087", []),
    ("a part of something longer", "pod-x8001015009087-7f9c and job_8001015009087_x7", []),
    ("a count", "read 8001015009087 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ZA_ID_NUMBER, text) == values
