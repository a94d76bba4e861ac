"""Ranking by shared words."""

from __future__ import annotations

import pytest

from opswarden.tools.runbooks.bm25 import search, words_of
from opswarden.tools.runbooks.documents import parse

BOOKS = [
    parse("oven.md", "# OvenTemperatureTooHigh\n\n## Meaning\nThe oven is hot.\n\n## Diagnosis\nRead the thermometer."),
    parse(
        "till.md", "# TillDrawerStuck\n\n## Meaning\nThe drawer does not open.\n\n## Mitigation\nPull the oven door."
    ),
    parse("mill.md", "# Mill\n\n" + "flour and grain and stone. " * 200 + "oven"),
]


def found(query: str) -> list[str]:
    return [match.runbook.name for match in search(BOOKS, query, 10)[1]]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("OvenTemperatureTooHigh", ["oven.md"]),
        ("the oven is hot", ["oven.md", "till.md", "mill.md"]),
        ("drawers stuck", ["till.md"]),
        ("THERMOMETERS", ["oven.md"]),
        ("flour", ["mill.md"]),
        ("yeast", []),
        ("the of and", []),
        ("!?", []),
    ],
)
def test_order(query: str, names: list[str]) -> None:
    hits = found(query)
    assert hits == names if query != "OvenTemperatureTooHigh" else hits[:1] == names


def test_the_section_that_fits_best_is_shown() -> None:
    sections = {match.runbook.name: match.section.heading for match in search(BOOKS, "oven thermometer", 10)[1]}
    assert sections["oven.md"] == "Diagnosis"
    assert sections["till.md"] == "Mitigation"


def test_all_matches_are_counted_and_the_best_returned() -> None:
    matched, best = search(BOOKS, "oven", 1)
    assert (matched, len(best)) == (3, 1)
    assert search([], "oven", 5) == (0, [])


def test_equals_come_by_name() -> None:
    twins = [parse(f"{name}.md", "# Twin\n\nbread") for name in "cab"]
    assert [match.runbook.name for match in search(twins, "bread twin", 5)[1]] == ["a.md", "b.md", "c.md"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("NodeDiskFull", ["node", "disk", "full", "nodediskfull"]),
        ("HTTPError500s", ["http", "error500", "httperror500"]),
        ("failing failed fails fail", ["fail"] * 4),
        ("status of the bus", ["status", "bus"]),
        ("", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words
