"""CI of Uruguay by its check digit, words and keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.uy_ci import UY_CI

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "nro_ci=54546737", ["54546737"]),
    ("in JSON, quoted", '{"nro_ci":"54546737","status":"ok"}', ["54546737"]),
    ("in JSON, as a number", '{"nro_ci": 54546737, "status": "ok"}', ["54546737"]),
    ("at the end of a longer key", "customer.nro_ci: 54546737", ["54546737"]),
    ("mistyped under its key", "nro_ci=54546738", ["54546738"]),
    ("under cedula, which others share", "cedula=54546737", ["54546737"]),
    ("under ci, which others share", "ci=54546737", ["54546737"]),
    ("under documento, which others share", "documento=54546737", ["54546737"]),
    ("under cedula, not valid", "cedula=54546738", []),
    ("behind its word", "C.I. 54546737", ["54546737"]),
    ("in a sentence", "el titular con cédula 54546737 no existe", ["54546737"]),
    ("as it is written", "x 5.454.673-7 y", ["5.454.673-7"]),
    ("with a hyphen behind its word", "CI 5454673-7", ["5454673-7"]),
    ("seven digits behind its word", "cédula 1234561", ["1234561"]),
    ("under a key that says nothing", "xq7=54546737", ["54546737"]),
    ("with nothing around it", "got 54546737 from partner", []),
    ("a published example", "x 1.234.567-2 y", ["1.234.567-2"]),
    ("another check digit", "xq7=54546738 got 54546738 from partner", []),
    ("an order", "order_id=54546737", []),
    ("a size", "read 54546737 bytes", []),
    ("a trace", "trace=54546737", []),
    ("a piece of a name", "pod-54546737-x7k2p /v1/54546737/items", []),
    ("longer by a digit", "xq7=545467377 C.I.=x", []),
    ("a date under a key that says nothing", "xq7=20240109 xq8=20240115", []),
    ("the number of a build", "ci build 54546737", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(UY_CI, text) == values
