"""Passport numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.passport import PASSPORT

TABLE: list[tuple[str, str, list[str]]] = [
    ("under its key", "passport_no=AB4817362 ok", ["AB4817362"]),
    ("in JSON as a text", '"passport": "ab4817362"', ["ab4817362"]),
    ("in JSON as a number", '{"passportNumber":481736205}', ["481736205"]),
    ("behind its word", "her passport AB4817362 has expired", ["AB4817362"]),
    ("digits behind its word", "passport number is 481736205", ["481736205"]),
    ("in Portuguese", "passaporte FX481736 vencido", ["FX481736"]),
    ("in Turkish", "pasaport_no=U48173620", ["U48173620"]),
    ("in Vietnamese", "số hộ chiếu B4817362", ["B4817362"]),
    ("in Indonesian", "nomor_paspor: B4817362", ["B4817362"]),
    ("in Chinese", "护照号码=E48173620", ["E48173620"]),
    ("nothing there", "passport=required passport_no=null passport: expired", []),
    ("a date beside it", "passport_expiry=2031-05-17", []),
    ("a country beside it", "passport_country=BR12345", []),
    ("an order between the word and the number", "passport missing for order 48173620", []),
    ("no word", "AB4817362 48173620", []),
    ("the library", "passport-http v0.3.0 passport.js", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(PASSPORT, text) == values
