"""What a number belongs to: the words over it or right in front of it, and numbers in the same list."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..evidence.diagnosis import LISTS
from ..structures.key_names import key_words
from .card_words import CARD_WORDS, NUMBER_WORDS, ORDER_KEYS, ORDER_WORDS

# The words in front of a number, read backwards: signs, then words with little between them.
_SIGNS = re.compile(r"[ \t\"'`\\:=#>\[({<.\-_/|+*№°º]{0,8}")
_WORDS = re.compile(r"(?:[^\W\d_]{1,32}+[ \t.\-_/#]{0,2}+){1,6}+")
_WORDS_REACH = 112
# Numbers before it in the same list, read backwards.
_SIBLINGS = re.compile(r"[\"']?[ \t]?(?:,[ \t]?[\"']?[0-9]{1,20}+[\"']?[ \t]?)+\[")
_LIST_REACH = 1024
_CARD_WORD_NEAR = 3
_LONGEST_PREFIX = 32
_PREFIX = re.compile(r"[\-_]?[0-9A-Za-z][0-9A-Za-z_\-]*+")
# Numbers this long that hang on a word are block, snowflake and row ids far more often than cards.
_SELDOM = 17


def _said(text: str, start: int) -> tuple[tuple[str, ...], str]:
    """The words that lead to a number, the nearest last, and the signs between them and the number."""
    list_at = _list_start(text, start)
    before = text[max(0, list_at - _WORDS_REACH) : list_at][::-1]
    signs = _SIGNS.match(before)
    gap = signs.end() if signs else 0
    # An escaped line break begins a line: its letter is no word.
    if before[gap : gap + 2] in ("n\\", "r\\", "t\\"):
        return (), ""
    words = _WORDS.match(before, gap)
    return (key_words(words.group()[::-1]) if words else ()), before[:gap]


def _list_start(text: str, start: int) -> int:
    """Where the list begins in which a number is not the first; otherwise the number itself."""
    if text[max(0, start - 1) : start] not in (",", " ", '"', "'"):
        return start
    siblings = _SIBLINGS.match(text[max(0, start - _LIST_REACH) : start][::-1])
    return start - siblings.end() + 1 if siblings else start


def is_of_something_else(text: str, start: int, length: int) -> bool:
    """Whether words say that the number belongs to an order, a transaction, a time; words for cards beat them."""
    words, signs = _said(text, start)
    if not CARD_WORDS.isdisjoint(words[-_CARD_WORD_NEAR:]):
        return False
    if "[" in signs and words and words[-1] in LISTS:
        return False
    if length >= _SELDOM and words and signs and signs[0] in "_-#":
        return True
    # A mere space between: prose, in which only few words are as good as a key.
    if _says_so(words, ORDER_KEYS if signs.strip() or not signs else ORDER_WORDS):
        return True
    if signs and signs[0] not in "_-":
        return False
    # What hangs on a prefix is the end of a value: `end_to_end_id=E2E-4539…`.
    prefix = _PREFIX.match(text[max(0, start - _LONGEST_PREFIX) : start][::-1])
    at = start - prefix.end() if prefix else start
    if at == start or text[at - 1 : at] not in ("=", ":", '"', "'", ">"):
        return False
    words, _ = _said(text, at)
    return CARD_WORDS.isdisjoint(words) and _says_so(words, ORDER_KEYS)


def _says_so(words: Sequence[str], telling: frozenset[str]) -> bool:
    """Whether the last word that means something is among the telling ones."""
    for word in reversed(words):
        if word in telling or word.removesuffix("s") in telling:
            return True
        if word not in NUMBER_WORDS:
            return False
    return False
