"""Text wrapped in base64, base32, hexadecimal digits, or one of these around something compressed."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

from .hexadecimal import hex_text, spaced_bytes
from .readable import Unpacked, may_be_text, text_in

_LEAST, _LEAST_PADDED = 16, 10
_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_"
# Letters of the alphabet and all the rest, so that long words are found with a search for bytes.
_SHAPE = bytes(0x61 if code in _ALPHABET else 0x20 for code in range(256))
_LONG = b"a" * _LEAST
_PADDING = re.compile(r"==?(?![=\w+/\-])")
_STANDARD = bytes.maketrans(b"-_", b"+/")
_SAMPLE = 24
# Base64 in lines of equal length, as mail, certificates and configuration files have it.
_LEAST_LINE = 56
_LINE_BREAK = re.compile(r"\r?\n[ \t]{0,40}")
_LAST_LINE = re.compile(r"\r?\n[ \t]{0,40}[A-Za-z0-9+/_\-]{1,15}(?![A-Za-z0-9+/_\-:])")
# What the first two letters of base64 can be (RFC 4648, table 1): six bits of the first byte, then two of it and four
# of the second one. Text begins with a printable character or a letter of UTF-8, UTF-16 has zeros, gzip is H4sI.
_MAY_BE = (
    # Figures alone are a number.
    r"(?![0-9]{16,23}(?![A-Za-z0-9]))"
    r"(?:(?:[I-fCD][AC-HM-OQS-Xc-eg-ns-uw-z0-389+\-]|[w-z0-7][I-LY-bo-r4-7])[A-Za-z0-9+/_\-]{2}"
    r"(?:[I-fCDg-v][A-Za-z0-9+/_\-]|[w-z0-7][I-LY-bo-r4-7])"
    r"|[A-BE]|H4sI|e[AFJN]|rO0A|[I-f][AQgw][A-D]|[/_][/v_]"
    r"|(?:0[xX])?(?:[2-7][0-9A-Fa-f]|[cCdD][0-9A-Fa-f][89abAB]|1[fF]8)|[A-Z2-7]{16})"
)
_START = re.compile(_MAY_BE)
_PARTS = (
    re.compile(rf"(?<![A-Za-z0-9_\-])(?={_MAY_BE})[A-Za-z0-9_\-]{{16,}}+"),
    re.compile(rf"(?<![A-Za-z0-9])(?={_MAY_BE})[A-Za-z0-9]{{16,}}+"),
)
_BASE32 = re.compile(r"[A-Z2-7]{16,}\Z")
# Compressed text may unfold to this many times the text around it, and a little more.
_RATIO, _SOME = 4, 1 << 16


def letters(text: str) -> bytes:
    """The text with `a` for everything that words of base64 are made of and a blank for every other character."""
    return text.encode("ascii", "replace").translate(_SHAPE)


def blobs(text: str, lettered: bytes | None = None) -> Iterator[tuple[int, int, str]]:
    """Stretches of encoded bytes that hold readable text: start, end, the text.

    Paths, identifiers and hashes use the same letters; what does not decode to text is no blob. `lettered` are the
    text's `letters`, if they are known.
    """
    unpacked = Unpacked(len(text) * _RATIO + _SOME)
    shape = letters(text) if lettered is None else lettered
    for words in (_lines_joined(text, long_words(shape)), _padded_words(text, shape)):
        for start, end in words:
            for first, last, decoded in _in_word(text[start:end], unpacked):
                yield start + first, _with_padding(text, start + last), decoded
    for packed in spaced_bytes(text):
        spelled = text_in(packed.content, unpacked) if may_be_text(packed.content) else None
        if spelled is not None:
            yield packed.start, packed.end, spelled


def long_words(shape: bytes) -> Iterator[tuple[int, int]]:
    """Where words of at least 16 of these letters lie."""
    start = shape.find(_LONG)
    while start >= 0:
        end = shape.find(b" ", start + _LEAST)
        if end < 0:
            end = len(shape)
        yield start, end
        start = shape.find(_LONG, end)


def _padded_words(text: str, shape: bytes) -> Iterator[tuple[int, int]]:
    """Shorter words, with as many `=` behind them as their length calls for."""
    for match in _PADDING.finditer(text):
        end = match.start()
        start = shape.rfind(b" ", max(0, end - _LEAST), end) + 1 or max(0, end - _LEAST)
        if _LEAST_PADDED <= end - start < _LEAST and -(end - start) % 4 == len(match.group()):
            yield start, end


def _lines_joined(text: str, words: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Words, and words on lines of their own as one; a joined one holds its line breaks."""
    start = last_start = end = -1
    for first, last in words:
        if start >= 0 and end - last_start >= _LEAST_LINE and last - first <= end - last_start:
            line_break = _LINE_BREAK.match(text, end)
            if line_break is not None and line_break.end() == first:
                last_start, end = first, last
                continue
        if start >= 0:
            yield start, _last_line(text, last_start, end)
        start, last_start, end = first, first, last
    if start >= 0:
        yield start, _last_line(text, last_start, end)


def _last_line(text: str, last_start: int, end: int) -> int:
    """The end of lines of base64 with the shorter last one."""
    last = _LAST_LINE.match(text, end) if end - last_start >= _LEAST_LINE else None
    return last.end() if last else end


def _in_word(word: str, unpacked: Unpacked) -> Iterator[tuple[int, int, str]]:
    """What a word spells; parts of it when it is a path or an identifier with something encoded inside."""
    if _START.match(word):
        whole = "".join(word.split()) if "\n" in word else word
        decoded = _decoded(whole, unpacked)
        if decoded is not None:
            yield 0, len(word), decoded
            return
    if not word.isalnum():
        yield from _in_parts(word, unpacked)


def _in_parts(word: str, unpacked: Unpacked) -> Iterator[tuple[int, int, str]]:
    end = 0
    for pattern in _PARTS if "/" in word else _PARTS[1:]:
        for part in pattern.finditer(word):
            decoded = _decoded(part.group(), unpacked) if part.start() >= end else None
            if decoded is not None:
                end = part.end()
                yield part.start(), end, decoded


def _decoded(word: str, unpacked: Unpacked) -> str | None:
    content = hex_text(word)
    if content is None:
        sample = _base64(word[:_SAMPLE])
        content = _base64(word) if sample is not None and may_be_text(sample) else None
    decoded = text_in(content, unpacked) if content is not None and may_be_text(content) else None
    if decoded is None and _BASE32.match(word):
        content = _base32(word)
        decoded = text_in(content, unpacked) if may_be_text(content) else None
    return decoded


def _base64(word: str) -> bytes | None:
    encoded = word.encode("ascii").translate(_STANDARD)
    rest = len(encoded) & 3
    # A single letter too many belongs to something else.
    encoded = encoded[:-1] if rest == 1 else encoded + b"==="[: -rest & 3]
    try:
        return base64.b64decode(encoded)
    except binascii.Error:
        return None


def _base32(word: str) -> bytes:
    usual = {1: 0, 3: 2, 6: 5}
    length = len(word) & ~7 | usual.get(len(word) & 7, len(word) & 7)
    return base64.b32decode(word[:length] + "=" * (-length % 8))


def _with_padding(text: str, end: int) -> int:
    for _ in range(6):
        end += text[end : end + 1] == "="
    return end
