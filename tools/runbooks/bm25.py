"""Rank documents by the words they share with a query.

Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with weighted fields as
in section 3.6 (BM25F, simple form: a word counts three times more in the title, once more in a heading).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from .documents import Runbook, Section

_K1, _B = 1.2, 0.75
_TITLE_WEIGHT, _HEADING_WEIGHT = 3, 2
_WORD = re.compile(r"[A-Za-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ENDINGS = ("ing", "ed", "es", "s", "e")
_STOP = frozenset(
    "a an and are as at be been by can could do does for from has have if in into is it its may more most no not of on "
    "or should than that the then there these this to was were what when where which will with you your".split()
)


@dataclass(frozen=True)
class Match:
    """A document that shares a word with the query, and its section that shares most."""

    runbook: Runbook
    section: Section
    score: float


def words_of(text: str) -> list[str]:
    """Lower-case words without their endings; of `NodeDiskFull` both the parts and the whole."""
    found: list[str] = []
    for word in _WORD.findall(text):
        parts = _HUMP.split(word)
        found += [_stem(part.lower()) for part in parts]
        if len(parts) > 1:
            found.append(_stem(word.lower()))
    return [word for word in found if word not in _STOP]


def _stem(word: str) -> str:
    """Without the commonest endings: fail, fails, failed and failing are one word."""
    if word.endswith(("ss", "us", "is")):
        return word
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word.removesuffix(ending)
    return word


def search(runbooks: Sequence[Runbook], query: str, limit: int) -> tuple[int, list[Match]]:
    """How many documents share a word with the query, and the best of them, best first, then by name."""
    wanted = set(words_of(query))
    counts = [_counted(runbook) for runbook in runbooks]
    sizes = [sum(count.values()) for count in counts]
    average = sum(sizes) / len(sizes) if sizes else 1.0
    rarity = _rarities(counts, wanted)
    scores = [_score(count, size, average, rarity) for count, size in zip(counts, sizes, strict=True)]
    found = [(score, runbook) for score, runbook in zip(scores, runbooks, strict=True) if score > 0]
    found.sort(key=lambda pair: (-pair[0], pair[1].name))
    return len(found), [Match(runbook, _best_section(runbook, rarity), score) for score, runbook in found[:limit]]


def rarity_of(runbooks: Sequence[Runbook], words: Collection[str]) -> dict[str, float]:
    """How much a word tells among these documents: above zero, the more the fewer have it."""
    return _rarities([_counted(runbook) for runbook in runbooks], words)


def _rarities(counts: Sequence[Counter[str]], words: Collection[str]) -> dict[str, float]:
    return {word: _rarity(sum(word in count for count in counts), len(counts)) for word in words}


def _counted(runbook: Runbook) -> Counter[str]:
    count = Counter(words_of(runbook.text))
    for word in words_of(f"{runbook.title} {runbook.name}"):
        count[word] += _TITLE_WEIGHT
    for section in runbook.sections:
        for word in words_of(section.heading):
            count[word] += _HEADING_WEIGHT - 1
    return count


def _rarity(documents_with: int, documents: int) -> float:
    return math.log(1 + (documents - documents_with + 0.5) / (documents_with + 0.5))


def _score(count: Counter[str], size: int, average: float, rarity: dict[str, float]) -> float:
    norm = _K1 * (1 - _B + _B * size / average) if average else _K1
    return sum(
        weight * count[word] * (_K1 + 1) / (count[word] + norm) for word, weight in rarity.items() if count[word]
    )


def _best_section(runbook: Runbook, rarity: dict[str, float]) -> Section:
    """The section with the largest sum over distinct query words; the first of equals."""
    best, best_score = Section("", ""), -1.0
    for section in runbook.sections:
        words = set(words_of(f"{section.heading} {section.text}"))
        score = sum(weight for word, weight in rarity.items() if word in words)
        if score > best_score and section.text:
            best, best_score = section, score
    return best
