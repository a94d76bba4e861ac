"""Keys of Azure by their shape: account keys, annotated keys, client secrets and access tokens of DevOps."""

from __future__ import annotations

import re

from ..definition import Anchored, Definition, Hit, Pattern
from ..secrets.random_values import is_mixed

_BASE64 = re.compile(r"[A-Za-z0-9+/]{86}(?:(?![A-Za-z0-9+])|(?=[nrt]\\))")
_HASHES = re.compile(r"sha-?512|digest|hash|checksum|integrity|etag|signature", re.IGNORECASE)
_BEFORE_MARK = re.compile(r"[A-Za-z0-9+/]{32,80}")
_REACH, _REACH_OF_HASH = 96, 24


def _account_key(text: str, start: int, end: int) -> Hit | None:
    """Sixty-four bytes in base64: a key of a storage, Cosmos or Batch account, unless a hash is announced."""
    front = _BASE64.match(text[max(0, start - _REACH) : start][::-1])
    if front is None:
        return None
    first = start - front.end()
    if _HASHES.search(text, max(0, first - _REACH_OF_HASH), first) or not is_mixed(text[first:start]):
        return None
    return first, end, 0.9


def _marked(text: str, start: int, end: int) -> Hit | None:
    """The mark stands near the end of the key; what is in front of it belongs to the key."""
    front = _BEFORE_MARK.match(text[max(0, start - _REACH) : start][::-1])
    if front is None or not is_mixed(text[start - front.end() : end]):
        return None
    return start - front.end(), end, 0.95


AZURE_KEY = Definition(
    "SECRET",
    (
        Pattern(r"==(?![A-Za-z0-9+/=])", check=_account_key),
        # Source: Microsoft security-utilities, "common annotated security key": 52 characters, the mark, the rest.
        Pattern(r"JQQJ99[A-Za-z0-9+/]{20,40}+={0,2}", check=_marked),
        # Service Bus, Event Hubs, Relay, container registry, IoT and search keys carry a mark near their end.
        Pattern(r"\+A(?:Sb|Eh|Rm|CR|St|Ba|MC|Io)[A-Za-z0-9+/]{1,12}={1,2}", check=_marked),
        Pattern(r"A(?:zSe|zFu|CDb|IoT|PIM|zCa)[A-Za-z0-9+/]{6,12}={0,2}(?![A-Za-z0-9])", check=_marked),
        Pattern(r"AZDO[A-Za-z0-9]{4}(?![A-Za-z0-9])", check=_marked),
        # Entra client secrets: three characters, a digit, `Q~`, the rest.
        Anchored(
            ("q~",),
            before=r"[0-9][A-Za-z0-9_~.\-]{3}",
            after=r"Q~[A-Za-z0-9_~.\-]{31,40}+",
        ),
    ),
    restorable=False,
    name="azure_key",
)
