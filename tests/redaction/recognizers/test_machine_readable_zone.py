"""Machine readable lines; the examples of ICAO 9303."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.machine_readable_zone import MACHINE_READABLE_ZONE

TABLE: list[tuple[str, str, list[str]]] = [
    (
        "a passport",
        "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
        ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"],
    ),
    (
        "a small travel document",
        "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6",
        ["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"],
    ),
    (
        "a card",
        "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
        ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"],
    ),
    (
        "as HTML",
        "P&lt;UTOERIKSSON&lt;&lt;ANNA&lt;MARIA&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;",
        [
            "P&lt;UTOERIKSSON&lt;&lt;ANNA&lt;MARIA&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;&lt;"
        ],
    ),
    ("wrong check digits", "<< L898902C37UTO7408122F1204158ZE184226B<<<<<10", []),
    ("too short", "P<UTOERIKSSON<<ANNA<MARIA<<<", []),
    ("a shift and capitals", "1<<ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ABCD", []),
    ("a line of arrows", "<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", []),
    ("a hash in capitals", "<< 0123456789ABCDEF0123456789ABCDEF0123456789AB", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(MACHINE_READABLE_ZONE, text) == values
