"""Ukrainian taxpayer numbers of people (РНОКПП)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.ua_rnokpp import UA_RNOKPP

TABLE: list[tuple[str, str, list[str]]] = [
    ("bare behind its word", "РНОКПП 1759013776", ["1759013776"]),
    ("in a sentence of its country", "ідентифікаційний номер 1759013776 не знайдено", ["1759013776"]),
    ("under its own key", "rnokpp=1759013776 status=ok", ["1759013776"]),
    ("in JSON as a text", '{"rnokpp": "1759013776", "ok": true}', ["1759013776"]),
    ("in JSON as a number", '{"rnokpp":1759013776,"ok":true}', ["1759013776"]),
    ("mistyped under its own key", "rnokpp=1759013770", ["1759013770"]),
    ("under a key that others share", '"inn":"1759013776"', ["1759013776"]),
    ("no such number under a shared key", "inn=1759013770", []),
    ("under a key that says nothing", "xq7=3184710691", ["3184710691"]),
    ("one that reads as a time", "xq7=1759013776", []),
    ("under a key that holds a word", "zone_hint=3184710691", ["3184710691"]),
    ("alone in a line", "retry 1759013776 failed", []),
    ("no such number behind its word", "РНОКПП 1759013770", []),
    ("an order as long", "order_id=1759013776", []),
    ("an order between the word and the number", "РНОКПП missing for order 1759013776", []),
    ("a part of something longer", "pod-x1759013776-7f9c and job_1759013776_x7", []),
    ("a count", "read 1759013776 bytes", []),
    ("a hash", "commit be12f7a9c0d1e2f3a4b5c6d7e8f90123456789ab", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(UA_RNOKPP, text) == values
