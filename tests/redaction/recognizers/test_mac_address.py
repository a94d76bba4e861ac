"""Hardware addresses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.redaction.recognizers.mac_address import MAC_ADDRESS

TABLE: list[tuple[str, str, list[str]]] = [
    ("with colons", "link 00:1B:44:11:3a:b7 up", ["00:1B:44:11:3a:b7"]),
    ("with dashes", "link 00-1b-44-11-3a-b7 up", ["00-1b-44-11-3a-b7"]),
    ("as switches write it", "port of 001b.4411.3ab7 moved", ["001b.4411.3ab7"]),
    ("eight pairs", "lladdr is 00:1b:44:ff:fe:11:3a:b7", ["00:1b:44:ff:fe:11:3a:b7"]),
    ("with dashes under its key", "mac=00-1b-44-11-3a-b7", ["00-1b-44-11-3a-b7"]),
    ("digits with dashes under its key", "mac=00-11-22-33-44-55", ["00-11-22-33-44-55"]),
    ("as switches write it, under its key", '"mac_address": "001b.4411.3ab7"', ["001b.4411.3ab7"]),
    ("without separators under its key", "bssid=001b44113ab7", ["001b44113ab7"]),
    ("a key of another language", "endereco_mac: 00:1b:44:11:3a:b7", ["00:1b:44:11:3a:b7"]),
    ("broadcast and nothing", "ff:ff:ff:ff:ff:ff 00:00:00:00:00:00", []),
    ("what Android says", "mac=02:00:00:00:00:00", []),
    ("seven pairs", "aa:00:1b:44:11:3a:b7", []),
    ("a time", "20:26:11:23:19:47:41", []),
    ("a date and a time with dashes", "run 26-11-23-19-47-41 done", []),
    ("a number with dots", "took 1234.5678.9012 of it", []),
    ("words with dots", "dead.beef.cafe", []),
    ("a UUID", "4bf92f35-77b3-4da6-a3ce-929d0e0e4736", []),
    ("a fingerprint", "SHA1 aa:bb:cc:dd:ee:ff:00:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd", []),
    ("without separators and without a key", "commit 001b44113ab7", []),
]


@pytest.mark.parametrize(("text", "values"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(finds: Callable[..., list[str]], text: str, values: list[str]) -> None:
    assert finds(MAC_ADDRESS, text) == values
