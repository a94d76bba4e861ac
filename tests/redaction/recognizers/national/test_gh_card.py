"""Ghana Card numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.gh_card import GH_CARD

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "Ghana Card GHA7134902564", ["GHA7134902564"]),
    ("in a sentence of its country", "the Ghana Card PIN GHA7134902564 did not match", ["GHA7134902564"]),
    ("as people write it", "Ghana Card: GHA-713490256-4", ["GHA-713490256-4"]),
    ("under its own key", "ghana_card=GHA7134902564 status=ok", ["GHA7134902564"]),
    ("in JSON as a text", '{"ghana_card": "GHA7134902564", "ok": true}', ["GHA7134902564"]),
    ("in small letters under its key", "ghana_card=gha7134902564", ["gha7134902564"]),
    ("mistyped under its own key", "ghana_card=NGA7134902564", ["NGA7134902564"]),
    ("under a key that others share", '"national_id":"GHA7134902564"', ["GHA7134902564"]),
    ("no such number under a shared key", "national_id=NGA7134902564", []),
    ("under a key that says nothing", "xq7=GHA7134902564", ["GHA7134902564"]),
    ("alone in a line", "retry GHA7134902564 failed", ["GHA7134902564"]),
    ("no such number behind its word", "Ghana Card NGA7134902564", []),
    ("an order as long", "order_id=GHA7134902564", []),
    ("an order between the word and the number", "Ghana Card missing for order GHA7134902564", []),
    ("a part of something longer", "pod-xGHA7134902564-7f9c and job_GHA7134902564_x7", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(GH_CARD, text) == values
