"""Resident ids by division, date and check sign. The values are invented or published examples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.national.cn_resident_id import CN_RESIDENT_ID

TABLE: list[tuple[str, str, list[str]]] = [
    ("beside its word", "resident id 11010519900307005X rejected", ["11010519900307005X"]),
    ("in a sentence of the country", "客户的身份证号 11010519900307005X 不正确", ["11010519900307005X"]),
    ("under a key that says nothing", "xq7=11010519900307005X", ["11010519900307005X"]),
    ("with nothing around it", "got 11010519900307005X today", ["11010519900307005X"]),
    ("under its own key", "resident_id=11010519900307005X", ["11010519900307005X"]),
    ("mistyped under its own key", "resident_id=110105199003070051", ["110105199003070051"]),
    ("under a key that others share", "id_card=11010519900307005X", ["11010519900307005X"]),
    ("mistyped under a key that others share", "id_card=110105199003070051", []),
    ("in JSON", '{"residentId":"11010519900307005X","ok":true}', ["11010519900307005X"]),
    ("in small letters under its key", "resident_id=11010519900307005x", ["11010519900307005x"]),
    ("another province", "got 170105199003070025", []),
    ("digits only, under an unknown key", "kbx=110105199003070025", ["110105199003070025"]),
    ("behind its name without a blank", "客户身份证号11010519900307005X错误", ["11010519900307005X"]),
    ("as a number in JSON", '{"idcard": 110105199003070025}', ["110105199003070025"]),
    ("its name as key", '{"身份证号": "110105199003070051"}', ["110105199003070051"]),
    ("no such date", "got 110105199013070025", []),
    ("nanoseconds of a short epoch", "kbx=176400000012345678", []),
    ("a wrong one beside its word", "resident id 110105199003070051 rejected", []),
    ("part of something longer", "resident id 11010519900307005XZZ7ZZ", []),
    ("in a trace id", "trace=9f86d08111010519900307005x884c7d", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(CN_RESIDENT_ID, text) == values
