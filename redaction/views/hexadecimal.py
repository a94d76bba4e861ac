"""Text written as hexadecimal digits or as the numbers of its bytes, alone, with separators, and as a dump."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple


class Packed(NamedTuple):
    """A stretch of a text and the bytes that it spells."""

    start: int
    end: int
    content: bytes


_LEAST_BYTES = 8
# Hexadecimal digits, what separates bytes, line ends and the rest.
_SHAPE = bytes(
    0x68 if chr(code) in "0123456789abcdefABCDEF" else 0x20 if chr(code) in " :-," else 0x0A if code == 0x0A else 0x2E
    for code in range(256)
)
# Eight bytes with a separator between them (a hardware address has six), or four pairs of bytes.
_SIGNS = (
    b" ".join((b"hh",) * _LEAST_BYTES),
    b"  ".join((b"hh",) * _LEAST_BYTES),
    b" ".join((b"hhhh",) * 4),
    b" ".join((b"h.hh",) * 5),
    b"  ".join((b"h.hh",) * 5),
)
_PAIRS = re.compile(
    r"(?:0[xX])?[0-9A-Fa-f]{2}(?:[0-9A-Fa-f]{2})?(, ?| {1,2}|[:\-])"
    r"(?:(?:0[xX])?[0-9A-Fa-f]{2}(?:[0-9A-Fa-f]{2})?(?:\1|(?![0-9A-Za-z]))){3,65536}+"
)
_ROW = re.compile(
    r"[ \t]{0,8}(?:0[xX])?[0-9A-Fa-f]{4,16}:?[ \t]{1,3}"
    r"(?P<digits>(?:[0-9A-Fa-f]{2}(?:[0-9A-Fa-f]{2}){0,3}[ \t]{1,3}){1,32})[^\n]{0,120}(?:\n|\Z)"
)
_ROW_DIGITS = 32
_DIGITS = re.compile(r"(?:0[xX])?([0-9A-Fa-f]{2,4})")
# Bytes of printable ASCII, line ends, colours of terminals and UTF-8; hashes are told apart by their first digits.
_TEXT = re.compile(
    r"(?:[2-7][0-9A-Fa-f]|0[9aAdD]|1[bB]|[cCdD][0-9A-Fa-f][89abAB][0-9A-Fa-f]|[eE][0-9A-Fa-f](?:[89abAB][0-9A-Fa-f]){2})+"
)
# The first two bytes of zlib streams (RFC 1950, 2.2).
_ZLIB = frozenset({"7801", "785e", "789c", "78da"})
_NUMBERS = re.compile(r"\[(?=[0-9]{2,3}[, ])(-?[0-9]{1,3}(?:(?:, ?| )-?[0-9]{1,3}){7,65536}+)\]")


def hex_text(word: str) -> bytes | None:
    """The bytes that a word of hexadecimal digits spells, if they can be text or something packed."""
    digits = word[2:] if word[:2] in {"0x", "0X"} else word
    if len(digits) < 2 * _LEAST_BYTES or len(digits) % 2:
        return None
    if _TEXT.fullmatch(digits) or digits[:6].lower() == "1f8b08" or digits[:4].lower() in _ZLIB:
        return bytes.fromhex(digits)
    return None


def spaced_bytes(text: str) -> Iterator[Packed]:
    """Bytes with separators, dumps in rows (`hexdump -C`, `xxd`), and lists of decimal bytes."""
    shape = text.encode("ascii", "replace").translate(_SHAPE)
    done = 0
    for at in sorted({place for sign in _SIGNS for place in _places(shape, sign)}):
        if at < done:
            continue
        packed = _dump(text, at, done) or _pairs(text, at)
        if packed is not None:
            done = packed.end
            yield packed
    for match in _NUMBERS.finditer(text):
        numbers = [int(number) % 256 for number in re.findall(r"-?[0-9]+", match[1])]
        yield Packed(*match.span(1), bytes(numbers))


def _places(shape: bytes, sign: bytes) -> Iterator[int]:
    at = shape.find(sign)
    while at >= 0:
        yield at
        at = shape.find(sign, at + len(sign))


def _pairs(text: str, at: int) -> Packed | None:
    match = _PAIRS.match(text, at)
    if match is None:
        return None
    digits = "".join(_DIGITS.findall(match.group()))
    return Packed(at, match.start() + len(match.group().rstrip(" ,:-")), bytes.fromhex(digits[: len(digits) & ~1]))


def _dump(text: str, at: int, done: int) -> Packed | None:
    """Rows of an offset, bytes and what they are in ASCII, from the row around a place on."""
    start = max(text.rfind("\n", max(done, at - 64), at) + 1, done)
    row = _ROW.match(text, start)
    if row is None or not row.start("digits") <= at < row.end("digits"):
        return None
    digits: list[str] = []
    end = start
    while row is not None:
        digits.append("".join(row["digits"].split())[:_ROW_DIGITS])
        end = row.end()
        row = _ROW.match(text, end)
    spelled = "".join(digits)
    end -= text[end - 1] == "\n"
    return Packed(start, end, bytes.fromhex(spelled[: len(spelled) & ~1]))
