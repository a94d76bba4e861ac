"""Stretches of a text: cutting ranges to them, moving spans between them and the whole, marking what was found."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter

from ..evidence.diagnosis import DIAGNOSIS, UNITS
from ..payments.card_words import spoken_of_card
from ..placeholders import marker
from ..types import Span, TextWithheld

# Code points; no rule looks further beyond its match than this.
_REACH = 256
# As far in front of a number are words looked for that say what it is: 64 characters (`evidence.surroundings`), where a
# key leads to it 80; for cards 32, and words that hang together (`payments.card_words`, `payments.number_of`).
_REACHES = 64, 80
_WORDS_REACH = 80
_REST_OF_WORD = re.compile(r"[^\W\d_]*+")


def utf8_length(text: str) -> int:
    """How many bytes of UTF-8 a text has.

    Raises:
        TextWithheld: it has none.
    """
    if text.isascii():
        return len(text)
    try:
        return len(text.encode("utf-8"))
    except UnicodeEncodeError:
        raise TextWithheld(
            "a text holds lone surrogates, so it is no UTF-8", reason="undecodable", remedy="decode it anew"
        ) from None


# Figures without words, and what may stand on both sides of them without having been kept from being found by them.
_FIGURES = re.compile(r"[0-9A-Fa-f.:\-/ ()+%]+\Z")
_WORDS_AND_SIGNS = re.compile(r"[\w.@+\- ]{1,128}\Z")
_WORD = re.compile(r"[^\W\d_]+")
# Of so many digits are the shortest numbers that are found by words in front of them.
_NUMBER = re.compile(r"[0-9](?:[ \t.\-/_]?[0-9]){6}")
_TELLING = (
    DIAGNOSIS | frozenset(UNITS) | frozenset("version versions ver v rel image tag chart sdk kernel firmware".split())
)
_start = attrgetter("start")
_EDGE_BEFORE = re.compile(r"(?:[\s\"'`,;|<>(){}\[\]=:/@]|\A)\Z")
_EDGE_AFTER = re.compile(r"(?:[\s\"'`,;|<>(){}\[\]:]|\.?\Z|\.\s)")
# A port may follow an address; seven digits are no port.
_DIGIT_NEAR_BEFORE = re.compile(r"(?:(?:[0-9][ \t.\-/_]?){5}|[0-9]{7}:)\Z")
_DIGIT_NEAR_AFTER = re.compile(r"(?:[ \t.\-/_]?[0-9]){5}|:[0-9]{7}")


def is_settled(text: str, span: Span) -> bool:
    """Whether hiding a span cannot show anything new but by bringing words nearer to a number, see `brings_near`.

    It is so for figures, addresses and names that touch nothing and have few other digits near: they hold no word that
    could have kept something else from being found, nothing was glued to them, and no word comes within reach of a
    number behind them. A space in one parts words that are one word when it is hidden, unless quotes do so as well.
    """
    if not _says_nothing(text, span):
        return False
    before = text[max(0, span.start - 10) : span.start]
    after = text[span.end : span.end + 10]
    if " " in text[span.start : span.end] and not (before[-1:] in ("'", '"') and after[:1] == before[-1:]):
        return False
    return (
        _EDGE_BEFORE.search(before) is not None
        and _EDGE_AFTER.match(after) is not None
        and _DIGIT_NEAR_BEFORE.search(before) is None
        and _DIGIT_NEAR_AFTER.match(after) is None
    )


def brings_near(text: str, span: Span, found: Sequence[Span] = (), speaks: Callable[[str], bool] = bool) -> bool:
    """Whether the words in front of a number behind the span may become others when the span is one character.

    A number that is hidden itself, with the others of `found` (in order), needs no words, nor do figures that what is
    hidden leaves over: too few are no number. With a span of figures alone no word goes, so what matters are words that
    come within reach, and of these the ones that `speaks` knows.
    """
    line_end = text.find("\n", span.end, span.end + _WORDS_REACH)
    numbers = _numbers(text, span.end, line_end if line_end >= 0 else span.end + _WORDS_REACH, found)
    if not numbers:
        return False
    if _FIGURES.match(text, span.start, span.end) is None:
        return True
    line_start = text.rfind("\n", 0, span.start) + 1
    shorter = sum(each.end - each.start - 1 for each in _just_before(found, numbers[-1]))
    return any(
        spoken_of_card(text, number, shorter)
        or any(
            speaks(_whole_words(text, max(line_start, number - reach - shorter), number - reach))
            for reach in _REACHES
            if number - reach > line_start
        )
        for number in numbers
    )


def _just_before(spans: Sequence[Span], at: int) -> Sequence[Span]:
    """Those spans, sorted and disjoint, that lie in front of a place and within reach of it."""
    return spans[bisect_left(spans, at - _REACH, key=_start) : bisect_left(spans, at, key=_start)]


def _numbers(text: str, at: int, reach: int, hidden: Sequence[Span]) -> list[int]:
    """Where numbers begin that lie outside of what is hidden, sorted and disjoint."""
    numbers: list[int] = []
    for place in range(bisect_left(hidden, at, key=_start), len(hidden) + 1):
        end = min(reach, hidden[place].start) if place < len(hidden) else reach
        numbers += (match.start() for match in _NUMBER.finditer(text, at, end))
        if end == reach:
            break
        at = hidden[place].end
    return numbers


def _whole_words(text: str, start: int, end: int) -> str:
    """What lies between two places, with the words whole that these cut."""
    before = _REST_OF_WORD.match(text[max(0, start - _WORDS_REACH) : start][::-1])
    behind = _REST_OF_WORD.match(text, end)
    return text[start - (before.end() if before else 0) : behind.end() if behind else end]


def _says_nothing(text: str, span: Span) -> bool:
    """Whether a span holds no word that speaks for or against what stands beside it."""
    if _FIGURES.match(text, span.start, span.end) is not None:
        return True
    if _WORDS_AND_SIGNS.match(text, span.start, span.end) is None:
        return False
    return _TELLING.isdisjoint(map(str.lower, _WORD.findall(text, span.start, span.end)))


def marked(text: str, offset: int, spans: Iterable[Span]) -> str:
    """A stretch with markers in place of the spans, which count in the whole."""
    parts: list[str] = []
    done = 0
    for span in spans:
        parts += (text[done : span.start - offset], marker(span.entity_type))
        done = span.end - offset
    return "".join((*parts, text[done:]))


def moved(spans: Iterable[Span], by: int) -> list[Span]:
    if not by:
        return list(spans)
    return [Span(each.start + by, each.end + by, each.entity_type, each.score, each.rule) for each in spans]


def within(ranges: Sequence[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Ranges inside of [start, end), counted from its start and cut at its ends."""
    first = bisect_left(ranges, (start, start))
    if first and ranges[first - 1][1] > start:
        first -= 1
    last = bisect_left(ranges, (end, end), first)
    return [(max(at, start) - start, min(to, end) - start) for at, to in ranges[first:last]]


def around(text: str, spans: Iterable[tuple[Span, bool]]) -> list[tuple[int, int]]:
    """Stretches of whole lines in which hiding the spans can have changed what is found.

    With each span, in order: whether it can have only on its own line; of the others is taken what tells a line of a
    list or a table from one that stands alone.
    """
    stretches: list[tuple[int, int]] = []
    last_line = 0
    for span, is_of_line in spans:
        reach = span.end if is_of_line else min(len(text), span.end + _REACH)
        # What is covered is passed over, which also keeps a long line from being searched for its ends again and again.
        if stretches and reach <= stretches[-1][1] and (not is_of_line or span.end < last_line):
            continue
        start = text.rfind("\n", 0, span.start if is_of_line else max(0, span.start - _REACH)) + 1
        end = _line_end(text, reach)
        if is_of_line:
            start, end = text.rfind("\n", 0, max(0, start - 1)) + 1, _line_end(text, end + 1)
        if stretches and start <= stretches[-1][1] + 1:
            stretches[-1] = (stretches[-1][0], max(end, stretches[-1][1]))
        else:
            stretches.append((start, end))
        last_line = text.rfind("\n", 0, stretches[-1][1]) + 1
    return stretches


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return end if end >= 0 else len(text)
