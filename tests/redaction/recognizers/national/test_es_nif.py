"""Spanish taxpayer numbers (DNI, NIF, and CIF of companies)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.es_nif import ES_NIF

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "NIF 54362315K", ["54362315K"]),
    ("in a sentence of its country", "el DNI del cliente 54362315K ha caducado", ["54362315K"]),
    ("under its own key", "dni_titular=54362315K status=ok", ["54362315K"]),
    ("in JSON as a text", '{"dni_titular": "54362315K", "ok": true}', ["54362315K"]),
    ("in small letters under its key", "dni_titular=54362315k", ["54362315k"]),
    ("mistyped under its own key", "dni_titular=54362315L", ["54362315L"]),
    ("under a key that others share", '"documento":"54362315K"', ["54362315K"]),
    ("no such number under a shared key", "documento=54362315L", []),
    ("under a key that says nothing", "xq7=54362315K", ["54362315K"]),
    ("alone in a line", "retry 54362315K failed", []),
    ("no such number behind its word", "NIF 54362315L", []),
    ("an order as long", "order_id=54362315K", []),
    ("an order between the word and the number", "NIF missing for order 54362315K", []),
    ("a part of something longer", "pod-x54362315K-7f9c and job_54362315K_x7", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
    ("of a company", "cif=B64717838", ["B64717838"]),
    ("with a dash behind its word", "NIF titular 54362315-K", ["54362315-K"]),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ES_NIF, text) == values
