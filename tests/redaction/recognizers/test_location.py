"""Countries and cities by a list."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.location import LOCATION

TABLE: list[tuple[str, str, list[str]]] = [
    ("a country", "moved to Brazil last year", ["Brazil"]),
    ("a city of two words", "an office in Mexico City, then", ["Mexico City"]),
    ("accents do not matter", "de São Paulo a Bogotá", ["São Paulo", "Bogotá"]),
    ("the longer name wins", "in Cape Town Harbour", ["Cape Town"]),
    ("a word behind it", "Kenya Airways flew", ["Kenya"]),
    ("small letters are not known", "in brazil", []),
    ("a region of a provider", "southamerica-Santiago-1", []),
    ("a part of a name", "class IndiaGateway at Peru_svc", []),
    ("an unknown place", "in Vaskton", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(LOCATION, text) == values
