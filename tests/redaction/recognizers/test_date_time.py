"""Dates and times, for profiles that take them out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.date_time import DATE_TIME

TABLE: list[tuple[str, str, list[str]]] = [
    ("ISO", "on 2026-03-01 it", ["2026-03-01"]),
    ("with strokes", "on 31/12/2025 it", ["31/12/2025"]),
    ("a time", "at 10:00:01.250 it", ["10:00:01.250"]),
    ("a time of day", "at 7:15 pm it", ["7:15 pm"]),
    ("a month and a day", "March 3rd, 2026", ["March 3rd, 2026"]),
    ("in Portuguese", "em 3 de março de 2026", ["3 de março de 2026"]),
    ("a day of the week", "every Monday and terça-feira", ["Monday", "terça-feira"]),
    ("a year", "since 2019, it", ["2019"]),
    ("no date", "2026-13-41 and 99/99/99", []),
    ("a version", "3.11.7", []),
    ("a port", "host:8080", []),
    ("a word with a month in it", "the marches and the junction", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(DATE_TIME, text) == values
