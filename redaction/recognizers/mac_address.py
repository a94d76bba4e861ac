"""Hardware addresses of network cards."""

from __future__ import annotations

import re

from ..definition import Definition, Hit, Keyed, Pattern, alphanumeric

_PAIR_BEHIND = re.compile(r"[0-9A-Fa-f]{2}(?![0-9A-Za-z:])")


def _check(text: str, start: int, end: int) -> Hit | None:
    if not _PAIR_BEHIND.match(text[max(0, start - 3) : start][::-1]):
        return None
    start -= 2
    found = alphanumeric(text[start:end])
    # Nobody's card: all zeros, and the broadcast address.
    return None if found in {"0" * 12, "f" * 12} else (start, end, 0.9)


MAC_ADDRESS = Definition(
    "MAC_ADDRESS",
    (
        Pattern(
            r":[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}(?![0-9A-Za-z:])", check=_check
        ),
        Keyed(
            frozenset({"mac", "mac_address", "hwaddr", "hw_address", "hardware_address", "bssid", "ether", "lladdr"}),
            bare=r"[0-9A-Fa-f]{2}(?:[\-:.]?[0-9A-Fa-f]{2}){5}(?![0-9A-Za-z])",
        ),
    ),
    identity=alphanumeric,
)
