"""IP addresses, version 4 and 6. Loopback and unspecified addresses name nobody and pass."""

from __future__ import annotations

import ipaddress
import re

from ..definition import Anchored, Definition, Hit, Pattern, starts_word
from ..key_names import ends_with
from ..key_values import key_behind

_SCORE = 0.95
_VERSION_KEYS = frozenset("version versions ver v release build revision rev tag semver oid".split())
# `version 1.2.3.4`, `v1.2.3.4`, read backwards.
_VERSION_BEHIND = re.compile(r"(?:[\s:/\-_=]{0,3}(?:noisrev|rev|esaeler|dliub|dio)|v)(?![A-Za-z])", re.IGNORECASE)
_PACKAGE_AFTER = re.compile(r"[\-.](?:jar|war|whl|tar|tgz|zip|rpm|deb|exe|msi|so|dll|SNAPSHOT|RELEASE|Final)\b")
_HEX_COLONS = re.compile(r"[0-9A-Fa-f:]{0,39}")


def _version_4(text: str, start: int, end: int) -> Hit | None:
    octets = [int(octet) for octet in text[start:end].split(".")]
    if max(octets) > 255 or octets[0] == 127 or octets in ([0, 0, 0, 0], [255, 255, 255, 255]):
        return None
    key = key_behind(text, start)
    if key is not None and ends_with(key, _VERSION_KEYS):
        return None
    if _VERSION_BEHIND.match(text[max(0, start - 12) : start][::-1]) or _PACKAGE_AFTER.match(text, end):
        return None
    return start, end, _SCORE


def _version_6(text: str, start: int, end: int) -> Hit | None:
    front = _HEX_COLONS.match(text[max(0, start - 39) : start][::-1])
    start -= front.end() if front else 0
    if not starts_word(text, start) or (start and text[start - 1] in ":._"):
        return None
    if text[end - 1] == ":" and text[end - 2] != ":":
        end -= 1  # what follows is a port or a sentence
    found = text[start:end]
    try:
        address = ipaddress.IPv6Address(found.partition("%")[0])
    except ValueError:
        return None
    # `ab::cd` is a path in some languages.
    if not any(part.isdigit() for part in found) and sum(map(bool, found.split(":"))) < 3:
        return None
    if address.is_loopback or address.is_unspecified or text[end : end + 1].isalnum():
        return None
    return start, end, _SCORE


def _identity(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value.partition("%")[0]))
    except ValueError:
        return value.casefold()


IP_ADDRESS = Definition(
    "IP_ADDRESS",
    (
        Pattern(
            r"(?<![0-9])(?<![0-9]\.)[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9]|\.[0-9])", check=_version_4
        ),
        Anchored(
            ("::",),
            after=r"::[0-9A-Fa-f:]{0,39}(?:(?<=[0-9])(?:\.[0-9]{1,3}){3})?(?:%[0-9A-Za-z]{1,16})?",
            check=_version_6,
        ),
        # Written out in full; beginning with a colon makes it cheap to look for.
        Pattern(r":[0-9A-Fa-f]{1,4}:[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]{8,39}(?:%[0-9A-Za-z]{1,16})?", check=_version_6),
    ),
    identity=_identity,
)
