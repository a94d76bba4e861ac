"""Pages that contradict each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from opswarden.tools.runbooks.overlaps import contradictions
from opswarden.tools.runbooks.page import Page, read_page

OWN = Path(__file__).parents[3] / "docs" / "runbooks"


def page(name: str, query: str, limit: str) -> Page:
    expect = f"{{text: as it should be, path: 'series[0].last', {limit}}}"
    block = f"   ~~~opswarden\n   query: '{query}'\n   expect: {expect}\n   ~~~\n"
    return read_page(name, f"---\nrunbook: 1\ntitle: Oven\n---\n# Oven\n\n## Diagnosis\n\n1. Look.\n\n{block}")


@pytest.mark.parametrize(
    ("query", "limit", "contradicts"),
    [
        ('heat{entity="oven"}', "is: below, value: 300", True),
        ('heat{entity="oven"}', "is: below, value: 250", False),
        ('heat{entity="oven"}', "is: above, value: 300", False),
        ('heat{entity="stove"}', "is: below, value: 300", False),
    ],
)
def test_one_value_has_one_limit(query: str, limit: str, contradicts: bool) -> None:
    pages = [page("a.md", 'heat{entity="oven"}', "is: below, value: 250"), page("b.md", query, limit)]
    assert not pages[1].problems
    found = list(contradictions(pages, {}))
    assert [(each.first, each.second) for each in found] == ([("a.md", "b.md")] if contradicts else [])


def test_our_own_pages_do_not_contradict_each_other() -> None:
    pages = [read_page(path.name, path.read_text("utf-8")) for path in sorted(OWN.glob("*.md"))]
    assert list(contradictions(pages, {})) == []
