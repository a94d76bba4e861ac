"""Spanish and Portuguese in English terms, and what else a word could have been.

A word is looked up among the concepts by its stem; one that is not there, but has the ending of a cognate
(`replicación`, `replicação`), is taken as the English word that it comes from, where pages have that word at all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Literal

from .concepts import CONCEPTS, PORTUGUESE_STOP, SPANISH_STOP
from .cutting import PAIR, STOP, fold, pair, parts_of, stem, terms_of, without_templates, words_in
from .endings import cousins, root
from .engineering import ENGINEERING
from .everyday import EVERYDAY
from .turns import turns_in

Language = Literal["en", "es", "pt"]

TABLES = ((CONCEPTS, 0.5), (ENGINEERING, 0.3), (EVERYDAY, 0.15))
"""The tables, and what another English word of a concept counts beside the word itself: the more people mean by a word,
the less another one says. The more special first: of the translations of a word its first is the usual one."""

_MOST_SYNONYMS = 8
"""Of a word, the closest first: each is looked up in every page, and the farther ones blur what was asked for."""
_FURTHER = 0.8
"""What a further translation of a word counts, beside the usual one."""
_PAIR = 0.3
"""What a pair counts beside its two words, which count themselves; one within an identifier is a name, and counts 1."""
_SPOKEN, _SAID = 0.7, 0.5
"""What a word counts that a turn of speech stands for, and one that a program's message is about, which counts as it is
beside it."""
_EXACT = "="
"""In front of a word that stands in a table as it is; without it, a root."""
_SLIP = 5
"""Letters of a root at least that is looked for with a slip in it."""
_KIN = 4
"""Letters that two words of one origin begin with, at least."""
_ENGLISH_MARKS = STOP | {"no", "not", "all", "some"}


@dataclass(frozen=True)
class Wanted:
    """One thing that a query asks for.

    Args:
        terms: the terms that would do, with what each counts; the first is what was meant.
        weight: of the thing within the query.
    """

    terms: tuple[tuple[str, float], ...]
    weight: float


@dataclass(frozen=True)
class _Tables:
    """Concepts by word: English by stem, the others by their own stem; phrases by their folded text.

    `parts` are the stems of an English phrase, which a page may have apart from each other.
    """

    english: dict[str, tuple[tuple[str, float], ...]]
    parts: dict[str, tuple[str, ...]]
    phrases: dict[Language, dict[str, tuple[str, ...]]]
    foreign: dict[Language, dict[str, tuple[str, ...]]]
    patterns: dict[Language, re.Pattern[str]]


@cache
def _tables() -> _Tables:
    english: dict[str, dict[str, float]] = {}
    phrases: dict[Language, dict[str, tuple[str, ...]]] = {"en": {}, "es": {}, "pt": {}}
    foreign: dict[Language, dict[str, tuple[str, ...]]] = {"es": {}, "pt": {}}
    parts: dict[str, tuple[str, ...]] = {}
    for line, counts in _lines():
        columns = [column.split() for column in line.split("|")]
        stems = list(dict.fromkeys(_term_of(word) for word in columns[0]))
        parts |= {_term_of(word): tuple(map(stem, word.split("_"))) for word in columns[0] if "_" in word}
        for one in stems:
            others = english.setdefault(one, {})
            for other in stems:
                if other != one:
                    others[other] = max(counts, others.get(other, 0.0))
        for language, column in zip(("en", "es", "pt"), columns, strict=True):
            for word in column:
                _enter(language, fold(word), stems, phrases, foreign)  # type: ignore[arg-type]  # the three literals
    patterns: dict[Language, re.Pattern[str]] = {
        language: re.compile(r"\b(?:" + "|".join(sorted(map(re.escape, known), key=len, reverse=True)) + r")\b")
        for language, known in phrases.items()
    }
    by_word = {
        word: tuple(sorted(others.items(), key=lambda each: -each[1])[:_MOST_SYNONYMS])
        for word, others in english.items()
    }
    return _Tables(by_word, parts, phrases, foreign, patterns)


def _lines() -> Iterator[tuple[str, float]]:
    """The concepts of every table, and what a synonym counts there."""
    for table, counts in TABLES:
        for line in table.replace("\n  ", " ").splitlines():
            yield line, counts


def _term_of(word: str) -> str:
    """The term of an English word of the table; a phrase is found in identifiers and, of two words, as a pair."""
    stems = [stem(part) for part in word.split("_")]
    return stems[0] if len(stems) == 1 else PAIR + "".join(stems)


def _enter(
    language: Language,
    word: str,
    stems: list[str],
    phrases: dict[Language, dict[str, tuple[str, ...]]],
    foreign: dict[Language, dict[str, tuple[str, ...]]],
) -> None:
    if "_" in word:
        text = word.replace("_", " ")
        phrases[language][text] = tuple(dict.fromkeys((*phrases[language].get(text, ()), *stems[:2])))
    elif language != "en":
        own = root(word)
        meant = [*stems[:2], *(one for one in stems[2:] if _is_kin(word, one))]
        for key in dict.fromkeys((own, f"{_EXACT}{word}")):
            known = dict.fromkeys((*foreign[language].get(key, ()), *meant))
            foreign[language][key] = tuple(sorted(known, key=lambda one: not _is_kin(word, one)))


def _is_kin(word: str, english: str) -> bool:
    """Whether an English stem is the word's own cousin (`cliente`, client), which means it more closely than others."""
    return english[0] != PAIR and len(word) >= _KIN and word[:_KIN] == english[:_KIN] and word.startswith(english[:-2])


def language_of(text: str) -> Language:
    """The language with most function words in a text; English unless another clearly has more."""
    words = [fold(word) for word in re.findall(r"[^\W\d_]+", text[:5_000])]
    tables = _tables()
    # Words that two of the languages share say nothing between those two.
    counts: dict[Language, float] = {
        "en": sum(word in _ENGLISH_MARKS and word not in SPANISH_STOP | PORTUGUESE_STOP for word in words),
        "es": sum(word in SPANISH_STOP and word not in _ENGLISH_MARKS for word in words),
        "pt": sum(word in PORTUGUESE_STOP and word not in _ENGLISH_MARKS for word in words),
    }
    accents = len(re.findall(r"[^\x00-\x7f]", text[:5_000]))
    portuguese = len(re.findall(r"[ãõêôâç]|\bnas?\b", text[:5_000].lower()))
    for language in ("es", "pt"):
        if accents or counts[language]:
            speaks = sum(root(word) in tables.foreign[language] and word not in _ENGLISH_MARKS for word in words)
            counts[language] += speaks / 2
        if counts[language]:
            counts[language] += len(tables.patterns[language].findall(" ".join(words)))
    counts["pt"] += portuguese / 2
    counts["es"] += len(re.findall(r"[ñ¿¡]|\blos\b|\bmás\b", text[:5_000].lower())) / 2
    best: Language = "es" if counts["es"] >= counts["pt"] else "pt"
    return best if counts[best] > counts["en"] and counts[best] >= 1.5 else "en"


def page_terms(text: str, language: Language) -> list[str]:
    """The terms under which a page is found: its own, and in English what is written in another language."""
    if language == "en":
        return terms_of(text)
    found = terms_of(text)
    for group in _translated(text, language, None):
        found += [term for term, weight in group[:1] if weight]
    return found


def wanted_by(text: str, weight: float, is_known: Callable[[str], bool] | None = None) -> list[Wanted]:
    """What a query asks for.

    Args:
        text: in one of the three languages.
        weight: of every thing it asks for.
        is_known: whether pages have a term, to tell cognates from names; they have all unless given.
    """
    text = without_templates(text)
    return wanted_in(text, language_of(text), is_known, weight)


def wanted_in(
    text: str, language: Language, is_known: Callable[[str], bool] | None = None, weight: float = 1.0
) -> list[Wanted]:
    """The same of a text in a language."""
    turns = turns_in(text, language)
    groups = list(_english(turns.rest) if language == "en" else _translated(turns.rest, language, is_known))
    best: dict[str, tuple[tuple[str, float], ...]] = {}
    for group in groups:
        if group and group[0][0] not in best:
            best[group[0][0]] = group
    names = {pair(stem(a), stem(b)) for parts in words_in(text) for a, b in pairwise(parts)}
    wanted = [
        Wanted(group, weight * (_PAIR if name[0] == PAIR and name not in names else 1)) for name, group in best.items()
    ]
    for words, counts in ((turns.spoken, _SPOKEN), (turns.said, _SAID)):
        for term in (_term_of(word) for word in words):
            if term not in best:
                best[term] = ((term, 1.0), *_tables().english.get(term, ()))
                wanted.append(Wanted(best[term], weight * counts))
    return wanted


def _english(text: str) -> Iterator[tuple[tuple[str, float], ...]]:
    tables = _tables()
    for term in dict.fromkeys(terms_of(text)):
        yield ((term, 1.0), *(tables.english.get(term, ()) if term[0] != PAIR else ()))
    flat = " ".join(fold(word) for word in re.findall(r"[^\W_]+", text))
    for found in tables.patterns["en"].finditer(flat):
        for one in tables.phrases["en"][found[0]][:1]:
            yield ((one, 1.0), *tables.english.get(one, ()))
            yield from (((part, 1.0),) for part in tables.parts.get(one, ()))


def _translated(
    text: str, language: Language, is_known: Callable[[str], bool] | None
) -> Iterator[tuple[tuple[str, float], ...]]:
    """Each word with its English ones; names and identifiers stay as they are. Pairs go both ways round."""
    tables = _tables()
    stop = SPANISH_STOP if language == "es" else PORTUGUESE_STOP
    sequence: list[str] = []
    for words in _pieces(text, language):
        if words in tables.phrases[language]:
            choices = tables.phrases[language][words]
        elif " " in words or words in stop or (words in STOP and words != "no"):
            continue
        else:
            choices = _english_of(words, language, is_known)
        terms: dict[str, float] = {}
        for place, choice in enumerate(choices):
            terms.setdefault(choice, 1.0 if not place else _FURTHER)
        for choice in choices:
            for other, weight in tables.english.get(choice, ()):
                terms.setdefault(other, weight)
        if terms:
            sequence.append(choices[0])
            yield tuple(terms.items())
            yield from (((part, 1.0),) for part in tables.parts.get(choices[0], ()))
    yield from _neighbours(sequence, text)


def _neighbours(sequence: Sequence[str], text: str) -> Iterator[tuple[tuple[str, float], ...]]:
    """Pairs of translated words, either way round, and those within an identifier as they are."""
    for left, right in pairwise(sequence):
        if PAIR not in (left[0], right[0]):
            yield ((pair(right, left), 1.0), (pair(left, right), 1.0))
    for parts in words_in(text):
        if len(parts) > 1:
            for two in pairwise(parts):
                yield ((pair(stem(two[0]), stem(two[1])), 1.0),)


def _pieces(text: str, language: Language) -> Iterator[str]:
    """Phrases and words of a text, folded, in its order; identifiers in their parts."""
    text = re.sub(r"\bn[óo]s?\b(?=[^a-z]|$)", "nodo", text) if language == "pt" and "nó" in text else text
    flat = " ".join(part for word in re.findall(r"[^\W_]+", text) for part in parts_of(word))
    place = 0
    for found in _tables().patterns[language].finditer(flat):
        yield from flat[place : found.start()].split()
        yield found[0]
        place = found.end()
    yield from flat[place:].split()


@cache
def _slips(language: Language) -> dict[str, str]:
    """Roots of the tables by what is left of them without one letter; of two with the same rest, neither."""
    found: dict[str, str] = {}
    for own in _tables().foreign[language]:
        if len(own) >= _SLIP and own[0] != _EXACT:
            for rest in _shorter(own):
                found[rest] = own if found.get(rest, own) == own else ""
    return found


def _shorter(word: str) -> set[str]:
    """A word without one of its letters after the second, and itself."""
    return {word} | {word[:place] + word[place + 1 :] for place in range(2, len(word))}


def _near(own: str, language: Language) -> tuple[str, ...]:
    """What a root means that differs from one of the tables in one letter: a slip, or a verb that changes its root."""
    if len(own) < _SLIP:
        return ()
    slips = _slips(language)
    nearest = {slips[rest] for rest in _shorter(own) if rest in slips} - {""}
    return _tables().foreign[language][nearest.pop()] if len(nearest) == 1 else ()


def _english_of(word: str, language: Language, is_known: Callable[[str], bool] | None) -> tuple[str, ...]:
    known = _tables().foreign[language]
    own = root(word)
    if listed := (*known.get(f"{_EXACT}{word}", ()), *known.get(own, ())):
        return tuple(dict.fromkeys(listed))
    plain = stem(word)
    if is_known is not None and is_known(plain):
        return (plain,)
    if near := _near(own, language):
        return near
    for cousin in cousins(word):
        made = stem(cousin)
        if is_known is None or is_known(made):
            return (made, plain) if made != plain else (plain,)
    return (plain,)
