"""Views of a text in which disguises are gone, each with a map back to the code points of the input.

The *folded* view has compatibility forms, digits of all scripts, unusual spaces and dashes in their ASCII dress, and
no invisible characters, control characters or terminal colours. The *decoded* view has percent, JavaScript and HTML
escapes undone as well; it is scanned beside the folded one because undoing an escape can also cut a value short.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

OPAQUE = "\x1a"
"""Stands in a view for a placeholder: one control character that no rule matches and no folded text contains."""

_Replacement = tuple[int, int, str]

# Everything but printable ASCII, tab and newline is looked at, and terminal colours as one.
_UNUSUAL = re.compile(r"\x1b\[[0-9;?]{0,16}[ -/]?[@-~]|[^\x20-\x7e\t\n]")
# One leading class, so that the search can skip to it.
_ESCAPE = re.compile(
    r"[%\\&](?:"
    r"(?<=%)[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*+"
    r"|(?<=\\)\\{0,3}(?:"
    r"u[0-9A-Fa-f]{4}(?:\\{1,4}u[0-9A-Fa-f]{4})*+"
    r"|U000[0-9A-Fa-f]{5}|u\{[0-9A-Fa-f]{1,6}\}"
    r"|x[0-9A-Fa-f]{2}(?:\\{1,4}x[0-9A-Fa-f]{2})*+"
    r"|/)"
    r"|(?<=&)(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,23});"
    r")"
)
_HEX_PAIR = re.compile(r"[0-9A-Fa-f]{2}")
_HEX_UNIT = re.compile(r"[0-9A-Fa-f]{4}")
_DECODE_DEPTH = 3
_DASHES = frozenset("‐‑‒–—―−⁃﹘﹣－")


@dataclass(frozen=True, slots=True)
class _Piece:
    """One stretch of a view: copied from the view before (`fresh` false), or put in place of what stood there."""

    at: int
    start: int
    end: int
    fresh: bool


@dataclass(frozen=True)
class View:
    """A text to scan and where its characters came from."""

    text: str
    pieces: tuple[_Piece, ...] = ()
    """Empty: the text is the input itself."""
    below: View | None = None
    """The view this one was made from; None: the input."""

    def to_input(self, start: int, end: int) -> tuple[int, int]:
        """The input range behind [start, end) of this view; start < end."""
        if self.pieces:
            start, end = self._map(start)[0], self._map(end - 1)[1]
        return self.below.to_input(start, end) if self.below is not None else (start, end)

    def _map(self, place: int) -> tuple[int, int]:
        piece = self.pieces[bisect_right(self.pieces, place, key=lambda piece: piece.at) - 1]
        if piece.fresh:
            return piece.start, piece.end
        at = piece.start + place - piece.at
        return at, at + 1


def views(text: str, opaque: Sequence[tuple[int, int]] = ()) -> tuple[View, ...]:
    """The folded view, and where the text calls for them the decoded and the spaced one.

    Something invisible between two digits may hide a number (so it is dropped) or keep two numbers apart (so the
    spaced view has a space in its place).

    Args:
        text: the input.
        opaque: sorted, disjoint ranges of the input that are to be looked at as one unknown thing each.
    """
    foldings = list(_foldings(text, opaque))
    folded = _rewrite(View(text), foldings)
    found = [folded]
    if any(not fresh and text[start] != "\r" for start, _, fresh in foldings):
        found.insert(0, _rewrite(View(text), [(start, end, fresh or " ") for start, end, fresh in foldings]))
    decoded = folded
    for _ in range(_DECODE_DEPTH):
        replacements = list(_decodings(decoded.text))
        if not replacements:
            break
        decoded = _rewrite(decoded, replacements)
    if decoded is not folded:
        found.append(decoded)
    return tuple(found)


def plain(text: str) -> str:
    """A text without any disguise: what a person reads in it."""
    return views(text)[-1].text


def _rewrite(view: View, replacements: Iterable[_Replacement]) -> View:
    """The view with some ranges replaced; an empty replacement drops the range."""
    parts: list[str] = []
    pieces: list[_Piece] = []
    length = done = 0
    for start, end, fresh in replacements:
        if start > done:
            parts.append(view.text[done:start])
            pieces.append(_Piece(length, done, start, fresh=False))
            length += start - done
        if fresh:
            parts.append(fresh)
            pieces.append(_Piece(length, start, end, fresh=True))
            length += len(fresh)
        done = end
    if done == 0:
        return view
    if done < len(view.text):
        parts.append(view.text[done:])
        pieces.append(_Piece(length, done, len(view.text), fresh=False))
    return View("".join(parts), tuple(pieces), view)


def _foldings(text: str, opaque: Sequence[tuple[int, int]]) -> Iterable[_Replacement]:
    done = 0
    for start, end in opaque:
        yield from _unusual(text, done, start)
        yield start, end, OPAQUE
        done = end
    yield from _unusual(text, done, len(text))


def _unusual(text: str, start: int, end: int) -> Iterable[_Replacement]:
    for match in _UNUSUAL.finditer(text, start, end):
        found = match.group()
        if found == "\r":
            folded = "" if text[match.end() : match.end() + 1] == "\n" else "\n"
        else:
            folded = _fold(found) if len(found) == 1 else ""
        if folded != found:
            yield match.start(), match.end(), folded


_FOLDED: dict[str, str] = {}


def _fold(character: str) -> str:
    """What one character is read as; remembered, since a text uses few different ones."""
    folded = _FOLDED.get(character)
    if folded is None:
        folded = _FOLDED[character] = _fold_new(character)
    return folded


def _fold_new(character: str) -> str:
    category = unicodedata.category(character)
    if character in "\u2028\u2029\x85\x0b\x0c":
        return "\n"
    # Cf: zero-width, bidi, tags, soft hyphen; variation selectors and fillers look like nothing at all.
    if category in {"Cf", "Cc"} or character in "\u115f\u1160\u3164\uffa0\u034f\u180b\u180c\u180d":
        return ""
    if 0xFE00 <= ord(character) <= 0xFE0F or 0xE0100 <= ord(character) <= 0xE01EF:
        return ""
    if category == "Zs":
        return " "
    if character in _DASHES:
        return "-"
    folded = unicodedata.normalize("NFKC", character)
    return "".join(str(unicodedata.decimal(part, part)) for part in folded)


def _decodings(text: str) -> Iterable[_Replacement]:
    if "%" not in text and "\\" not in text and "&" not in text:
        return
    for match in _ESCAPE.finditer(text):
        decoded = _decode(match.group())
        if decoded is not None:
            # What comes out may be in disguise itself.
            yield match.start(), match.end(), "".join(_fold(part) if not part.isascii() else part for part in decoded)


def _decode(escape: str) -> str | None:
    """The characters behind one escape; None if it is none after all."""
    if escape[0] == "%":
        decoded = _utf8(_HEX_PAIR, escape)
    elif escape[0] == "&":
        decoded = html.unescape(escape)
    else:
        decoded = _backslash(escape.lstrip("\\"), escape)
    if decoded is None or decoded == escape:
        return None
    # A decoded control character ends words like a space does, and cannot pass for a placeholder.
    return "".join(" " if part < " " and part not in "\t\n" else part for part in decoded)


def _backslash(body: str, escape: str) -> str | None:
    if body[0] == "/":
        return "/"
    if body[0] == "x":
        return _utf8(_HEX_PAIR, escape)
    if body[0] == "U" or body.startswith("u{"):
        number = int(body.strip("uU{}"), 16)
        return chr(number) if number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF else None
    units = b"".join(bytes.fromhex(unit) for unit in _HEX_UNIT.findall(escape))
    try:
        return units.decode("utf-16-be")
    except UnicodeDecodeError:
        return None


def _utf8(pattern: re.Pattern[str], escape: str) -> str | None:
    encoded = bytes.fromhex("".join(pattern.findall(escape)))
    try:
        return encoded.decode("utf-8")
    except UnicodeDecodeError:
        # Single bytes that are no UTF-8 next to ones that are: read the ASCII, keep the rest apart.
        return "".join(chr(byte) if byte < 0x80 else " " for byte in encoded)
