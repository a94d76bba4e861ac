"""Serial numbers of SIM cards."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.iccid import ICCID

TABLE: list[tuple[str, str, list[str]]] = [
    ("behind its word", "ICCID 8955051234567890124 activated", ["8955051234567890124"]),
    ("under its key", "iccid=8955051234567890124", ["8955051234567890124"]),
    ("under the key of a SIM card", '"sim_serial": "8955051234567890124"', ["8955051234567890124"]),
    ("mistyped under its key", "iccid=8955051234567890123", ["8955051234567890123"]),
    ("in groups", "SIM 8955 0512 3456 7890 124", ["8955 0512 3456 7890 124"]),
    ("under a key that says nothing", "xq7=8955051234567890124", ["8955051234567890124"]),
    ("alone in a line", "seen 8955051234567890124 again", ["8955051234567890124"]),
    ("wrong check digit", "seen 8955051234567890123 again", []),
    ("it begins otherwise", "seen 1955051234567890121 again", []),
    ("nanoseconds", "at 1764000000000000000", []),
    ("an order as long", "order_id=8955051234567890124", []),
    ("a part of something longer", "pod-8955051234567890124-x7", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ICCID, text) == values
