"""Escapes of URLs, programming languages, HTML, style sheets and mail, found and undone one level at a time."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator

from .folding import Replacement, fold

_COLOUR = r"\[[0-9;:?]{0,32}[ -/]?[@-~]"
# One leading class, so that the search can skip to it.
_ESCAPE = re.compile(
    r"[%\\&#](?:"
    r"(?<=%)(?:[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*+|u[0-9A-Fa-f]{4}(?:%u[0-9A-Fa-f]{4})*+)"
    r"|(?<=\\)\\{0,7}(?:"
    # Terminal colours whose escape character is escaped itself.
    rf"(?:u001[bB]|x1[bB]|033|e){_COLOUR}"
    r"|u[0-9A-Fa-f]{4}(?:\\{1,8}u[0-9A-Fa-f]{4})*+"
    r"|U000[0-9A-Fa-f]{5}|u\{[0-9A-Fa-f]{1,6}\}|N\{[A-Z][A-Z0-9 \-]{1,60}\}"
    r"|x[0-9A-Fa-f]{2}(?:\\{1,8}x[0-9A-Fa-f]{2})*+"
    # C, Java, Python, JavaScript: three octal digits. Style sheets: hexadecimal digits and a space, or six of them.
    r"|0000[2-7][0-9A-Fa-f][ ]?|[0-3][0-7]{2}(?:\\{1,8}[0-3][0-7]{2})*+|[2-7][0-9A-Fa-f][ ]"
    r"|/)"
    r"|(?<=&)(?:#[0-9]{1,7};?|#[xX][0-9A-Fa-f]{1,6};|[A-Za-z][A-Za-z0-9]{1,23};)"
    # As rsyslog writes the escape character.
    rf"|(?<=#)033{_COLOUR}"
    r")"
)
# Track 1 of a card begins so (ISO/IEC 7813); its `%B4` is no escape of a byte.
_TRACK = re.compile(r"%[Bb][0-9](?:[ ]?[0-9]){11,18}\^")
_TRIGGERS = ("%", "\\", "&", "#033[")
_HEX_PAIR = re.compile(r"[0-9A-Fa-f]{2}")
_HEX_UNIT = re.compile(r"[0-9A-Fa-f]{4}")
_OCTAL = re.compile(r"[0-3][0-7]{2}")
_COLOURED = re.compile(rf"(?:u001[bB]|x1[bB]|0?33|e){_COLOUR}")
_ALPHANUMERIC = re.compile(r"[0-9A-Za-z@._+\-]")

# Base64 that ends a line with its padding, in a list of settings.
_NO_PADDING = r"(?!(?<=[A-Za-z0-9+/]{20}=|[A-Za-z0-9+/]{19}==)\r?\n[A-Za-z_][\w.\-]{0,63}[:=])"
# Quoted-printable (RFC 2045, 6.7): `=` and two capital hexadecimal digits, and `=` at the end of a line. No mail holds
# other control characters; `host=127.0.0.1` is a key and its value.
_QUOTED = re.compile(rf"(?:=(?:0[9AD]|[2-9A-F][0-9A-F]))++|={_NO_PADDING}[ \t]{{0,8}}\r?\n")
_SHOWS_QUOTED = re.compile(
    rf"=(?:(?<=[^\s=]=){_NO_PADDING}\r?\n(?=\S)|[2-7][0-9A-F](?:=[2-7][0-9A-F]){{5}}|3D|(?<=[\w.]=)40[\w\-]{{1,63}}\.[A-Za-z]|[CD][0-9A-F]=[89AB][0-9A-F])"
)
# `took=407ms` in such a text is a key and its value; an @ stands in front of a host.
_NO_AT = re.compile(r"=(?<=\w=)40(?![\w\-]{1,63}(?:\.[A-Za-z]|=2E))")


def has_escapes(text: str) -> bool:
    """Whether a text may hold something that `unescaped` or `unquoted` undoes; without, its views say what it says."""
    return any(trigger in text for trigger in _TRIGGERS) or _shows_quoted(text)


def unescaped(text: str) -> Iterator[Replacement]:
    """Every escape with what stands behind it."""
    if not any(trigger in text for trigger in _TRIGGERS):
        return
    for match in _ESCAPE.finditer(text):
        decoded = _decode(match.group())
        if decoded is None or (match.group()[:2] in ("%B", "%b") and _TRACK.match(text, match.start())):
            continue
        if decoded == "\0":
            decoded = "" if _is_half_of_wide(text, *match.span()) else " "
        # What comes out may be in disguise itself, ends words like a space does where it is a control character, and
        # cannot pass for a placeholder.
        yield match.start(), match.end(), "".join(map(_dressed, decoded))


def unquoted(text: str) -> Iterator[Replacement]:
    """Quoted-printable undone, in a text that shows clearly that it is such."""
    if not _shows_quoted(text):
        return
    for match in _QUOTED.finditer(text):
        if match.group()[-1] == "\n":
            yield match.start(), match.end(), ""
        elif _NO_AT.match(text, match.start()) is None:
            decoded = _utf8(bytes.fromhex(match.group().replace("=", "")))
            yield match.start(), match.end(), "".join(map(_dressed, decoded))


def _shows_quoted(text: str) -> bool:
    return _SHOWS_QUOTED.search(text) is not None or "uoted-" in text


def _dressed(character: str) -> str:
    if character < " ":
        return character if character in "\t\n\x1b" else " "
    return character if character.isascii() else fold(character)


def _is_half_of_wide(text: str, start: int, end: int) -> bool:
    """Whether an escaped zero is the other half of a letter in UTF-16: the same escape stands one letter further."""
    escape = text[start:end]
    if text.startswith(escape, end + 1):
        return _ALPHANUMERIC.match(text, end) is not None
    first = start - 1 - len(escape)
    return first >= 0 and text.startswith(escape, first) and _ALPHANUMERIC.match(text, start - 1) is not None


def _decode(escape: str) -> str | None:
    """The characters behind one escape; None if it is none after all."""
    if escape[0] == "%":
        decoded = _units(escape) if escape[1] == "u" else _utf8(_bytes(_HEX_PAIR, escape))
    elif escape[0] == "&":
        decoded = html.unescape(escape)
    elif escape[0] == "#":
        decoded = ""
    else:
        decoded = _backslash(escape.lstrip("\\"), escape)
    return None if decoded == escape else decoded


def _backslash(body: str, escape: str) -> str | None:
    if body[0] == "/":
        return "/"
    if _COLOURED.match(body):
        return ""
    if body[0] == "x":
        return _utf8(_bytes(_HEX_PAIR, escape))
    if body[0] == "N":
        try:
            return unicodedata.lookup(body[2:-1])
        except KeyError:
            return None
    if body[0] == "U" or body.startswith("u{"):
        number = int(body.strip("uU{}"), 16)
        return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else None
    if body[0] == "u":
        return _units(escape)
    if not body.startswith("0000") and _OCTAL.match(body):
        return _utf8(bytes(int(octal, 8) for octal in _OCTAL.findall(escape)))
    return chr(int(body, 16))


def _units(escape: str) -> str | None:
    """UTF-16 in hexadecimal digits."""
    units = b"".join(bytes.fromhex(unit) for unit in _HEX_UNIT.findall(escape))
    try:
        return _narrow(units.decode("utf-16-be"))
    except UnicodeDecodeError:
        return None


def _bytes(pattern: re.Pattern[str], escape: str) -> bytes:
    return bytes.fromhex("".join(pattern.findall(escape)))


def _utf8(encoded: bytes) -> str:
    try:
        return _narrow(encoded.decode("utf-8"))
    except UnicodeDecodeError:
        # Single bytes that are no UTF-8 next to ones that are: read the ASCII, keep the rest apart.
        return "".join(chr(byte) if byte < 0x80 else " " for byte in encoded)


def _narrow(text: str) -> str:
    """Every second character a zero: UTF-16 that was escaped byte by byte."""
    for first in (0, 1):
        if len(text) >= 4 and not text[first::2].strip("\0"):
            return text[1 - first :: 2]
    return text
