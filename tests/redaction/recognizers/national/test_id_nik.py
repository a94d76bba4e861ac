"""NIK by district and date. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.id_nik import ID_NIK

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "NIK 3171015708890002 rejected", ["3171015708890002"]),
    ("in a sentence of the country", "NIK nasabah 3171015708890002 tidak cocok", ["3171015708890002"]),
    ("under a key that says nothing", "xq7=3171015708890002", ["3171015708890002"]),
    ("with nothing around it", "got 3171015708890002 today", ["3171015708890002"]),
    ("as it is written", "got 317101 570889 0002 today", ["317101 570889 0002"]),
    ("under its own key", "nik=3171015708890002", ["3171015708890002"]),
    ("mistyped under its own key", "nik=3171013208890002", ["3171013208890002"]),
    ("under a key that others share", "id_number=3171015708890002", ["3171015708890002"]),
    ("mistyped under a key that others share", "id_number=3171013208890002", []),
    ("in JSON", '{"nik":"3171015708890002","ok":true}', ["3171015708890002"]),
    ("as a number in JSON", '{"nik": 3171015708890002}', ["3171015708890002"]),
    ("a man's", "no_ktp=3171011708890002", ["3171011708890002"]),
    ("no such district", "got 3199015708890002", []),
    ("no such month", "got 3171015713890002", []),
    ("no such day", "got 3171018908890002", []),
    ("microseconds since 1970", "kbx=1764000000123456", []),
    ("a wrong one beside its word", "NIK 3171013208890002 rejected", []),
    ("an order", "order_id=3171015708890002", []),
    ("a block", "blk_3171015708890002 replicated", []),
    ("in a path", "GET /api/v1/orders/3171015708890002/items", []),
    ("part of something longer", "NIK 317101570889000277777", []),
    ("in a trace id", "trace=9f86d0813171015708890002884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(ID_NIK, text) == values
