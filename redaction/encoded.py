"""Text wrapped in base64, found and unwrapped."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

_LEAST = 16
_BLOB = re.compile(rf"(?<![A-Za-z0-9+/_\-])[A-Za-z0-9+/_\-]{{{_LEAST},}}+")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_SAMPLE = 24


def blobs(text: str) -> Iterator[tuple[int, int, str]]:
    """Stretches of base64 (standard or URL alphabet) that hold readable text: start, end, the text.

    Paths and identifiers use the same letters; what does not decode to printable UTF-8 is no blob.
    """
    for match in _BLOB.finditer(text):
        start, end = match.span()
        if not text.isascii() and not match.group().isascii():
            continue
        encoded = match.group().encode("ascii").translate(_STANDARD)
        if _readable(encoded[:_SAMPLE]) is None:
            continue
        decoded = _readable(encoded)
        if decoded is not None:
            while end < len(text) and text[end] == "=" and end - match.end() < 2:
                end += 1
            yield start, end, decoded


def _readable(encoded: bytes) -> str | None:
    whole = encoded[: len(encoded) & ~3]
    rest = encoded[len(whole) :]
    if len(rest) == 1:
        rest = b""
    try:
        content = base64.b64decode(whole + (rest + b"==")[:4] if rest else whole)
    except binascii.Error:
        return None
    try:
        decoded = content.decode("utf-8")
    except UnicodeDecodeError as error:
        # A sample may end inside a character.
        if error.start < len(content) - 3:
            return None
        decoded = content[: error.start].decode("utf-8")
    return decoded if decoded.replace("\n", "").replace("\t", "").replace("\r", "").isprintable() else None
