"""The built-in scan: every rule of every definition over a text, each at its own place, overlaps kept.

There is no combined expression in which the first alternative eats what a later one would have found: rules run one by
one and what they find is united. Speed comes from where they look: fixed texts are searched for literally, digits are
gathered once for all rules about numbers, keys once for all rules about keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from .definition import Anchored, Check, Definition, Digits, Evidence, Hit, Keyed, Lettered, Long, Pattern, Rule
from .encoded import blobs
from .key_names import KeyIndex, key_words
from .key_values import Value, Values, pairs
from .normalise import OPAQUE, View, views
from .surroundings import Surroundings
from .types import Span, TextWithheld

_LEAST_DIGITS = 7
# Digits with at most one separator between two of them. One leading class lets the search skip to it.
_DIGITS = re.compile(rf"[0-9](?:[ \t.\-/_\n]?[0-9]){{{_LEAST_DIGITS - 1},}}+")
# A digit beside a capital, and the word of capitals and digits around it, with at most one separator between two.
_BESIDE_CAPITAL = re.compile(r"[0-9](?:(?<=[A-Z].)|(?<=[A-Z][.\-/ ].)|(?=[.\-/]?[A-Z]))")
_LETTERED_BEHIND = re.compile(r"(?:[.\-/ ]?[A-Z0-9]){0,32}(?![A-Za-z0-9])")
_LETTERED_AHEAD = re.compile(r"(?:[.\-/ ]?[A-Z0-9]){0,32}(?![A-Za-z0-9])")
_LEAST_LETTERED = 7
_LONG = re.compile(r"[A-Za-z0-9+/_\-]{16,}+")
_SHAPE = str.maketrans("123456789", "000000000")
_LETTERED_SHAPE = str.maketrans("123456789BCDEFGHIJKLMNOPQRSTUVWXYZ", "000000000AAAAAAAAAAAAAAAAAAAAAAAAA")
_REMEMBERED_LENGTH, _REMEMBERED_SHAPES = 64, 8192
_BLOB_DEPTH = 2
_LONGEST_KEY = 60

_Found: TypeAlias = tuple[int, int, float, "_Compiled"]


class _Compiled:
    """A rule ready to run; its expressions are compiled when they are first needed."""

    def __init__(self, definition: Definition, rule: Rule) -> None:
        self.entity_type = definition.entity_type
        self.name = definition.name
        self.score = rule.score
        self.check: Check | None = rule.check
        self.evidence: Evidence | None = rule.evidence if isinstance(rule, Digits | Lettered) else None
        self.least = rule.least if isinstance(rule, Digits) else 0
        self.needs = rule.needs if isinstance(rule, Pattern) else ()
        self.reach = rule.reach if isinstance(rule, Anchored) else 0
        self.whole = rule.whole if isinstance(rule, Keyed) else False
        self._after: str | re.Pattern[str] = _expression(rule)
        self._before: str | re.Pattern[str] = rule.before if isinstance(rule, Anchored) else ""

    @property
    def expression(self) -> re.Pattern[str]:
        if isinstance(self._after, str):
            self._after = re.compile(self._after)
        return self._after

    @property
    def before(self) -> re.Pattern[str] | None:
        if isinstance(self._before, str):
            if not self._before:
                return None
            self._before = re.compile(self._before)
        return self._before

    def hit(self, text: str, start: int, end: int) -> Hit | None:
        return (start, end, self.score) if self.check is None else self.check(text, start, end)


def _expression(rule: Rule) -> str:
    if isinstance(rule, Keyed):
        return rule.bare
    if isinstance(rule, Anchored):
        return rule.after
    if isinstance(rule, Digits | Lettered):
        return f"(?=({rule.expression}))"  # looking ahead keeps candidates that overlap
    return rule.expression


_Places: TypeAlias = tuple[tuple[int, int, _Compiled], ...]


class Work:
    """Counts candidates, so that no text can buy more than its share of time.

    Args:
        limit: how many candidates may be examined.
    """

    def __init__(self, limit: int) -> None:
        self._left = limit

    def spend(self, candidates: int) -> None:
        """Count some more.

        Raises:
            TextWithheld: the limit is passed.
        """
        self._left -= candidates
        if self._left < 0:
            raise TextWithheld("a text holds too many candidates to examine", reason="too-much-work")


class Scan:
    """All rules of some definitions, compiled. Stateless after construction, so threads may share it."""

    def __init__(self, definitions: Sequence[Definition]) -> None:
        self._anchored: dict[str, list[_Compiled]] = {}
        self._patterns: list[_Compiled] = []
        digits: list[_Compiled] = []
        lettered: list[_Compiled] = []
        self._long: list[_Compiled] = []
        keyed: list[tuple[Keyed, _Compiled]] = []
        for definition in definitions:
            for rule in definition.rules:
                compiled = _Compiled(definition, rule)
                if isinstance(rule, Keyed):
                    keyed.append((rule, compiled))
                elif isinstance(rule, Anchored):
                    for anchor in rule.anchors:
                        self._anchored.setdefault(anchor, []).append(compiled)
                elif isinstance(rule, Digits):
                    digits.append(compiled)
                elif isinstance(rule, Lettered):
                    lettered.append(compiled)
                elif isinstance(rule, Long):
                    self._long.append(compiled)
                else:
                    self._patterns.append(compiled)
        self._digits = _Shapes(digits, _SHAPE)
        self._lettered = _Shapes(lettered, _LETTERED_SHAPE)
        self._keys: KeyIndex[_Compiled] = KeyIndex(keyed)

    def minds(self, key: str) -> bool:
        """Whether anything under this key could be found because of the key."""
        return bool(self._keys.rules(key))

    def find(
        self, text: str, work: Work, *, key: str | None = None, opaque: Sequence[tuple[int, int]] = ()
    ) -> list[Span]:
        """Everything found in the views of a text, overlapping as it comes.

        `key` is what the whole text stands under, as in a JSON document; `opaque` are sorted, disjoint ranges that hold
        placeholders and are not looked into, though what is found may cover them. Spans count code points of `text`.

        Raises:
            TextWithheld: the work limit is passed.
        """
        return list(self._in_views(text, work, key, opaque, _BLOB_DEPTH))

    def _in_views(
        self, text: str, work: Work, key: str | None, opaque: Sequence[tuple[int, int]], depth: int
    ) -> Iterator[Span]:
        # Rules that look at the key in front of a value find it where they look.
        prefix = f'{_key_name(key)}="' if key else ""
        for view in views(text, opaque):
            for start, end, score, rule in self._in_text(prefix + view.text, len(prefix), key, work):
                if end > len(prefix):
                    place = view.to_input(max(0, start - len(prefix)), end - len(prefix))
                    yield Span(*place, rule.entity_type, score, rule.name)
            if depth:
                yield from self._in_blobs(view, work, depth)

    def _in_blobs(self, view: View, work: Work, depth: int) -> Iterator[Span]:
        for start, end, decoded in blobs(view.text):
            work.spend(1)
            for span in self._in_views(decoded, work, None, (), depth - 1):
                yield Span(*view.to_input(start, end), span.entity_type, span.score, span.rule)

    def _in_text(self, text: str, leaf_at: int, key: str | None, work: Work) -> list[_Found]:
        found: list[_Found] = []
        lower = _lower(text)
        work.spend(self._by_anchors(text, lower, found))
        work.spend(self._by_patterns(text, lower, found))
        work.spend(self._by_shapes(self._digits, _runs_of_digits(text), text, found))
        work.spend(self._by_shapes(self._lettered, _lettered_words(text), text, found))
        work.spend(self._by_long(text, found))
        work.spend(self._by_keys(text, found))
        if key:
            self._by_leaf(text, leaf_at, key, found)
        return found

    def _by_anchors(self, text: str, lower: str, found: list[_Found]) -> int:
        candidates = 0
        for anchor, rules in self._anchored.items():
            at = lower.find(anchor)
            while at >= 0:
                candidates += 1
                resume = at + 1
                for rule in rules:
                    hit = _around(rule, text, at)
                    if hit is not None:
                        found.append((*hit, rule))
                        resume = max(resume, hit[1])
                at = lower.find(anchor, resume)
        return candidates

    def _by_patterns(self, text: str, lower: str, found: list[_Found]) -> int:
        candidates = 0
        for rule in self._patterns:
            if rule.needs and not any(need in lower for need in rule.needs):
                continue
            search = rule.expression.search
            match = search(text)
            while match is not None:
                candidates += 1
                hit = rule.hit(text, *_value_span(match))
                if hit is not None:
                    found.append((*hit, rule))
                # After a refusal the next try starts inside it: a real one may begin there.
                match = search(text, match.start() + 1 if hit is None else max(hit[1], match.start() + 1))
        return candidates

    def _by_shapes(self, shapes: _Shapes, runs: Iterable[tuple[int, int]], text: str, found: list[_Found]) -> int:
        candidates = 0
        if not shapes:
            return 0
        for start, end in runs:
            places = shapes.places(text[start:end])
            if not places:
                continue
            candidates += 1 + len(places)
            around: dict[tuple[int, int], Surroundings] = {}
            for first, last, rule in places:
                least: float | None = None
                if rule.evidence is not None:
                    place = (start + first, start + last)
                    if place not in around:
                        around[place] = Surroundings(text, *place)
                    least = around[place].score(rule.evidence)
                    if not least:
                        continue
                hit = rule.hit(text, start + first, start + last)
                if hit is not None:
                    found.append((*hit[:2], hit[2] if least is None else min(least, hit[2]), rule))
        return candidates

    def _by_long(self, text: str, found: list[_Found]) -> int:
        if not self._long:
            return 0
        candidates = 0
        for word in _LONG.finditer(text):
            start, end = word.span()
            for rule in self._long:
                # The end that `search` is given hides what follows, as the start does not; both are the word's own.
                for match in rule.expression.finditer(text, start, end):
                    candidates += 1
                    hit = rule.hit(text, *_value_span(match))
                    if hit is not None:
                        found.append((*hit, rule))
        return candidates

    def _by_leaf(self, text: str, leaf_at: int, key: str, found: list[_Found]) -> None:
        """The whole text as a value in quotes under a key."""
        content = text[leaf_at:].strip()
        if content and content[0] != OPAQUE:
            start = text.index(content, leaf_at)
            for _, rule in self._keys.rules(key):
                hit = _under(rule, text, Value(start, start + len(content), True))
                if hit is not None:
                    found.append((*hit, rule))

    def _by_keys(self, text: str, found: list[_Found]) -> int:
        candidates = 0
        reader = Values(text)
        done: dict[int, int] = {}
        for pair in pairs(text):
            candidates += 1
            for keyed, rule in self._keys.rules(pair.key):
                # Inside a value that this rule took already there is nothing more for it to take.
                if pair.at < done.get(id(keyed), 0):
                    continue
                for value in reader.under(pair):
                    hit = _under(rule, text, value)
                    if hit is not None:
                        found.append((*hit, rule))
                        done[id(keyed)] = hit[1]
        return candidates


class _Shapes:
    """Rules about shapes, and where in a run of some shape they apply; remembered, for a log repeats few shapes."""

    def __init__(self, rules: Sequence[_Compiled], mask: dict[int, int]) -> None:
        self._rules = rules
        self._mask = mask
        self._known: dict[str, _Places] = {}

    def __bool__(self) -> bool:
        return bool(self._rules)

    def places(self, run: str) -> _Places:
        shape = run.translate(self._mask)
        places = self._known.get(shape)
        if places is None:
            places = tuple(
                (*match.span(1), rule)
                for rule in self._rules
                if len(shape) >= rule.least
                for match in rule.expression.finditer(shape)
            )
            if len(shape) <= _REMEMBERED_LENGTH and len(self._known) < _REMEMBERED_SHAPES:
                self._known[shape] = places
        return places


def _runs_of_digits(text: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in _DIGITS.finditer(text))


def _lettered_words(text: str) -> Iterator[tuple[int, int]]:
    done = 0
    match = _BESIDE_CAPITAL.search(text)
    while match is not None:
        at = match.start()
        behind = _LETTERED_BEHIND.match(text[max(done, at - 40) : at][::-1])
        ahead = _LETTERED_AHEAD.match(text, match.end())
        resume = match.end()
        if behind is not None and ahead is not None:
            start, done = at - behind.end(), ahead.end()
            resume = max(done, resume)
            if done - start >= _LEAST_LETTERED:
                yield start, done
        match = _BESIDE_CAPITAL.search(text, resume)


def _around(rule: _Compiled, text: str, at: int) -> Hit | None:
    match = rule.expression.match(text, at)
    if match is None:
        return None
    start, end = _value_span(match)
    if rule.before is not None:
        front = rule.before.match(text[max(0, at - rule.reach) : at][::-1])
        if front is None:
            return None
        start = at - front.end()
    return rule.hit(text, start, end)


def _under(rule: _Compiled, text: str, value: Value) -> Hit | None:
    if rule.whole and value.quoted:
        return rule.hit(text, value.start, value.end)
    match = rule.expression.match(text, value.start, value.end)
    return None if match is None else rule.hit(text, *_value_span(match))


def _key_name(key: str) -> str:
    """The key in a form that `key_values` reads back."""
    name = "_".join(key_words(key))[-_LONGEST_KEY:]
    return name if name[:1].isalpha() else f"k_{name}"


def _value_span(match: re.Match[str]) -> tuple[int, int]:
    return match.span("value") if "value" in match.re.groupindex else match.span()


def _lower(text: str) -> str:
    """Lower case without moving anything: a few capitals have two small letters."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(small if len(small := part.lower()) == 1 else part for part in text)
