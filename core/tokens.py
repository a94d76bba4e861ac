"""How much room a text takes in a model's context, counted without any model's tokenizer."""

from __future__ import annotations

import math
import re

_PIECE = re.compile(
    r"(?P<word>[A-Za-z]+(?![0-9A-Za-z]))|(?P<mixed>[A-Za-z0-9]+)|(?P<space>\n[ \t]*|[ \t]{2,})"
    r"|(?P<sign>[!-/:-@\[-`{-~])|(?P<other>[^\x00-\x7f]+)"
)
_DIGITS = re.compile(r"[0-9]+")
_VOWELS = re.compile(r"[aeiouyAEIOUY]")


def estimate_tokens(text: str) -> int:
    """An upper-side estimate: one token per four ASCII characters, one per other character.

    Tokenizers differ by model and their files would have to be fetched, so budgets count with this instead; what an
    endpoint reports afterwards is what the books say.
    """
    if text.isascii():
        return math.ceil(len(text) / 4)
    ascii_count = sum(1 for character in text if character < "\x80")
    return math.ceil(ascii_count / 4) + (len(text) - ascii_count)


def most_tokens(text: str) -> int:
    """What a text takes at most with the byte-pair tokenizers in use: for tables of numbers and names, not for prose.

    `estimate_tokens` is about right for prose; rows of figures, ids and separators take up to twice as much. Words
    count a token per four letters, those without vowels and those with digits in them more, every sign one, and what
    is not ASCII its bytes.
    """
    return sum(_most(match) for match in _PIECE.finditer(text))


def _most(match: re.Match[str]) -> int:
    piece = match[0]
    if match.lastgroup == "word":
        is_speakable = len(_VOWELS.findall(piece)) * 5 >= len(piece)
        return math.ceil(len(piece) / (4 if is_speakable else 1.5))
    if match.lastgroup == "mixed":
        return math.ceil(len(piece) / (3 if _DIGITS.fullmatch(piece) else 1.5))
    return len(piece.encode()) if match.lastgroup == "other" else 1
