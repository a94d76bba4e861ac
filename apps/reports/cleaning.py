"""Text from outside, made harmless before any surface escapes it in its own way."""

from __future__ import annotations

import re
import unicodedata

# Line breaks of every kind become spaces; a report sets its own lines.
_BREAKS = re.compile("[\t\n\v\f\r\x1c-\x1f\x85\u2028\u2029]+")
# C0, C1, soft hyphen, bidi controls and other characters that nobody sees (UTS 39, UAX 9), and tag characters.
# The joiners U+200C and U+200D stay: scripts need them.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACES = re.compile(r"\s{2,}")
_MOST_MARKS = 3
EMPTY = "–"
"""Shown where a text is empty or was nothing but characters that nobody sees."""


def clean(text: str) -> str:
    """One line of visible text: no control, bidi or invisible characters, no half characters, few stacked accents.

    Runs of white space become one space. Idempotent. The result can still hold any markup: each surface escapes.
    """
    text = _UNSEEN.sub("", _BREAKS.sub(" ", text))
    if not text.isascii():
        text = _few_marks(_SURROGATES.sub("\ufffd", text))
    return _SPACES.sub(" ", text).strip()


def shown(text: str | None, limit: int = 1_200) -> str:
    """`clean` text of at most `limit` characters, cut at its end; a dash if nothing is left."""
    text = clean(text or "")
    return (text if len(text) <= limit else text[: limit - 1].rstrip() + "…") or EMPTY


def middle(text: str, limit: int) -> str:
    """At most `limit` characters of a name: its middle gives way, as both ends tell names apart."""
    if len(text) <= limit:
        return text
    head = (limit - 1 + 1) // 2
    tail = limit - 1 - head
    return f"{text[:head].rstrip()}…{text[len(text) - tail :].lstrip() if tail else ''}"


def _few_marks(text: str) -> str:
    """Combining marks pile up over the lines around them; more than three in a row are noise."""
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)
