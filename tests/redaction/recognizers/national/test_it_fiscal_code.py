"""Italian fiscal codes."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.it_fiscal_code import IT_FISCAL_CODE

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "codice fiscale RCCMNL83S18D969H", ["RCCMNL83S18D969H"]),
    (
        "in a sentence of its country",
        "il codice fiscale del cliente RCCMNL83S18D969H non è valido",
        ["RCCMNL83S18D969H"],
    ),
    ("under its own key", "codice_fiscale=RCCMNL83S18D969H status=ok", ["RCCMNL83S18D969H"]),
    ("in JSON as a text", '{"codice_fiscale": "RCCMNL83S18D969H", "ok": true}', ["RCCMNL83S18D969H"]),
    ("in small letters under its key", "codice_fiscale=rccmnl83s18d969h", ["rccmnl83s18d969h"]),
    ("mistyped under its own key", "codice_fiscale=RCCMNL83S18D969I", ["RCCMNL83S18D969I"]),
    ("under a key that others share", '"cf":"RCCMNL83S18D969H"', ["RCCMNL83S18D969H"]),
    ("no such number under a shared key", "cf=RCCMNL83S18D969I", []),
    ("under a key that says nothing", "xq7=RCCMNL83S18D969H", ["RCCMNL83S18D969H"]),
    ("alone in a line", "retry RCCMNL83S18D969H failed", ["RCCMNL83S18D969H"]),
    ("no such number behind its word", "codice fiscale RCCMNL83S18D969I", []),
    ("an order as long", "order_id=RCCMNL83S18D969H", []),
    ("an order between the word and the number", "codice fiscale missing for order RCCMNL83S18D969H", []),
    ("a part of something longer", "pod-xRCCMNL83S18D969H-7f9c and job_RCCMNL83S18D969H_x7", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(IT_FISCAL_CODE, text) == values
