"""Bank accounts by Spanish keys and words."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.latin_bank_account import LATIN_BANK_ACCOUNT

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "numero_cuenta=19100234567890", ["19100234567890"]),
    ("in JSON, quoted", '{"numero_cuenta":"19100234567890","status":"ok"}', ["19100234567890"]),
    ("in JSON, as a number", '{"numero_cuenta": 19100234567890, "status": "ok"}', ["19100234567890"]),
    ("at the end of a longer key", "customer.numero_cuenta: 19100234567890", ["19100234567890"]),
    ("behind its word", "cuenta corriente 19100234567890", ["19100234567890"]),
    ("in a sentence", "abonar en la cuenta de ahorros 19100234567890 del titular", ["19100234567890"]),
    ("under a key that says nothing", "xq7=19100234567890", []),
    ("with nothing around it", "got 19100234567890 from partner", []),
    ("with hyphens under its key", "cuenta_destino=191-1002345-0-51", ["191-1002345-0-51"]),
    ("number of the account", "cuenta corriente nro. 123-456789-01", ["123-456789-01"]),
    ("an order", "order_id=19100234567890", []),
    ("a size", "read 19100234567890 bytes", []),
    ("a trace", "trace=19100234567890", []),
    ("a piece of a name", "pod-19100234567890-x7k2p /v1/19100234567890/items", []),
    ("longer by a digit", "xq7=191002345678907 cuenta corriente=x", []),
    ("a cloud account", "cuenta_aws=123456789012 aws_cuenta=123456789012", []),
    ("a count", "la cuenta es 3", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(LATIN_BANK_ACCOUNT, text) == values
