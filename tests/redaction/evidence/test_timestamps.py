"""Digits that read as a time are one, unless a word says otherwise."""

from __future__ import annotations

import pytest

from opswarden.redaction.evidence.identifiers import identifier
from opswarden.redaction.evidence.timestamps import is_timestamp
from opswarden.redaction.scanning.overlap import united
from opswarden.redaction.scanning.scan import Scan, Work

TIMES = [
    "1764000000",
    "1764000000000",
    "1764000000000000",
    "1764000000000000000",
    "20261123",
    "202611231947",
    "20261123194741",
    "20261123194741123",
    "261123194741",
    "2611231947",
    "1123194741",
]
NO_TIMES = [
    "2964000000",
    "9764000000000",
    "20261323",
    "20261132",
    "202611232447",
    "261123196041",
    "176400000",
    "1" * 20,
]


@pytest.mark.parametrize("digits", TIMES)
def test_times(digits: str) -> None:
    assert is_timestamp(digits)


@pytest.mark.parametrize("digits", NO_TIMES)
def test_no_times(digits: str) -> None:
    assert not is_timestamp(digits)


ZID = identifier(
    "XX_ID", country="XX", keys="zid", bare=("0{13}",), length=(13, 13), valid=lambda number: True, one_in=60
)

TABLE: list[tuple[str, str, list[str]]] = [
    ("a time alone", "got 1764000000123 now", []),
    ("a time under a key that says nothing", "kbx=1764000000123", []),
    ("the same beside the word", "ZID 1764000000123", ["1764000000123"]),
    ("the same under the key", "zid=1764000000123", ["1764000000123"]),
    ("no time", "kbx=9764000000123", ["9764000000123"]),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_guarded(text: str, values: list[str]) -> None:
    spans = united(Scan((ZID,)).find(text, Work(1000)), lambda _: True)
    assert [text[span.start : span.end] for span in spans] == values
