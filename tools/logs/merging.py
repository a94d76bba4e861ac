"""From masked texts to templates: where texts differ in one place only, is the place open or is it a choice?

Texts of one shape (the same number of words, the same punctuation) are laid above each other. Two texts that agree
everywhere but in one place are either two statements of the program ("VM started", "VM stopped") or one statement with
a value in it ("accepted ana", "accepted bo"). A program has few statements; values come from an open class, so there
are many. The place is a value when

- what differs is made like a value on either side: it holds a masked part, it stands after `=`, or after a word for
  who acts or is acted for (`user`, `host`, `for`, …);
- or it is a name (`a.b`, `a_b`, `aB`) with four or more different ones;
- or it is a plain word with five or more different ones, twelve for the word that a line begins with.

Words of failure are never values, because "connection accepted" and "connection refused" differ in one word of many.
When a shape still has very many texts, it is prose, and `drain.py` decides by similarity.

Source: position-wise frequency as in Vaarandi, "A Data Clustering Algorithm for Mining Patterns from Event Logs", IPOM
2003, Dai et al., "Logram", TSE 2020, and Yu, He, Chen and Lyu, "Brain", TSC 2023. The rule for one place is ours.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .drain import by_similarity
from .levels import speaks_of_trouble
from .masks import WILDCARD

_TOKEN = re.compile(r"(?:<\*>|[^\s=:,;()\[\]{}\"'<>|])+|[=:,;()\[\]{}\"'<>|]")
_PUNCTUATION = frozenset("=:,;()[]{}\"'<>|")
_NAME = re.compile(r"\w[._/\\@$-]\w|[a-z][A-Z]|\w:\w")
_DOTTED = re.compile(r"\w[./\\@]\w")
_ACTORS = frozenset(
    "for by user username account login client customer tenant owner host hostname node pod container thread job queue "
    "topic table database bucket interface device".split()
)

_NAMES, _WORDS, _FIRST_WORDS = 4, 5, 12
_ROUNDS = 4
_PROSE = 400
"""Texts of one shape that are left; more are no statements."""

Codes = npt.NDArray[np.uint64]


@dataclass
class _Shape:
    """Texts of the same punctuation: their numbers and their words, which are widened in place."""

    texts: list[int]
    words: list[list[str]]


def merged(texts: Sequence[str]) -> tuple[list[int], list[str]]:
    """The number of the template of every text, and the templates by number.

    Args:
        texts: masked and finished, each once, the frequent first.
    """
    shapes: dict[tuple[str, bool], _Shape] = defaultdict(lambda: _Shape([], []))
    for number, text in enumerate(texts):
        words = [WILDCARD if WILDCARD in word else word for word in _TOKEN.findall(text)]
        kind = "".join(word if word in _PUNCTUATION else "w" for word in words)
        shape = shapes[kind, speaks_of_trouble(text)]
        shape.texts.append(number)
        shape.words.append(words)
    numbers = [0] * len(texts)
    templates: list[str] = []
    for shape in shapes.values():
        if len(shape.texts) > 1:
            _widen(shape)
        _number(shape, texts, numbers, templates)
    return numbers, templates


def _number(shape: _Shape, texts: Sequence[str], numbers: list[int], templates: list[str]) -> None:
    """Give texts with the same words the same number, and write their template down."""
    members: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for text, words in zip(shape.texts, shape.words, strict=True):
        members[tuple(words)].append(text)
    groups = list(members.values())
    if len(groups) > _PROSE:
        groups = _by_similarity(members)
    for group in groups:
        for text in group:
            numbers[text] = len(templates)
        templates.append(_template([texts[text] for text in group]))


def _by_similarity(members: dict[tuple[str, ...], list[int]]) -> list[list[int]]:
    together: dict[int, list[int]] = defaultdict(list)
    found, _ = by_similarity(" ".join(words) for words in members)
    for number, texts in zip(found, members.values(), strict=True):
        together[number].extend(texts)
    return list(together.values())


def _template(texts: list[str]) -> str:
    """The first text with a wildcard wherever not all have the same word."""
    first = texts[0]
    if len(texts) == 1:
        return first
    columns = zip(*(_TOKEN.findall(text) for text in texts), strict=True)
    parts, end = [], 0
    for match, column in zip(_TOKEN.finditer(first), columns, strict=True):
        parts.append(first[end : match.start()])
        parts.append(match.group() if len(set(column)) == 1 else WILDCARD)
        end = match.end()
    return "".join(parts) + first[end:]


def _widen(shape: _Shape) -> None:
    """Put a wildcard wherever the place is open, until nothing changes."""
    words = shape.words
    codes = np.array([[_code(place, word) for place, word in enumerate(row)] for row in words], np.uint64)
    varying = [place for place in range(codes.shape[1]) if (codes[:, place] != codes[0, place]).any()]
    for _ in range(_ROUNDS):
        changed = False
        for place in varying:
            # Sums of codes wrap; rows with the same sum over the other places agree there.
            others = codes.sum(axis=1, dtype=np.uint64) - codes[:, place]
            for rows in _equal(others):
                changed |= _open_place(words, codes, rows, place)
        if not changed:
            break
    _open_names(words)


def _code(place: int, word: str) -> int:
    return hash((place, word)) & 0xFFFF_FFFF_FFFF_FFFF


def _equal(values: Codes) -> list[list[int]]:
    """The places of values that are there more than once, together."""
    order = np.argsort(values, kind="stable")
    ends = np.flatnonzero(np.diff(values[order])) + 1
    return [part.tolist() for part in np.split(order, ends) if len(part) > 1]


def _open_place(words: list[list[str]], codes: Codes, rows: list[int], place: int) -> bool:
    found = {words[row][place] for row in rows}
    if len(found) < 2 or not _is_open(words[rows[0]], place, found):
        return False
    code = np.uint64(_code(place, WILDCARD))
    for row in rows:
        words[row][place] = WILDCARD
        codes[row, place] = code
    return True


def _is_open(row: list[str], place: int, found: set[str]) -> bool:
    """Whether the words at a place are values, given everything else is the same."""
    if any(speaks_of_trouble(word) for word in found):
        return False
    around = [word for other, word in enumerate(row) if other != place and word[0].isalpha()]
    if not around:
        return False
    if place and row[place - 1] == "=":
        return True
    if WILDCARD in found and len(around) > 1:
        return True
    different = [word for word in found if word != WILDCARD]
    if place and row[place - 1].lower() in _ACTORS and len(around) > 1:
        return True
    named = all(_NAME.search(word) for word in different)
    if named:
        return len(different) >= _NAMES
    return len(different) >= (_WORDS if place and len(around) > 1 else _FIRST_WORDS)


def _open_names(words: list[list[str]]) -> None:
    """Names that vary in several places at once: open if there are enough different combinations."""
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for number, line in enumerate(words):
        alike[tuple(_without_name(place, word) for place, word in enumerate(line))].append(number)
    for key, rows in alike.items():
        if len(rows) < 2 or not any(word[0].isalpha() for word in key):
            continue
        varying = [place for place in range(len(key)) if len({words[row][place] for row in rows}) > 1]
        is_known = any(all(words[row][place] == WILDCARD for place in varying) for row in rows)
        if is_known or len({tuple(words[row]) for row in rows}) >= _NAMES:
            for row in rows:
                for place in varying:
                    words[row][place] = WILDCARD


def _without_name(place: int, word: str) -> str:
    """At the start of a line `aB` is more likely a function than a value."""
    is_name = (_NAME if place else _DOTTED).search(word) is not None
    return WILDCARD if is_name and not speaks_of_trouble(word) else word
