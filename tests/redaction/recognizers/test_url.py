"""Pages and domains, for profiles that take them out."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.url import URL

TABLE: list[tuple[str, str, list[str]]] = [
    ("a page", "see https://example.org/a?b=c.", ["https://example.org/a?b=c"]),
    ("without a scheme", "at www.example.org, now", ["www.example.org"]),
    ("a domain", "mail server mx1.example.com.br failed", ["mx1.example.com.br"]),
    ("in quotes", 'href="http://example.org"', ["http://example.org"]),
    ("an e-mail address is another type", "ana@example.org", []),
    ("a file", "main.go and app.jar", []),
    ("a class", "java.lang.IOException", []),
    ("a version", "1.2.3", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(URL, text) == values
