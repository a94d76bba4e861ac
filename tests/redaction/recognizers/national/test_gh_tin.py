"""Ghanaian taxpayer numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.gh_tin import GH_TIN

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "GRA C0000803561", ["C0000803561"]),
    ("in a sentence of its country", "the GRA has no taxpayer C0000803561 on file", ["C0000803561"]),
    ("under its own key", "ghana_tin=C0000803561 status=ok", ["C0000803561"]),
    ("in JSON as a text", '{"ghana_tin": "C0000803561", "ok": true}', ["C0000803561"]),
    ("in small letters under its key", "ghana_tin=c0000803561", ["c0000803561"]),
    ("mistyped under its own key", "ghana_tin=C0000803562", ["C0000803562"]),
    ("under a key that others share", '"tin":"C0000803561"', ["C0000803561"]),
    ("no such number under a shared key", "tin=C0000803562", []),
    ("under a key that says nothing", "xq7=C0000803561", ["C0000803561"]),
    ("alone in a line", "retry C0000803561 failed", ["C0000803561"]),
    ("no such number behind its word", "GRA C0000803562", []),
    ("an order as long", "order_id=C0000803561", []),
    ("an order between the word and the number", "GRA missing for order C0000803561", []),
    ("a part of something longer", "pod-xC0000803561-7f9c and job_C0000803561_x7", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(GH_TIN, text) == values
