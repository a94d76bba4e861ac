"""How far an expression looks is never said to be less than it is."""

from __future__ import annotations

import pytest

from opswarden.redaction.scanning.widths import longest

TABLE: list[tuple[str, str, int | None]] = [
    ("figures", r"[0-9]{4}-[0-9]{2}", 7),
    ("between two counts", r"[0-9]{1,3}(?: ?[0-9]{3}){2,4}+", 19),
    ("what is looked at", r"(?<![0-9])0{4}(?![0-9])", 6),
    ("alternatives together", r"(?:00|0[ab]c?)", 5),
    ("a group again", r"0([ .]|\r?\n)0\2", 13),
    ("a class with a bracket and a backslash", r"[]\]0]{3}", 3),
    ("a name", r"(?P<value>0{3})x?", 4),
    ("any number", r"0{3,}", None),
    ("any number that gives nothing back", r"0{3,}+", None),
    ("a star", r"0*", None),
    ("the beginning of all", r"\A0{3}", None),
    ("a bracket that is not closed", r"(?:0{3}", None),
]


@pytest.mark.parametrize(("expression", "most"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_longest(expression: str, most: int | None) -> None:
    assert longest(expression) == most
