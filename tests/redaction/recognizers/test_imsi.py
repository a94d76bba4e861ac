"""Subscriber numbers of SIM cards."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.imsi import IMSI

TABLE: list[tuple[str, str, list[str]]] = [
    ("behind its word", "attach of IMSI 724051234567890 failed", ["724051234567890"]),
    ("under its key", "imsi=724051234567890", ["724051234567890"]),
    ("in JSON as a number", '{"sim_imsi":724051234567890}', ["724051234567890"]),
    ("with 14 digits", "imsi=62130123456789", ["62130123456789"]),
    ("an unknown country under its key", "imsi=999991234567890", ["999991234567890"]),
    ("under a key that others share", "subscriber_id=724051234567890", ["724051234567890"]),
    ("no such country under a shared key", "subscriber_id=199991234567890", []),
    ("under a key that says nothing", "xq7=724051234567890", []),
    ("alone in a line", "seen 724051234567890 again", []),
    ("an order as long", "order_id=724051234567890", []),
    ("an order between the word and the number", "IMSI missing for order 724051234567890", []),
    ("a duration", "took 724051234567890 ns", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(IMSI, text) == values
