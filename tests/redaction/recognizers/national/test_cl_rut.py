"""RUT by its check digit, words and keys; with a K too."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.cl_rut import CL_RUT

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "rut=248606770", ["248606770"]),
    ("in JSON, quoted", '{"rut":"248606770","status":"ok"}', ["248606770"]),
    ("in JSON, as a number", '{"rut": 248606770, "status": "ok"}', ["248606770"]),
    ("at the end of a longer key", "customer.rut: 248606770", ["248606770"]),
    ("mistyped under its key", "rut=248606771", ["248606771"]),
    ("under documento, which others share", "documento=248606770", ["248606770"]),
    ("under tax_id, which others share", "tax_id=248606770", ["248606770"]),
    ("under documento, not valid", "documento=248606771", []),
    ("behind its word", "RUT 248606770", ["248606770"]),
    ("in a sentence", "el cliente con RUT 248606770 no existe", ["248606770"]),
    ("as it is written", "x 24.860.677-0 y", ["24.860.677-0"]),
    ("with a hyphen behind its word", "rut 24860677-0", ["24860677-0"]),
    ("under run, written", "run=24860677-0", ["24860677-0"]),
    ("with a K", "cliente 11.222.338-K bloqueado", ["11.222.338-K"]),
    ("with a K and no dots", "cliente 11222338-k bloqueado", ["11222338-k"]),
    ("with a K under its key", "rut=11222338K", ["11222338K"]),
    ("a K that is wrong", "cliente 11.222.339-K bloqueado", []),
    ("under a key that says nothing", "xq7=248606770", ["248606770"]),
    ("with nothing around it", "got 248606770 from partner", []),
    ("another check digit", "xq7=248606771 got 248606771 from partner", []),
    ("an order", "order_id=248606770", []),
    ("a size", "read 248606770 bytes", []),
    ("a trace", "trace=248606770", []),
    ("a piece of a name", "pod-248606770-x7k2p /v1/248606770/items", []),
    ("longer by a digit", "xq7=2486067707 RUT=x", []),
    ("a date under a key that says nothing", "xq7=20240105 xq8=20240113", []),
    ("the number of a run", "run 24860677-0 failed, run=248606770", []),
    ("a model of something", "sensor AB-11222338-K", []),
    ("in capitals, without a hyphen", "RUN 123456785 rechazado", ["123456785"]),
    ("with a K under a key that says nothing", "xq7=14669845K", ["14669845K"]),
    ("a run of a job", "run 123456785 failed", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CL_RUT, text) == values
