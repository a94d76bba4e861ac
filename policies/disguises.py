"""The plain text behind common disguises, so that a value from outside is known in them as well.

Decoding finds what a model hid on the way; it is a filter. What nobody recognises has no known origin, and for a
write or send that is as good as untrusted.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

_SHORTEST = 6
_LIMIT_CHARACTERS = 16_384
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}){4,}")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")
# Letters of other scripts that look like a Latin one in most fonts (Unicode TR 39 lists them all).
_LOOKALIKES = str.maketrans(
    dict(
        zip(
            "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0455\u0456\u0458\u0501\u04cf\u0261"
            "\u03b1\u03bf\u03c1\u03bd\u03c4\u03c5\u03c7\u03b9\u03ba",
            "abekmhopctyxsijdlgaopvtuxik",
            strict=True,
        )
    )
)


def plain_forms(text: str) -> Iterator[tuple[str, str]]:
    """The text itself, and what it may stand for, each with the name of the disguise; at most about ten."""
    yield text, ""
    if len(text) < _SHORTEST or len(text) > _LIMIT_CHARACTERS:
        return
    seen = {text}
    for form, via in _forms(text):
        if form and form not in seen:
            seen.add(form)
            yield form, via


def _forms(text: str) -> Iterator[tuple[str, str]]:
    yield _INVISIBLE.sub("", text), "invisible characters"
    yield unicodedata.normalize("NFKC", text).casefold().translate(_LOOKALIKES), "look-alike letters"
    yield html.unescape(unquote(text)), "escapes"
    if "\\" in text:
        yield _unescaped(text), "escapes"
    for found in _BASE64.findall(text):
        yield _base64(found), "base64"
    for found in _HEX.findall(text):
        yield _text(bytes.fromhex(found)), "hex"
    yield codecs.encode(text, "rot13"), "rot13"
    yield text[::-1], "reversed"
    yield re.sub(r"[\s._\-*|,]+", "", text), "separators"


def _base64(found: str) -> str:
    try:
        raw = base64.b64decode(found.replace("-", "+").replace("_", "/") + "=" * (-len(found.rstrip("=")) % 4))
    except (binascii.Error, ValueError):
        return ""
    return _text(raw)


def _text(raw: bytes) -> str:
    try:
        decoded = raw.decode()
    except UnicodeDecodeError:
        return ""
    return decoded if decoded.isprintable() or "\n" in decoded else ""


def _unescaped(text: str) -> str:
    r"""`\u0061`, `\x61` and `\n` as the characters they stand for."""
    return re.sub(
        r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))", lambda match: chr(int(match[1] or match[2], 16)), text
    ).replace("\\n", "\n")
