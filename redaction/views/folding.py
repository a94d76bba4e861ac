"""What single characters are read as: compatibility forms, digits of all scripts, spaces, dashes, invisible ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import TypeAlias

Replacement: TypeAlias = tuple[int, int, str]
"""Start, end, and what stands there in the view; empty when the range is dropped."""

# Colours, cursor moves, titles, links and character sets of terminals (ECMA-48, section 5), each as one.
_TERMINAL = (
    r"\x1b(?:\[[0-9;:?]{0,32}[ -/]?[@-~]|\][^\x07\x1b\n]{0,512}(?:\x07|\x1b\\)|[()*+][0-9A-Z]|[=>78cMHNOZ])"
    r"|\x9b[0-9;:?]{0,32}[ -/]?[@-~]"
)
_CODES = re.compile(rf"{_TERMINAL}|\x1b")
# Marks that compose with or strike through the letter in front of them.
_MARKS = r"[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{1,32}"
# Everything but printable ASCII, tab and newline is looked at.
_UNUSUAL = re.compile(rf"{_TERMINAL}|{_MARKS}|[^\x20-\x7e\t\n]")
_USUAL = bytes((9, 10, *range(0x20, 0x7F)))
_DASHES = frozenset("‐‑‒–—―−⁃﹘﹣－⸺⸻")
_LOOKS = {
    # Strokes and commas between figures.
    **dict.fromkeys("⁄∕⧸╱", "/"),
    **dict.fromkeys("‚，、", ","),
    **dict.fromkeys("∣❘│┃￨", "|"),
    # Also what `placeholders.disarmed` puts in the place of brackets, so that it is read as it was before.
    "‹": "<",
    "›": ">",
    # Small capitals (Unicode block Phonetic Extensions and Latin Extended-D) are Latin letters to a reader.
    **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True)),
}
_NOTHING_TO_SEE = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u034f\u180b\u180c\u180d\u180f")
_FIGURES = frozenset(map(float, range(10)))
# Letters in circles and squares that have no compatibility form (Enclosed Alphanumeric Supplement).
_ENCLOSED = (0x1F150, 0x1F170, 0x1F1E6)


def foldings(text: str, start: int, end: int) -> Iterator[Replacement]:
    """What within [start, end) is read as something else."""
    done = start
    for match in _UNUSUAL.finditer(text, start, end):
        found, first = match.group(), match.start()
        if found == "\r":
            folded = "" if text[match.end() : match.end() + 1] == "\n" else "\n"
        elif _is_mark(found[0]):
            base = text[first - 1] if first > start else ""
            if first == done or not base.isascii() or not base.isalnum():
                # On a sign like `@` a mark says nothing.
                is_idle = base.isascii() and base.isprintable() and not base.isspace() and bool(base)
                folded = "" if is_idle or found[0] in "\u20e3\u20dd\u20de\u20e0\u20e4" else found
            else:
                first, folded = first - 1, _composed(base, found)
        else:
            folded = fold(found) if len(found) == 1 else ""
        done = match.end()
        if folded != found:
            yield first, done, folded


def terminal_codes(text: str) -> Iterator[Replacement]:
    """Terminal codes in a text that has nothing else unusual; an escape character alone ends a word."""
    if "\x1b" in text:
        for match in _CODES.finditer(text):
            yield *match.span(), " " if match.group() == "\x1b" else ""


def is_usual(text: str) -> bool:
    """Whether `foldings` would find nothing; quick."""
    return text.isascii() and not text.encode("ascii").translate(None, _USUAL)


def _is_mark(character: str) -> bool:
    return "\u0300" <= character <= "\u20ff" and unicodedata.category(character) in {"Mn", "Me"}


def _composed(base: str, marks: str) -> str:
    """A letter with its marks as one character; marks that no letter has are only there to hide it."""
    composed = unicodedata.normalize("NFC", base + marks)
    return composed if len(composed) == 1 else unicodedata.normalize("NFC", base + marks[0])[0]


_FOLDED: dict[str, str] = {}


def fold(character: str) -> str:
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
    if category in {"Cf", "Cc"} or character in _NOTHING_TO_SEE:
        return ""
    code = ord(character)
    if 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF:
        return ""
    if category == "Zs":
        return " "
    if character in _DASHES:
        return "-"
    if character in _LOOKS:
        return _LOOKS[character]
    for first in _ENCLOSED:
        if first <= code < first + 26:
            return chr(ord("A") + code - first)
    # Digits in circles, brackets and with full stops.
    if category == "No" and (number := unicodedata.numeric(character, None)) in _FIGURES:
        return str(int(number))
    folded = unicodedata.normalize("NFKC", character)
    return "".join(str(unicodedata.decimal(part, _LOOKS.get(part, part))) for part in folded)
