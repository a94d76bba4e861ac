"""Bytes that hold text: UTF-8, UTF-16, text between a few control bytes, and all of these compressed."""

from __future__ import annotations

import unicodedata
import zlib

from ..types import TextWithheld

_SAMPLE = 18
_LEAST_MIXED = 24
_PRINTABLE = bytes((9, 10, 13, *range(0x20, 0x7F)))
_OTHERS = bytes(code for code in range(256) if code not in _PRINTABLE)
_AS_LINES = bytes.maketrans(_OTHERS, b"\n" * len(_OTHERS))
_GZIP = b"\x1f\x8b\x08"
# The first two bytes of zlib streams of usual window and level (RFC 1950, 2.2).
_ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")
_EITHER_HEADER = 47
_MARKED = (_GZIP, *_ZLIB, b"\xff\xfe", b"\xfe\xff")


class Unpacked:
    """How much more compressed text may unfold; without a bound a small text could stand for a huge one.

    Args:
        limit: bytes.
    """

    def __init__(self, limit: int) -> None:
        self._left = limit

    def of(self, packed: bytes) -> bytes | None:
        """The content of a gzip or zlib stream; None if it is none, or nothing may unfold.

        Raises:
            TextWithheld: there is more of it than may unfold, so nobody knows what the rest holds.
        """
        if self._left <= 0:
            return None
        stream = zlib.decompressobj(_EITHER_HEADER)
        try:
            content = stream.decompress(packed, self._left)
        except zlib.error:
            return None
        if stream.unconsumed_tail:
            raise TextWithheld("compressed text unfolds beyond the limit", reason="too-much-work")
        self._left -= len(content)
        return content


def may_be_text(sample: bytes) -> bool:
    """Whether the first bytes of something allow it to be text, compressed or not."""
    first = sample[:_SAMPLE]
    if len(first.translate(None, _PRINTABLE)) * 3 <= len(first):
        return True
    return first.startswith(_MARKED) or (b"\0" in first and _wide(first) is not None) or _utf8(first) is not None


def text_in(content: bytes, unpacked: Unpacked) -> str | None:
    """The text that some bytes hold, or None."""
    if content.startswith((_GZIP, *_ZLIB)):
        inner = unpacked.of(content)
        return text_in(inner, Unpacked(0)) if inner else None
    wide = _wide(content)
    if wide is not None:
        return wide
    decoded = _utf8(content)
    if decoded is not None and _is_readable(decoded):
        return decoded
    # Serialised objects: texts with lengths and types between them.
    if len(content) >= _LEAST_MIXED and len(content.translate(None, _PRINTABLE)) * 5 <= len(content):
        return content.translate(_AS_LINES).decode("ascii")
    return None


def _is_readable(text: str) -> bool:
    """Whether a text is printable but for line breaks, colours of terminals and characters that look like nothing."""
    if text.isprintable():
        return True
    odd = [part for part in text if not part.isprintable()]
    invisible = sum(part in "\n\t\r\x1b" or unicodedata.category(part) == "Cf" for part in odd)
    return invisible == len(odd) and len(odd) * 5 <= len(text) * 3


def _utf8(content: bytes) -> str | None:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        # A sample may end inside a character.
        return None if error.start < len(content) - 3 else content[: error.start].decode("utf-8")


def _wide(content: bytes) -> str | None:
    """UTF-16 of mostly ASCII: every second byte is zero."""
    content = content[2:] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else content
    for first in (0, 1):
        half, zeros = content[1 - first :: 2], content[first::2]
        if len(half) >= 4 and not zeros.strip(b"\0") and not half.translate(None, _PRINTABLE):
            return half.decode("ascii")
    return None
