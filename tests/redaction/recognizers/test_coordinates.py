"""Places on the map."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.coordinates import COORDINATES

TABLE: list[tuple[str, str, list[str]]] = [
    ("two keys", '"latitude": -23.5505, "longitude": -46.6333', ["-23.5505", "-46.6333"]),
    ("short keys side by side", "lat=-23.5505 lon=-46.6333", ["-23.5505", "-46.6333"]),
    ("both under one key", 'coordinates="-23.5505, -46.6333"', ["-23.5505, -46.6333"]),
    ("lat for latency", "lat=12.345 p99=40.11", []),
    ("no key", "-23.5505, -46.6333", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(COORDINATES, text) == values
