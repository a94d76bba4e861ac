"""Serial numbers of mobile devices."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.engine import Redaction
from opswarden.redaction.recognizers.imei import IMEI

TABLE: list[tuple[str, str, list[str]]] = [
    ("behind its word", "IMEI 490154203237518 blocked", ["490154203237518"]),
    ("under its key", "imei=490154203237518", ["490154203237518"]),
    ("in JSON as a number", '{"device_imei":490154203237518}', ["490154203237518"]),
    ("as it is printed", "IMEI: 49-015420-323751-8", ["49-015420-323751-8"]),
    ("with the software version", "imeisv=4901542032375100", ["4901542032375100"]),
    ("mistyped under its key", "imei1=490154203237517", ["490154203237517"]),
    ("under a key that others share", "device_id=490154203237518", ["490154203237518"]),
    ("in another language", "o IMEI do aparelho é 490154203237518", ["490154203237518"]),
    ("under a key that says nothing", "xq7=356938035643809", ["356938035643809"]),
    ("alone in a line", "seen 356938035643809 again", ["356938035643809"]),
    ("of a body that is no more, alone", "seen 490154203237518 again", []),
    ("wrong check digit", "seen 356938035643808 again", []),
    ("no body that gives numbers out", "seen 790154203237519 again", []),
    ("an order as long", "order_id=490154203237518", []),
    ("a duration", "took 490154203237518 ns", []),
    ("a part of something longer", "pod-490154203237518-x7", []),
    ("a hash", "trace 490154203237518abcdef0123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(IMEI, text) == values


def test_it_is_no_card(redaction: Redaction) -> None:
    assert [span.entity_type for span in redaction.analyze("imei 356938035643809")] == ["IMEI"]
