"""RUC of Panama by its form under its key and behind its word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.pa_ruc import PA_RUC

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "ruc=2588017-1-831938", ["2588017-1-831938"]),
    ("in JSON, quoted", '{"ruc":"2588017-1-831938","status":"ok"}', ["2588017-1-831938"]),
    ("at the end of a longer key", "customer.ruc: 2588017-1-831938", ["2588017-1-831938"]),
    ("under tax_id, which others share", "tax_id=2588017-1-831938", ["2588017-1-831938"]),
    ("behind its word", "RUC 2588017-1-831938", ["2588017-1-831938"]),
    ("in a sentence", "empresa con RUC 2588017-1-831938 sin aviso de operación", ["2588017-1-831938"]),
    ("under a key that says nothing", "xq7=2588017-1-831938", []),
    ("with nothing around it", "got 2588017-1-831938 from partner", []),
    ("with its check digits", "ruc: 2588017-1-831938 DV 20", ["2588017-1-831938 DV 20"]),
    ("a person's", "ruc=8-123-4567", ["8-123-4567"]),
    ("an order", "order_id=2588017-1-831938", []),
    ("a size", "read 2588017-1-831938 bytes", []),
    ("a trace", "trace=2588017-1-831938", []),
    ("a piece of a name", "pod-2588017-1-831938-x7k2p /v1/2588017-1-831938/items", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PA_RUC, text) == values
