"""Cut a text into the terms by which pages are found.

A term is the stem of a word, or two neighbouring words as one (`=targetdiscoveri`): identifiers are cut at humps,
underscores, hyphens and dots, so that `virt-handler`, `VirtHandler` and "virt handler" are the same two words and the
same pair. Templates of alerts (`{{ $labels.pod }}`) say nothing and are left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

PAIR = "="
"""In front of a term that is a pair."""

_TEMPLATE = re.compile(r"\{\{.{0,500}?\}\}", re.DOTALL)
_WORD = re.compile(r"[^\W_]+(?:[-_./:’'][^\W_]+)*")
_BREAK = re.compile(r"[-_./:’']")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z](?!s(?![a-z]))[a-z])")
"""Also where capitals end and a word begins, which a plural's `s` does not: `HTTPServer`, but `VMs`."""
_UNIT = re.compile(
    r"(?<=\d)(?=(?:ns|us|ms|s|sec|m|min|h|d|k|b|kb|mb|gb|tb|ki|mi|gi|ti|kib|mib|gib|tib)$)", re.IGNORECASE
)
"""Between a number and its unit: `100ms` is what `100 ms` is."""
_SEVERAL = re.compile(r"([A-Z][A-Z0-9]+)s")
_MOST_PARTS = 8
_LONGEST = 40
STOP = frozenset(
    "a an and are as at be been by can could do does did for from has had have if in into is it its may more most of "
    "on or should than that the then there these this to was were what when where which will with you your our we they "
    "them their also but so such any only please see he she his her i me my us who whom whose would shall might must "
    "just how why because while during each other very own same too s t".split()
)
_ENDINGS = (
    ("ational", "ate"),
    ("ization", "ize"),
    ("isation", "ize"),
    ("ations", "ate"),
    ("ation", "ate"),
    ("ements", ""),
    ("ement", ""),
    ("ments", ""),
    ("ment", ""),
    ("nesses", ""),
    ("ness", ""),
    ("ities", "ity"),
    ("ising", "ize"),
    ("ised", "ize"),
    ("ies", "y"),
    ("sses", "ss"),
    ("ings", ""),
    ("ing", ""),
    ("edly", ""),
    ("ed", ""),
    ("ions", ""),
    ("ion", ""),
    ("ers", ""),
    ("er", ""),
    ("ably", "abl"),
    ("able", "abl"),
    ("ly", ""),
    ("es", ""),
    ("s", ""),
    ("e", ""),
)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A lower-case English word without its endings; close to Porter's steps, and the same for a family of words.

    Source: Porter, "An algorithm for suffix stripping" (1980), shortened to one ending a word.
    """
    if len(word) < 4 or word.isdigit():
        return word
    for ending, instead in _ENDINGS:
        if not word.endswith(ending) or word.endswith(("ss", "us", "is")):
            continue
        if len(word) - len(ending) + len(instead) >= (3 if ending == "s" else 4):
            word = word[: len(word) - len(ending)] + instead
            break
    if len(word) >= 4 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    if len(word) > 4 and word[-1] == "e":
        word = word[:-1]
    return word[:-1] + "i" if len(word) > 4 and word[-1] == "y" else word


@lru_cache(maxsize=50_000)
def fold(text: str) -> str:
    """Lower case without accents."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text.lower())
    return "".join(char for char in plain if not unicodedata.combining(char))


def without_templates(text: str) -> str:
    """A text without what a template would fill in."""
    return _TEMPLATE.sub(" ", text)


@lru_cache(maxsize=50_000)
def parts_of(word: str) -> tuple[str, ...]:
    """The words in an identifier, folded: of `kube_pod-notReady` kube, pod, not, ready."""
    humps = (piece for part in _BREAK.split(word) for piece in _HUMP.split(part))
    pieces = (piece for hump in humps for piece in (_UNIT.split(hump) if hump[:1].isdigit() else (hump,)))
    return tuple(fold(_SEVERAL.sub(r"\1", piece))[:_LONGEST] for piece in pieces if piece)[:_MOST_PARTS]


def words_in(text: str) -> Iterator[tuple[str, ...]]:
    """The words of a text, each as its parts."""
    for found in _WORD.finditer(text):
        if parts := parts_of(found[0]):
            yield parts


def pair(left: str, right: str) -> str:
    """The term of two neighbouring stems."""
    return f"{PAIR}{left}{right}"


@lru_cache(maxsize=50_000)
def _terms_of_word(parts: tuple[str, ...]) -> tuple[tuple[str, ...], str, str]:
    """Terms of one word, its first stem and its last; empty where that is a stop word."""
    stems = [stem(part) for part in parts]
    terms = [each for part, each in zip(parts, stems, strict=True) if part not in STOP]
    terms += [pair(*two) for two in pairwise(stems)]
    if len(stems) > 2:
        terms.append(PAIR + "".join(stems))
    return tuple(terms), "" if parts[0] in STOP else stems[0], "" if parts[-1] in STOP else stems[-1]


def terms_of(text: str) -> list[str]:
    """The terms of an English text, in its order, each as often as it occurs."""
    found: list[str] = []
    before = ""
    for parts in words_in(text):
        terms, first, last = _terms_of_word(parts)
        found += terms
        if before and first:
            found.append(pair(before, first))
        before = last
    return found
