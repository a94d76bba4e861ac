"""What a person asked for, in their own words: the one text of a run that can give leave by itself.

A value that stands in the request is the person's own; a tool whose verb stands there was asked for. Both are read
narrowly, so that nothing counts by chance: whole words in a row, no short common words, no bare small numbers, no verb
that is denied, asked about, or part of something pasted. What is not recognised is not lost: a person is asked.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation

from .dates import dates_in, times_in

LIMIT_CHARACTERS = 20_000
# Shorter than this a word has to stand out: be quoted, or a name.
_SHORTEST_PLAIN = 5
_SHORTEST_HANDLE = 4
_SHORTEST_NAME = 3
# A number of so many digits is hardly there by chance; a shorter one has to stand beside its field's name.
_LONG_NUMBER = 3
_LABEL_REACH = 3
_NEGATION_REACH = 3
_QUESTION_REACH = 4

_FENCED = re.compile(r"```.*?(?:```|\Z)", re.DOTALL)
_CITED = re.compile(r"^\s*>.*$", re.MULTILINE)
_QUOTED = re.compile(r"(?<!\w)(['\"`])(?P<ascii>.{1,2000}?)\1(?!\w)|[“‘«](?P<other>.{1,2000}?)[”’»]", re.DOTALL)
_EDGES = ".,:;!?()[]\"'`“”‘’«»"
_NUMBER = re.compile(r"[-+]?\d[\d_]*(?:,\d{3})*(?:\.\d+)?")
_NOT = frozenset(
    "not no never don't dont doesn't didn't won't cannot can't without avoid nunca jamás não nao sin sem".split()
)
_ABOUT = frozenset("should did was were why who has have had whether would've".split())
_GAP = re.compile(r"\{\w{1,40}\}")
_BETWEEN = re.compile(r"[;()\[\]{}\"`“”«»|]+|,(?!\d)|(?<!\d),")
_LEADING = frozenset("please then and to or also now just you kindly ahead so first finally must por favor y e".split())
_SENTENCE_END = re.compile(r"[.!?;:]$")


@dataclass(frozen=True)
class _Token:
    """One word of the request.

    Args:
        plain: as compared: width, case and the punctuation around it taken off.
        written: the same with its case.
        is_quoted: whether it stands in quotes.
        is_quote: whether it is all that stands in them.
        ends: whether a sentence ends behind it.
        breaks: whether a comma or the like stands behind it.
    """

    plain: str
    written: str
    is_quoted: bool
    is_quote: bool
    ends: bool
    breaks: bool


class Words:
    """The words of a request, read once.

    Args:
        text: what the person wrote; code blocks and lines that cite somebody else are left out. Beyond
            `LIMIT_CHARACTERS` nothing is read.
    """

    def __init__(self, text: str) -> None:
        own = _CITED.sub(" ", _FENCED.sub(" ", text[:LIMIT_CHARACTERS]))
        self._tokens = tuple(_tokens(own))
        self._plain = tuple(token.plain for token in self._tokens)
        self._known = frozenset(self._plain)
        self._near: frozenset[int] | None = None
        self._quotes = frozenset(_normal(found["ascii"] or found["other"]) for found in _QUOTED.finditer(own))
        self._templates = tuple(_template(quote) for quote in self._quotes if _GAP.search(quote))
        self._dates = dates_in(own)
        self._times = times_in(own)

    def about(self, verbs: Sequence[str], others: Iterable[str]) -> Words:
        """The same words where single ones count only beside one of these verbs.

        "Find out why payouts fail, then pause settlements" asks to pause settlements, and names payouts for another
        reason. Beside a verb stand its clause and the sentences behind it, up to a command of another kind.

        Args:
            verbs: by which people ask for a tool.
            others: by which they ask for anything else.
        """
        view = copy(self)
        own = frozenset(verb.casefold() for verb in verbs)
        starts = {start for verb in verbs for start in self._asked(verb)}
        # `set up` is one verb, though `set` is another one's.
        cuts = {place for verb in others if verb.casefold() not in own for place in self._commands(verb)} - starts
        view._near = frozenset(place for start in starts for place in self._beside(start, cuts))
        return view

    def say(self, text: str, *, label: str = "", shortest: int = _SHORTEST_PLAIN) -> bool:
        """Whether the person wrote just this.

        Args:
            text: a value; its words have to stand in a row.
            label: what the value is called; a short number counts beside this word.
            shortest: so many letters a single plain word has at least.
        """
        wanted = _normal(text)
        if not wanted:
            return False
        if " " in wanted and wanted in self._quotes:
            return True
        if _NUMBER.fullmatch(wanted):
            return self.say_number(Decimal(wanted.replace(",", "").replace("_", "")), label=label)
        sought = self._sought(text)
        if not sought or sum(map(len, sought)) < _SHORTEST_NAME:
            return False
        return any(self._stands_out(place, sought, text, shortest) for place in self._places(sought))

    def _sought(self, text: str) -> tuple[str, ...]:
        """The words of a value in a row; none where one of them stands nowhere in the request."""
        sought = []
        for _, _, parts in _words(text):
            for word in filter(None, map(_normal, parts)):
                if word not in self._known:
                    return ()
                sought.append(word)
        return tuple(sought)

    def say_handle(self, text: str) -> bool:
        """Whether the person wrote what a record is called; a short word will do, since it has to leave one record."""
        return self.say(text, shortest=_SHORTEST_HANDLE)

    def say_part(self, text: str, *, beside: Set[str] = frozenset()) -> bool:
        """Whether the person wrote a part of a name that stands by itself, as `External` is of `External_0`.

        Args:
            text: the name.
            beside: small letters; what names something else.
        """
        parts = [part for part in parts_of(text) if len(part) >= _SHORTEST_PLAIN and part.casefold() not in beside]
        written = {token.written for place, token in enumerate(self._tokens) if self._is_near(place)}
        return any(part in written for part in parts)

    def say_number(self, number: Decimal, *, label: str = "") -> bool:
        """Whether the person wrote this number, whatever its spelling (`10` and `10.00` are one)."""
        names = {name for name in re.split(r"[_\W]+", label.casefold()) if len(name) > 1}
        for place, token in enumerate(self._tokens):
            bare = token.plain.lstrip("$€£#v").rstrip("%")
            if not _NUMBER.fullmatch(bare) or _decimal(bare) != number:
                continue
            near = self._plain[max(0, place - _LABEL_REACH) : place + _LABEL_REACH + 1]
            if len(re.findall(r"\d", bare)) >= _LONG_NUMBER or names & set(near):
                return True
        return False

    def say_flag(self, value: bool, label: str) -> bool:
        """Whether the person wrote what the flag is called, or left it out where it is off."""
        name = tuple(part for part in re.split(r"[_\W]+", label.casefold()) if part not in ("is", "has", ""))
        return bool(name) and any(self._places(name)) is value

    def say_moment(self, moment: datetime) -> bool:
        """Whether the person named this day and this time of day; midnight need not be named."""
        clock = moment.time().replace(second=0, microsecond=0)
        return self.say_date(moment.date()) and (clock in self._times or clock == time())

    def say_date(self, day: date) -> bool:
        """Whether the person named this day; a year that they left out may be any."""
        years = {found.year for found in self._dates if found.year is not None}
        return any(
            (found.month, found.day) == (day.month, day.day)
            and (found.year == day.year or (found.year is None and (not years or day.year in years)))
            for found in self._dates
        )

    def filled(self, text: str) -> tuple[str, ...]:
        """What stands in the gaps if this is a quoted text of the person's with its `{gaps}` filled; else nothing.

        Args:
            text: a value; each gap holds at most 200 characters of it.
        """
        wanted = " ".join(unicodedata.normalize("NFKC", text).split()).strip(_EDGES)
        for pattern in self._templates:
            found = pattern.fullmatch(wanted)
            if found:
                return found.groups()
        return ()

    def call_for(self, verbs: Iterable[str]) -> bool:
        """Whether the person asked for something by one of these verbs, outside of quotes and not to leave it."""
        return any(True for verb in verbs for _ in self._asked(verb))

    def _found(self, verb: str) -> Iterator[int]:
        """Where the verb stands in one of its forms, outside of quotes."""
        head, *rest = verb.casefold().split()
        forms = _forms(head)
        for place, word in enumerate(self._plain):
            is_whole = word in forms and list(self._plain[place + 1 : place + 1 + len(rest)]) == rest
            if is_whole and not self._tokens[place].is_quoted:
                yield place

    def _asked(self, verb: str) -> Iterator[int]:
        return (place for place in self._found(verb) if not self._is_turned(place))

    def _commands(self, verb: str) -> Iterator[int]:
        """Where the verb stands as a command does: at the beginning, after a comma, after `please` or `and`."""
        for place in self._found(verb):
            before = self._tokens[place - 1] if place else None
            if before is None or before.ends or before.breaks or before.plain in _LEADING:
                yield place

    def _beside(self, start: int, cuts: Set[int]) -> Iterator[int]:
        first = start
        while first > 0 and not self._tokens[first - 1].ends:
            first -= 1
        if any(place in cuts for place in range(first, start)):
            first = start  # what stands before belongs to another command
        yield from range(first, start)
        for place in range(start, len(self._tokens)):
            if place in cuts:
                return
            # A sentence with a command of another kind is not about this one, whatever stands before its verb.
            if place > start and self._tokens[place - 1].ends and self._has_cut(place, cuts):
                return
            yield place

    def _has_cut(self, start: int, cuts: Set[int]) -> bool:
        for place in range(start, len(self._tokens)):
            if place in cuts:
                return True
            if self._tokens[place].ends:
                return False
        return False

    def _is_near(self, place: int) -> bool:
        return self._near is None or place in self._near

    def _places(self, sought: Sequence[str]) -> Iterator[int]:
        for place in range(len(self._plain) - len(sought) + 1):
            if self._plain[place : place + len(sought)] == tuple(sought):
                yield place

    def _stands_out(self, place: int, sought: Sequence[str], text: str, shortest: int) -> bool:
        if len(sought) > 1:
            return True
        token = self._tokens[place]
        if not self._is_near(place):
            return False
        if len(sought[0]) >= shortest or token.is_quote:
            return True
        # A name of three or four letters is written with a capital, at both ends.
        return token.written[:1].isupper() and token.written == _bare(text)

    def _is_turned(self, place: int) -> bool:
        """Whether the words before say that it is not wanted, or only ask about it."""
        for back in range(1, _QUESTION_REACH + 1):
            if place - back < 0 or self._tokens[place - back].ends:
                return False
            word = self._plain[place - back]
            if (word in _NOT and back <= _NEGATION_REACH) or word in _ABOUT:
                return True
        return False


def _tokens(text: str) -> Iterator[_Token]:
    quoted = [(*match.span(), _normal(match["ascii"] or match["other"])) for match in _QUOTED.finditer(text)]
    starts = [start for start, _, _ in quoted]
    for at, word, parts in _words(text):
        # Quotes come in order and share nothing, so that only the last one that has begun can be around a word.
        _, end, quote = quoted[place - 1] if (place := bisect_right(starts, at)) else (0, 0, "")
        is_quoted = bool(place) and at + len(word) <= end + 1
        for number, bare in enumerate(parts, 1):
            is_last = number == len(parts)
            yield _Token(
                plain=_normal(bare),
                written=bare,
                is_quoted=is_quoted,
                is_quote=is_quoted and _normal(bare) == quote,
                ends=is_last and bool(_SENTENCE_END.search(word)),
                breaks=not is_last or word.endswith((",", ";")),
            )


def _words(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Where each word stands, the word, and its parts without what is around and between them."""
    for match in re.finditer(r"\S+", text):
        yield match.start(), match[0], [bare for part in _BETWEEN.split(_bare(match[0])) if (bare := _bare(part))]


def parts_of(text: str) -> list[str]:
    """The words of a name: `External_0` has two."""
    return re.split(r"[\s_\-/.:]+", text)


def _template(quote: str) -> re.Pattern[str]:
    """A quoted text with gaps; each is filled by a short text, the same where the same gap comes twice."""
    seen: set[str] = set()
    parts = []
    end = 0
    for gap in _GAP.finditer(quote):
        parts.append(re.escape(quote[end : gap.start()]))
        name = gap[0][1:-1]
        parts.append(f"(?P=g_{name})" if name in seen else f"(?P<g_{name}>.{{1,200}}?)")
        seen.add(name)
        end = gap.end()
    return re.compile("".join(parts) + re.escape(quote[end:]), re.IGNORECASE)


def _bare(word: str) -> str:
    """A word without the punctuation around it and without a possessive ending."""
    bare = unicodedata.normalize("NFKC", word).strip().strip(_EDGES)
    return re.sub(r"['’]s$", "", bare)


def _normal(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).strip(_EDGES)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", "").replace("_", ""))
    except InvalidOperation:
        return None


def _forms(verb: str) -> frozenset[str]:
    """The verb and its regular English forms; verbs of other languages stand in the list as they are used."""
    stem = verb[:-1] if verb.endswith("e") else verb
    return frozenset({verb, f"{verb}s", f"{verb}es", f"{stem}ing", f"{stem}{stem[-1:]}ing"})
