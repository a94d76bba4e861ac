"""Hardware addresses of network cards: six pairs, or eight (EUI-64), with colons, dashes or dots."""

from __future__ import annotations

import re

from ..definition import Definition, Hit, Keyed, Pattern, alphanumeric

_PAIR = "[0-9A-Fa-f]{2}"
_PAIR_BEHIND = re.compile(rf"{_PAIR}(?![0-9A-Za-z:])")
_PAIR_BEHIND_DASH = re.compile(rf"{_PAIR}(?![0-9A-Za-z\-])")
_FOUR_BEHIND = re.compile(r"[0-9A-Fa-f]{4}(?![0-9A-Za-z.])")
# Nobody's card: all zeros, the broadcast address, and what Android says instead of its own.
_NOBODY = frozenset({"0" * 12, "f" * 12, "020000000000"})
_KEYS = frozenset(
    "mac mac_address mac_addr macaddress hwaddr hw_address hw_addr hardware_address bssid ether lladdr wifi_mac "
    "wlan_mac bluetooth_mac bluetooth_address bt_address router_mac station_mac physical_address endereco_mac "
    "endereço_mac direccion_mac dirección_mac adresse_mac mac_adresi alamat_mac dia_chi_mac".split()
)


def _colons(text: str, start: int, end: int) -> Hit | None:
    if not _PAIR_BEHIND.match(text[max(0, start - 3) : start][::-1]):
        return None
    found = alphanumeric(text[start - 2 : end])
    # Eight pairs of mere digits are a time.
    if len(found) == 16 and found.isdigit():
        return None
    return None if found in _NOBODY else (start - 2, end, 0.9)


def _dashes(text: str, start: int, end: int) -> Hit | None:
    """Without a key a letter has to be among them: six pairs of digits are a date and a time."""
    if not _PAIR_BEHIND_DASH.match(text[max(0, start - 3) : start][::-1]):
        return None
    found = alphanumeric(text[start - 2 : end])
    return None if found.isdigit() or found in _NOBODY else (start - 2, end, 0.85)


def _dots(text: str, start: int, end: int) -> Hit | None:
    """As switches write it, `001b.4411.3ab7`; letters and digits have to be there."""
    if not _FOUR_BEHIND.match(text[max(0, start - 5) : start][::-1]):
        return None
    found = alphanumeric(text[start - 4 : end])
    return None if found.isdigit() or found.isalpha() else (start - 4, end, 0.8)


def _keyed(text: str, start: int, end: int) -> Hit | None:
    return None if alphanumeric(text[start:end]) in _NOBODY else (start, end, 0.9)


MAC_ADDRESS = Definition(
    "MAC_ADDRESS",
    (
        # Beginning with what stands between the pairs makes them cheap to look for.
        Pattern(rf":{_PAIR}:{_PAIR}:{_PAIR}:{_PAIR}:{_PAIR}(?::{_PAIR}:{_PAIR})?(?![0-9A-Za-z:])", check=_colons),
        Pattern(rf"-{_PAIR}-{_PAIR}-{_PAIR}-{_PAIR}-{_PAIR}(?:-{_PAIR}-{_PAIR})?(?![0-9A-Za-z\-])", check=_dashes),
        Pattern(r"\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}(?![0-9A-Za-z.])", check=_dots),
        Keyed(_KEYS, bare=rf"{_PAIR}(?:[\-:.]?{_PAIR}){{5}}(?![0-9A-Za-z])", check=_keyed),
    ),
    identity=alphanumeric,
)
