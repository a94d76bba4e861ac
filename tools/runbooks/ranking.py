"""Which of some pages a question is about, and whether any is.

Three figures between 0 and 1 say how well a page fits: the share of what was asked for that it has (BM25 over weighted
fields, divided by the most it could be), the share of its name that was asked for (a page on `KubeletDown` is not about
the scheduler), and the likeness of its nearest sentence to one sentence of the question (pages say again what their
alerts say). Words weigh by their rarity.

Another word of what was meant, or of several translations, counts by how many pages have any of them.

Sources: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), section 3.6 (BM25F);
Dice's coefficient with weights for the sentences (Dice, "Measures of the amount of ecologic association", 1945);
Darwish and Oard, "Probabilistic structured query methods" (2003) for translations and synonyms.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from .fields import BREAK, Fields
from .selectors import UnreadableExpression, selectors_of
from .words.cutting import PAIR, fold, parts_of, terms_of, words_in
from .words.languages import Wanted, wanted_by
from .words.systems import SYSTEMS

WEIGHTS = {"name": 4.0, "lead": 2.0, "rest": 1.0, "code": 0.3}
_LENGTH = {"name": 0.3, "lead": 0.4, "rest": 0.75, "code": 0.75}
"""How far a long field counts against its words; a name or a lead is as long as what it says."""
_K1 = 2.0
_NAME, _SENTENCE = 0.5, 0.3
"""Beside the share of what was asked for; round numbers. Chosen anew on four of five public collections of alerts and
pages, they cost a hundredth of recall on the fifth; see docs/runbooks.md."""
_IN_NAME, _SAME = 1.6, 0.8
"""So many times as much as elsewhere does a synonym count in a name, and so much at most: a name has too few words to
say a thing twice."""
MEASURED = 0.1
"""Added for a page that has all names of what an alert's expression reads, and a share of it for one that has some."""
_ELSEWHERE = 0.2
"""Taken from the evidence where a question names a system (Kafka, Redis, …) that the page never names."""
COVERED = 0.2
"""The least share of a question's words, by rarity, that a page about it has, unless more than words speaks for it: a
name of two words is soon asked for, by whatever else is asked."""
_RIVALS, _NOISE = 5, 0.15
"""Pages that a page has to stand out from, and the least that each of them counts: in a small folder nothing else may
have a word of the question at all."""
SUITABLE = 0.13
"""The least evidence of a page that is shown as suitable: how far it stands out from the best of the others, which
means the same in a collection that repeats its alerts word by word and in one that does not. One in twenty of the
answerable alerts of two collections lies below it; docs/runbooks.md has the figures."""
_SHORT, _LEAST = 4, 0.05
"""A figure of a question is a share of its words, so a page can stand out by less of a longer one: beyond four words
it has to stand out by half a word of the question, and never by less than the second figure. That is for what people
ask in their own words, who see several pages; of an alert, the page of its sibling has half of the words too."""
_NAME_OF_SOMETHING = re.compile(r"[^\W_]_[^\W_]|[a-zà-ÿ][A-Z]")
"""`score_mean`, `LatencyHigh`: a question with the name of a metric or an alert is put together out of an alert."""
_SHOWN_CHARACTERS = 20_000
_MOST_SENTENCES = 60
_LEAST_COMMON = 2
_CLOSER = 12
"""Pages whose sentences are compared: a sentence moves a page by few places, and comparing them takes longest."""
_SECOND = 0.5
"""What the second text of a question (a description) counts beside its first (a summary): it repeats and digresses."""


@dataclass(frozen=True)
class Question:
    """What is asked for.

    Args:
        texts: the most telling first; a summary before a description.
        wanted: what they ask for together.
        apart: the same of each text by itself, for its likeness to sentences.
        systems: names of systems in the texts.
        measured: terms of the metrics that an alert's expression reads.
        is_plain: whether a person asks, and not an alert.
    """

    texts: tuple[str, ...]
    wanted: tuple[Wanted, ...]
    apart: tuple[tuple[Wanted, ...], ...]
    systems: frozenset[str]
    measured: frozenset[str] = frozenset()
    is_plain: bool = False

    @property
    def needed(self) -> float:
        """The evidence that a page on it has to have at least."""
        words = sum(each.terms[0][0][0] != PAIR for each in self.wanted)
        if not self.is_plain or words <= _SHORT:
            return SUITABLE
        return max(_LEAST, SUITABLE * _SHORT / words)

    @property
    def terms(self) -> frozenset[str]:
        """Every term that would do."""
        return frozenset(term for each in self.wanted for term, _ in each.terms) | self.measured


@dataclass(frozen=True)
class Rarity:
    """How much a term tells in a collection of pages.

    Args:
        pages: how many pages there are.
        having: term: how many of them have it; one that is absent has none.
        lengths: the mean number of terms of each field.
    """

    pages: int
    having: Mapping[str, int]
    lengths: Mapping[str, float]

    def __call__(self, term: str) -> float:
        """Above zero, the more the fewer pages have the term."""
        return self.of(self.having.get(term, 0))

    def of(self, having: float) -> float:
        """The same of what so many pages have."""
        having = min(having, self.pages)
        return math.log(1 + (self.pages - having + 0.5) / (having + 0.5))


@dataclass(frozen=True)
class Fit:
    """How well a page fits a question.

    Args:
        score: by which pages are ranked.
        shared: what was asked for and the page has, the most telling first.
        evidence: for the page being about it at all; see `SUITABLE`. Of a page by itself only what speaks against it.
        covered: the share of the words of the question that the page has, by rarity.
        needed: the evidence that it has to have at least.
    """

    score: float
    shared: tuple[str, ...] = ()
    evidence: float = 0.0
    covered: float = 1.0
    needed: float = SUITABLE

    @property
    def is_suitable(self) -> bool:
        """Whether the page is about the question."""
        return self.evidence >= self.needed and self.covered >= COVERED


def question_of(
    texts: Sequence[str], is_known: Callable[[str], bool], expression: str = "", *, is_plain: bool = False
) -> Question:
    """A question out of its texts.

    Args:
        texts: in any of the three languages, the most telling first; empty ones are left out.
        is_known: whether any page has a term; tells cognates from names.
        expression: of the alert's rule; what it reads counts beside the texts.
        is_plain: whether a person asks and not an alert; names as alerts and metrics have them are no plain words.
    """
    given = tuple(text for text in texts if text.strip())
    is_plain = is_plain and not any(_NAME_OF_SOMETHING.search(text) for text in given)
    apart: list[tuple[Wanted, ...]] = []
    together: dict[str, Wanted] = {}
    for place, text in enumerate(given):
        found = wanted_by(text, 1.0 if not place else _SECOND, is_known)
        apart.append(tuple(found))
        for each in found:
            together.setdefault(each.terms[0][0], each)
    named = (part for text in given for parts in words_in(text) for part in parts)
    return Question(
        given, tuple(together.values()), tuple(apart), frozenset(named) & SYSTEMS, _measured(expression), is_plain
    )


def _measured(expression: str) -> frozenset[str]:
    """The terms of the metrics that an expression reads, and of the values that it asks of labels."""
    try:
        selectors = selectors_of(expression) if expression.strip() else ()
    except UnreadableExpression:
        return frozenset()
    names = [
        name
        for each in selectors
        for name in (each.metric, *(one.value for one in each.conditions if one.operator == "="))
    ]
    return frozenset(term for name in names for term in terms_of(name))


def fits(question: Question, pages: Sequence[Fields], rarity: Rarity) -> list[Fit]:
    """How well each page fits; a question without a word fits none."""
    if not question.wanted:
        return [Fit(0.0)] * len(pages)
    scale = _Scale(question, rarity)
    held = [scale.fit(page) for page in pages]
    found = [replace(fit, needed=question.needed) for fit, _ in held]
    closest = sorted(range(len(found)), key=lambda place: -found[place].score)[:_CLOSER]
    for place in closest:
        score = found[place].score + _SENTENCE * scale.likeness(pages[place])
        found[place] = replace(found[place], score=score, covered=scale.covered(held[place][1]))
    return found


def standing_out(score: float, others: Sequence[float]) -> float:
    """How far a page's score stands out from the best of the other pages."""
    best = [*sorted(others, reverse=True), *[0.0] * _RIVALS][:_RIVALS]
    return score - sum(max(each, _NOISE) for each in best) / _RIVALS


class _Scale:
    """A question with the weights of its terms, against which pages are held."""

    def __init__(self, question: Question, rarity: Rarity) -> None:
        self._rarity = rarity
        self._systems = question.systems
        self._meant = [each.terms[0][0] for each in question.wanted]
        self._telling: dict[str, list[tuple[int, float]]] = {}
        for place, each in enumerate(question.wanted):
            # A rare synonym would else count more than the common word that was meant.
            together = rarity.of(sum(share * rarity.having.get(term, 0) for term, share in each.terms))
            for term, share in each.terms:
                told = share * each.weight * (rarity(term) if share >= 1 else together)
                self._telling.setdefault(term, []).append((place, told))
        self._most = sum(self._mass(each) * each.weight for each in question.wanted) or 1.0
        self._has = {term: share for each in question.wanted for term, share in reversed(each.terms)}
        for each in question.wanted:
            for term, share in each.terms:
                self._has[term] = max(self._has[term], share, min(_SAME, _IN_NAME * share))
        self._terms = frozenset(self._has)
        self._apart = [self._weights(wanted) for wanted in question.apart if wanted]
        self._asked = [
            [(each.terms, self._mass(each)) for each in wanted if each.terms[0][0][0] != PAIR]
            for wanted in question.apart
        ]
        known = [rarity(term) for term in self._has if term in rarity.having]
        self._measured = {term: rarity(term) for term in question.measured if term in rarity.having}
        self._measures = sum(self._measured.values()) or 1.0
        self._typical = sum(known) / len(known) if known else rarity("")

    def fit(self, page: Fields) -> tuple[Fit, Collection[str]]:
        """How well a page fits but for its sentences, and the terms asked for that it has."""
        counts, own = self._counted(page)
        best: dict[int, float] = {}
        for term, count in counts.items():
            often = count / (count + _K1)
            for place, told in self._telling[term]:
                best[place] = max(best.get(place, 0.0), told * often)
        share = sum(best.values())
        shared = [(told, meant) for place, told in best.items() if (meant := self._meant[place])[0] != PAIR]
        score = share / self._most + _NAME * self._name(page.name)
        if self._measured:
            read = sum(told for term, told in self._measured.items() if term in own)
            score += MEASURED * read / self._measures
        is_elsewhere = self._systems and not any(name in own or name in page.name for name in self._systems)
        best_first = sorted(shared, key=lambda each: (-each[0], each[1]))
        against = _ELSEWHERE if is_elsewhere else 0.0
        return Fit(score, tuple(meant for _, meant in best_first[:8]), -against), counts.keys()

    def covered(self, has: Collection[str]) -> float:
        """The share of the words of a text that a page has at all, however often, by the text that it has most of."""
        shares = [0.0]
        for words in self._asked:
            told = sum(
                mass * max((share for term, share in terms if term in has), default=0.0) for terms, mass in words
            )
            shares.append(told / (sum(mass for _, mass in words) or 1.0))
        return max(shares)

    def _mass(self, each: Wanted) -> float:
        """The rarity of what was meant: of the usual term, or of the first that pages have."""
        known = next((term for term, _ in each.terms if term in self._rarity.having), each.terms[0][0])
        return self._rarity(known)

    def _weights(self, wanted: Sequence[Wanted]) -> tuple[dict[str, float], float]:
        have: dict[str, float] = {}
        for each in wanted:
            factor = 0.5 if each.terms[0][0][0] == PAIR else 1.0
            for term, share in each.terms:
                have[term] = max(have.get(term, 0.0), share * factor * self._rarity(term))
        return have, sum(
            self._rarity(each.terms[0][0]) * (0.5 if each.terms[0][0][0] == PAIR else 1.0) for each in wanted
        )

    def _counted(self, page: Fields) -> tuple[dict[str, float], set[str]]:
        """Weighted counts of the terms that were asked for, and every term that the page has, where that matters."""
        counts: dict[str, float] = {}
        own: set[str] = set()
        for name, factor in WEIGHTS.items():
            terms = getattr(page, name).split()
            if self._systems or self._measured:
                own.update(terms)
            norm = 1 - _LENGTH[name] + _LENGTH[name] * len(terms) / (self._rarity.lengths.get(name) or 1.0)
            for term in [term for term in terms if term in self._terms]:
                counts[term] = counts.get(term, 0.0) + factor / norm
        return counts, own

    def _name(self, name: str) -> float:
        """The share of the name that was asked for."""
        most = asked = 0.0
        for term in name.split():
            if term[0] != PAIR:
                rare = self._rarity(term)
                most += rare
                asked += rare * self._has.get(term, 0.0)
        return asked / most if most else 0.0

    def likeness(self, page: Fields) -> float:
        """The largest likeness of a sentence; what else it says counts as rare as what is asked for usually is."""
        best = 0.0
        sentences = [*page.lead.split(f" {BREAK} "), *page.rest.split(f" {BREAK} ")][:_MOST_SENTENCES]
        for sentence in sentences:
            terms = set(sentence.split())
            if len(terms & self._terms) < _LEAST_COMMON:
                continue
            for have, most in self._apart:
                common = terms & have.keys()
                shared = sum(have[term] for term in common)
                whole = shared + self._typical * (len(terms) - len(common)) + most
                best = max(best, 2 * shared / whole)
        return best


def shown_terms(terms: Sequence[str], text: str) -> tuple[str, ...]:
    """The words of a text that some terms stand for, as they are written there."""
    from .words.cutting import stem  # noqa: PLC0415 - only where a match is explained

    wanted = set(terms)
    found: dict[str, str] = {}
    for word in text[:_SHOWN_CHARACTERS].split():
        for part in parts_of(word.strip(".,;:!?()[]{}`\"'")):
            if (term := stem(fold(part))) in wanted:
                found.setdefault(term, part)
    return tuple(found[term] for term in terms if term in found)
