"""Hardware addresses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.mac_address import MAC_ADDRESS

TABLE: list[tuple[str, str, list[str]]] = [
    ("with colons", "link 00:1B:44:11:3a:b7 up", ["00:1B:44:11:3a:b7"]),
    ("with dashes under its key", "mac=00-1b-44-11-3a-b7", ["00-1b-44-11-3a-b7"]),
    ("as switches write it, under its key", '"mac_address": "001b.4411.3ab7"', ["001b.4411.3ab7"]),
    ("broadcast and nothing", "ff:ff:ff:ff:ff:ff 00:00:00:00:00:00", []),
    ("seven pairs", "aa:00:1b:44:11:3a:b7", []),
    ("a time", "20:26:11:23:19:47:41", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(MAC_ADDRESS, text) == values
