"""Places on the map."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.coordinates import COORDINATES

TABLE: list[tuple[str, str, list[str]]] = [
    ("two keys", '"latitude": -23.5505, "longitude": -46.6333', ["-23.5505", "-46.6333"]),
    ("short keys side by side", "lat=-23.5505 lon=-46.6333", ["-23.5505", "-46.6333"]),
    ("both under one key", 'coordinates="-23.5505, -46.6333"', ["-23.5505, -46.6333"]),
    ("a list under a key", '"coordinates":[-46.6333,-23.5505]', ["-46.6333,-23.5505"]),
    ("keys of other languages", "enlem=41.0082 boylam=28.9784", ["41.0082", "28.9784"]),
    ("two numbers behind a word", "customer location -23.5505, -46.6333 confirmed", ["-23.5505, -46.6333"]),
    ("two numbers in a query", "GET /v1/near?ll=-23.5505,-46.6333&r=5", ["-23.5505,-46.6333"]),
    ("a link of a map", "https://www.google.com/maps/@-23.5505,-46.6333,17z", ["-23.5505,-46.6333"]),
    ("a place in a link of a map", "maps/place/x/data=!3d-23.5505!4d-46.6333", ["-23.5505!4d-46.6333"]),
    ("a geo address", "open geo:-23.5505,-46.6333;u=35", ["-23.5505,-46.6333"]),
    ("well-known text", "SRID=4326;POINT(-46.6333 -23.5505)", ["-46.6333 -23.5505"]),
    ("degrees, minutes and seconds", "at 23°33'01.8\"S 46°38'00\"W today", ["23°33'01.8\"S 46°38'00\"W"]),
    ("a geohash", "geohash=6gyf4bf8m", ["6gyf4bf8m"]),
    ("lat for latency", "lat=12.345 p99=40.11", []),
    ("no key", "-23.5505, -46.6333", []),
    ("two measures", "p50 and p99 were 12.3456,80.1234 ms", []),
    ("a vector", "embedding [0.1234,-0.5678,0.9012]", []),
    ("a region", "location 23.5, 46.6", []),
    ("not on earth", "location 123.4567,200.1234", []),
    ("a temperature", "node at 45°C", []),
    ("a pointer", "breakpoint(1.2345)", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(COORDINATES, text) == values
