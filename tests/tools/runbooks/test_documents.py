"""Titles and sections of Markdown."""

from __future__ import annotations

import pytest

from opswarden.tools.runbooks.documents import parse


@pytest.mark.parametrize(
    ("name", "text", "title"),
    [
        ("a.md", "# Oven too hot #\n\ntext", "Oven too hot"),
        ("a.md", "intro\n\n## Part\n\n# Late title", "Late title"),
        ("a.md", '---\ntitle: "From the front"\nweight: 3\n---\n# Heading', "From the front"),
        ("ovens/stone_oven-hot.md", "no heading", "stone oven hot"),
        ("a.md", "```\n# a comment\n```\n# Real", "Real"),
        ("a.md", "---\nnot closed\n# Title", "Title"),
        ("empty.md", "", "empty"),
    ],
)
def test_titles(name: str, text: str, title: str) -> None:
    assert parse(name, text).title == title


def test_sections_end_at_any_heading() -> None:
    book = parse("a.md", "before\n# One\na\n\n### Two\n~~~sh\n# no heading\n~~~\n#tag\n## Three\n")
    assert [(part.heading, part.text) for part in book.sections] == [
        ("", "before"),
        ("One", "a"),
        ("Two", "~~~sh\n# no heading\n~~~\n#tag"),
        ("Three", ""),
    ]


def test_another_fence_does_not_close_a_fence() -> None:
    book = parse("a.md", "# One\n```\n~~~\n# still code\n```\n# Two")
    assert [part.heading for part in book.sections] == ["One", "Two"]
