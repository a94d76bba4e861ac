"""What stands around a bare number, and how much of it speaks for personal data."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping

from ..definition import Evidence
from ..structures.key_names import key_words, unmarked
from ..structures.key_values import key_behind
from ..structures.pairs_found import Pair
from .diagnosis import DIAGNOSIS, FILLERS, LISTS, PEOPLE, UNITS, says_diagnosis, says_measure, says_nothing
from .timestamps import is_timestamp

_REACH = 64
_KEY_REACH = 80
_WORDS_BEHIND = 8
_LONGEST_PHRASE = 4
# Letters beside digits are pieces of hashes and names of pods.
_WORD = re.compile(r"(?<![^\W_])[^\W\d_]++(?!\d)")
_LINE_OF_YAML = re.compile(r"[ \t\-]{0,16}[\"']?[\w.\-]{1,40}[\"']?[ \t]?:[ \t]{1,4}[\"']?")
# Letters as they are, a control character for what stands between the letters of acronyms, blanks for everything else.
_BLANK, _DOT, _FIRST_LETTER = 0x20, 0x0C, ord("A")
_LETTERS = bytes(
    code if chr(code).isascii() and chr(code).isalpha() else _DOT if chr(code) in "./" else _BLANK
    for code in range(256)
)
_ASCII_WORD = re.compile(rb"[A-Za-z]{2,}+|[A-Za-z](?=\x0c)")
_LONG = 4_096
_MOST_WORDS = 16_384
# Its unit comes behind a number, or in the next member of a JSON object.
_UNIT_AFTER = re.compile(
    rf"[ \t]?(?:{'|'.join(UNITS)})(?![A-Za-z0-9])|(?:\.0)?,[ \n]{{0,16}}\\?\"(?:units?|uom|currency|ccy)\\?\":",
    re.IGNORECASE,
)
_LIST_KEYS = frozenset((word,) for word in LISTS)
_LIST_SIGNS = 8
_UNKNOWN = "cell"
_SEGMENT_BEHIND = re.compile(r"/([a-zA-Z]{3,24})/")
_SEGMENT_REACH = 27
# A number that touches one of these with more behind it is a part of something longer.
_TOUCHING = frozenset("_-#/:.@+$&~")
_LONGEST_ACRONYM = 4
# The first digits of a card, under a key; in prose a BIN is a tax number of some countries.
_CARD_PREFIX = (("bin",), ("iin",))
_MOST_QUOTES = 5
# Small words that end every search for another word, and leave no doubt.
_SILENCING = frozenset(word for word in DIAGNOSIS - FILLERS - PEOPLE - LISTS if word.isascii() and word.isalpha())
_LONGEST_SILENCING = max(map(len, _SILENCING))
_NO_PHRASES: frozenset[str] = frozenset()
RARE = 50
"""From here on a check is believed with no key."""
LEAST_ONE_IN = 10
"""From here on a check is believed under a key that names no diagnosis."""
ONE_DIGIT = 9
"""Said of a single check digit: believed under a key that holds no word at all. Below, nothing is without a word."""

SAID, UNDER_SOME_KEY, BARE = 0.85, 0.5, 0.45
"""Scores: a word says what it is; it stands under a key that says nothing; nothing but its check digits speaks."""


class _Told(dict[bytes, bool]):
    """What was said of words, by their letters in ASCII; a log repeats its words."""

    def __init__(self, tells: Callable[[str], bool]) -> None:
        super().__init__()
        self._tells = tells

    def __missing__(self, word: bytes) -> bool:
        said = self._tells(word.decode("ascii"))
        if len(self) < _MOST_WORDS:
            self[word] = said
        return said


class Vocabulary:
    """The words that matter to some rules.

    Args:
        evidence: what the rules ask for.
    """

    __slots__ = ("beginnings", "telling", "told", "words")

    def __init__(self, evidence: Iterable[Evidence]) -> None:
        asked = list(evidence)
        self.words = frozenset(word for each in asked for word in each.words)
        self.beginnings = frozenset(word[:count] for word in self.words for count in range(1, len(word) + 1))
        """What words that are several words glued begin with."""
        telling = {word for each in asked for word in (each.telling or _prefixes(each.words))}
        # Acronyms are written with dots as well: C.I. is two words.
        self.telling = frozenset(telling | {word[0] for word in telling if len(word) <= _LONGEST_ACRONYM})
        """Without one of these in front of a number there is no word for it."""
        self.told = _Told(self.tells)

    def tells(self, word: str) -> bool:
        """Whether a word, or one of those that it is made of, is telling."""
        return not self.telling.isdisjoint((word.casefold(), *key_words(word)))

    def may_begin(self, word: str) -> bool:
        """Whether a word is telling, or a phrase may begin with it."""
        return word in self.beginnings or word in self.telling


class NearWords:
    """Which words of a vocabulary stand in front of places of a text.

    Args:
        text: a view.
        cells: values whose keys stand elsewhere, as over the columns of a table, by the place where they begin.
        vocabulary: what is listened for.
    """

    def __init__(self, text: str, cells: Mapping[int, Pair], vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self._text = text
        self._cells = cells
        self._told: list[int] | None = None

    def key_of(self, start: int) -> str | None:
        """The key of a value that stands elsewhere, as over a column of a table."""
        if not self._cells:
            return None
        for quotes in range(_MOST_QUOTES):
            cell = self._cells.get(start - quotes)
            if cell is not None and not self._text[start - quotes : start].strip("\"'`\\ "):
                return cell.key
        return None

    def is_silenced(self, start: int) -> bool:
        """Whether the word right in front, a blank between, names a diagnosis, so that the number is no one's."""
        if self._cells or self._text[start - 1 : start] != " ":
            return False
        _, blank, word = self._text[max(0, start - _LONGEST_SILENCING - 2) : start - 1].rpartition(" ")
        return word in _SILENCING and bool(blank)

    def may_say(self, start: int) -> bool:
        """Whether a word that a phrase of the vocabulary may begin with stands shortly before a place."""
        telling = self.vocabulary.telling
        if not telling:
            return False
        key = self.key_of(start) if self._cells else None
        if key is not None and not telling.isdisjoint(key_words(key)):
            return True
        first = max(0, start - _KEY_REACH)
        before = self._text[first:start]
        if before.isascii():
            if self._told is None:
                self._told = self._telling_places()
            place = bisect_left(self._told, first)
            return place < len(self._told) and self._told[place] < start
        return any(map(self.vocabulary.tells, _WORD.findall(unmarked(before))))

    def _telling_places(self) -> list[int]:
        """Where words that tell begin, sorted; found once, since in a log numbers stand close together."""
        spelled = self._text.encode("ascii", "replace").translate(_LETTERS)
        if len(spelled) < _LONG:
            told = self.vocabulary.told
            return [match.start() for match in _ASCII_WORD.finditer(spelled) if told[match.group()]]
        import numpy as np  # noqa: PLC0415 - 80 ms that short texts need not pay

        kinds = np.frombuffer(spelled, dtype=np.uint8)
        letters = kinds >= _FIRST_LETTER
        edges = np.flatnonzero(np.diff(letters, prepend=False, append=False))
        starts, ends = edges[::2], edges[1::2]
        telling = np.fromiter(map(self.vocabulary.told.__getitem__, spelled.split()), dtype=np.bool_, count=len(starts))
        # Acronyms are written with dots as well; other letters that stand alone are no words.
        last = len(kinds) - 1
        telling &= (ends - starts > 1) | ((ends <= last) & (kinds[np.minimum(ends, last)] == _DOT))
        found: list[int] = starts[telling].tolist()
        return found


class Surroundings:
    """The key over [start, end) and the words in front of it; made once for all rules that look at this place.

    Words count up to the first one that names something else: in `cpf 1 order 2` the 2 belongs to the order.

    Args:
        near: the words of the rules that will ask; with None all words are kept.
        may_say: what `near` says of the place.
    """

    __slots__ = ("_end", "_key", "_rare", "_start", "_text", "_time", "phrases")

    def __init__(self, text: str, start: int, end: int, near: NearWords | None = None, may_say: bool = True) -> None:
        self._text, self._start, self._end = text, start, end
        cell = near.key_of(start) if near is not None else None
        self._key = cell if cell is not None else _key_of(text, start)
        self._rare: float | None = None
        self._time: bool | None = None
        self.phrases: frozenset[str] = _NO_PHRASES
        """Words and neighbouring words, glued as `Evidence.words` are."""
        if may_say:
            self._listen(near.vocabulary if near is not None else None)

    def _listen(self, vocabulary: Vocabulary | None) -> None:
        words = key_words(self._key) if self._key is not None else ()
        self.phrases = _phrases(words, vocabulary)
        if not says_diagnosis(words):
            further, before = _words_before(self._text, self._start)
            if self._key is not None or not says_diagnosis(before):
                self.phrases |= _phrases(before, vocabulary)
            if further and vocabulary is not None:
                # The word that names something else may be part of the name: `tax reference number`.
                whole = _phrases(further + before, vocabulary)
                self.phrases |= whole - _phrases(further, vocabulary)

    @property
    def has_key(self) -> bool:
        """Whether it stands under a key."""
        return self._key is not None

    def score(self, evidence: Evidence) -> float:
        """How sure a number that passes its check is then; 0 for not at all."""
        return SAID if not self.phrases.isdisjoint(evidence.words) else self.unsaid(evidence)

    def unsaid(self, evidence: Evidence) -> float:
        """`score` where no word speaks for it."""
        if evidence.one_in < ONE_DIGIT or (self.is_time() and not evidence.even_times):
            return 0.0
        if evidence.one_in >= RARE:
            return self.rare_score()
        if evidence.one_in < LEAST_ONE_IN and not self.is_under_no_word():
            return 0.0
        return UNDER_SOME_KEY if self.rare_score() > UNDER_SOME_KEY else 0.0

    def is_under_no_word(self) -> bool:
        """Whether it stands under a key, and the key holds no word."""
        return self._key is not None and says_nothing(key_words(self._key.rpartition(".")[2]))

    def is_time(self) -> bool:
        """Whether the number reads as a point in time."""
        if self._time is None:
            self._time = is_timestamp(self._text[self._start : self._end])
        return self._time

    def rare_score(self) -> float:
        """How sure a number is, then, that passes a check which few others pass; 0 for not at all."""
        if self._rare is None:
            self._rare = self._judged()
        return self._rare

    def _judged(self) -> float:
        text, start, end = self._text, self._start, self._end
        if is_part(text, start, end) or _UNIT_AFTER.match(text, end):
            return 0.0
        before = text[start - 1 : start]
        if self._key is not None:
            words = key_words(self._key)
            if says_diagnosis(words) or says_measure(words) or words[-1:] in _CARD_PREFIX:
                return 0.0
            if before not in ("_", "-", "#"):
                return UNDER_SOME_KEY + 0.1
        elif says_diagnosis(words := _words_before(text, start)[1]) and not (
            not LISTS.isdisjoint(words) and "[" in text[max(0, start - _REACH) : start]
        ):
            return 0.0
        # A literal in quotes is somebody's value as well, though its name stands elsewhere.
        is_quoted = before in ("'", '"') and text[end : end + 1] == before
        return UNDER_SOME_KEY if is_quoted else BARE


def _key_of(text: str, start: int) -> str | None:
    """The key right in front; of what stands in a list of rows nobody knows what it is."""
    key = key_behind(text, start)
    if key is not None and "[" in text[max(0, start - _LIST_SIGNS) : start] and key_words(key)[-1:] in _LIST_KEYS:
        return _UNKNOWN
    return key


def _prefixes(words: Iterable[str]) -> Iterator[str]:
    return (word[:count] for word in words for count in range(2, len(word) + 1))


def _words_before(text: str, start: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The last words of the line in front of a place, parted before the last one that names something else."""
    before = text[max(0, start - _REACH) : start]
    line = before[before.rfind("\n") + 1 :]
    # In YAML what a value is stands in the line above: `kind: CPF`, `value: 1`.
    above = before.rfind("\n", 0, max(0, len(before) - len(line) - 1)) if _LINE_OF_YAML.fullmatch(line) else -2
    before = before[above + 1 :] if above > -2 else line
    found = _words(before)[-_WORDS_BEHIND:]
    words: list[str] = []
    for word in reversed(found):
        # Most words are written in one case; only the others can hide several.
        parts = (word.casefold(),) if word[1:].islower() or word.isupper() or len(word) == 1 else key_words(word)
        for part in reversed(parts):
            words.append(part)
            if part in DIAGNOSIS and part not in FILLERS:
                others = tuple(word.casefold() for word in found[: len(found) - len(words)])
                return others[1 - _LONGEST_PHRASE :], tuple(reversed(words))
    return (), tuple(reversed(words))


def _words(text: str) -> list[str]:
    return _WORD.findall(unmarked(text))


def _phrases(words: tuple[str, ...], vocabulary: Vocabulary | None) -> frozenset[str]:
    if not words:
        return frozenset()
    if vocabulary is None:
        return frozenset(
            "".join(words[first : first + count])
            for count in range(1, _LONGEST_PHRASE + 1)
            for first in range(len(words) - count + 1)
        )
    found: list[str] = []
    for first, word in enumerate(words):
        phrase = word
        for following in range(first + 1, first + _LONGEST_PHRASE + 1):
            if phrase not in vocabulary.beginnings:
                break
            if phrase in vocabulary.words:
                found.append(phrase)
            if following >= len(words):
                break
            phrase += words[following]
    return frozenset(found)


def _touches_word(text: str, start: int) -> bool:
    return start > 0 and (text[start - 1] in _TOUCHING or text[start - 1].isalnum())


def _is_of_person(text: str, start: int, end: int) -> bool:
    """Whether it is a whole segment of a path behind one that is called after people: `/users/52998224725/orders`."""
    if text[start - 1 : start] != "/" or text[end : end + 1] not in ("", "/", "?", " ", '"', "#", "\n"):
        return False
    match = _SEGMENT_BEHIND.match(text[max(0, start - _SEGMENT_REACH) : start][::-1])
    word = match[1][::-1].lower() if match is not None else ""
    return word in PEOPLE or word.removesuffix("s") in PEOPLE


def is_part(text: str, start: int, end: int) -> bool:
    """Whether the number is a piece of a longer word, name, path or figure."""
    if _is_of_person(text, start, end):
        return False
    if _touches_word(text, start):
        # `key:value` without a space, and what follows a value that was hidden.
        return not (text[start - 1] == ":" and start > 1 and not text[start - 2].isdigit())
    after, beyond = text[end : end + 1], text[end + 1 : end + 2]
    if after == ":":
        return beyond.isdigit()
    return after.isalnum() or (after in _TOUCHING and beyond.isalnum() and after != "&")
