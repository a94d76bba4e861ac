"""The built-in scan: every rule of every definition over a text, each at its own place, overlaps kept.

There is no combined expression in which the first alternative eats what a later one would have found: rules run one by
one and what they find is united. Speed comes from where they look: fixed texts are searched for literally, digits are
gathered once for all rules about numbers, keys once for all rules about keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

from .definition import Anchored, Check, Definition, Digits, Hit, Keyed, Pattern
from .encoded import blobs
from .key_names import KeyIndex, key_words
from .key_values import Value, Values, pairs
from .normalise import OPAQUE, View, views
from .types import Span, TextWithheld

_LEAST_DIGITS = 9
# Digits with at most one separator between two of them.
_DIGITS = re.compile(rf"[0-9](?:(?:\r?\n|[ \t.\-/_])?[0-9]){{{_LEAST_DIGITS - 1},}}+")
_SHAPE = str.maketrans("123456789", "000000000")
_REMEMBERED_LENGTH, _REMEMBERED_SHAPES = 64, 8192
_BLOB_DEPTH = 2
_LONGEST_KEY = 60

_Found: TypeAlias = tuple[int, int, float, str]


class _Compiled(NamedTuple):
    entity_type: str
    score: float
    check: Check | None
    expression: re.Pattern[str]
    before: re.Pattern[str] | None = None
    reach: int = 0
    least: int = 0
    needs: tuple[str, ...] = ()
    whole: bool = False

    def hit(self, text: str, start: int, end: int) -> Hit | None:
        return (start, end, self.score) if self.check is None else self.check(text, start, end)


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
        self._digits: list[_Compiled] = []
        keyed: list[tuple[Keyed, _Compiled]] = []
        for definition in definitions:
            for rule in definition.rules:
                if isinstance(rule, Keyed):
                    keyed.append((rule, _compiled(definition, rule)))
                elif isinstance(rule, Anchored):
                    for anchor in rule.anchors:
                        self._anchored.setdefault(anchor, []).append(_compiled(definition, rule))
                elif isinstance(rule, Digits):
                    self._digits.append(_compiled(definition, rule))
                else:
                    self._patterns.append(_compiled(definition, rule))
        self._shapes: dict[str, _Places] = {}
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
            for start, end, score, entity_type in self._in_text(prefix + view.text, len(prefix), key, work):
                if end > len(prefix):
                    yield _span(view, max(0, start - len(prefix)), end - len(prefix), entity_type, score)
            if depth:
                yield from self._in_blobs(view, work, depth)

    def _in_blobs(self, view: View, work: Work, depth: int) -> Iterator[Span]:
        for start, end, decoded in blobs(view.text):
            work.spend(1)
            for span in self._in_views(decoded, work, None, (), depth - 1):
                yield _span(view, start, end, span.entity_type, span.score)

    def _in_text(self, text: str, leaf_at: int, key: str | None, work: Work) -> list[_Found]:
        found: list[_Found] = []
        lower = _lower(text)
        work.spend(self._by_anchors(text, lower, found))
        work.spend(self._by_patterns(text, lower, found))
        work.spend(self._by_digits(text, found))
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
                        found.append((*hit, rule.entity_type))
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
                    found.append((*hit, rule.entity_type))
                # After a refusal the next try starts inside it: a real one may begin there.
                match = search(text, match.start() + 1 if hit is None else max(hit[1], match.start() + 1))
        return candidates

    def _by_digits(self, text: str, found: list[_Found]) -> int:
        candidates = 0
        for run in _DIGITS.finditer(text):
            shape = run.group().translate(_SHAPE)
            places = self._shapes.get(shape)
            if places is None:
                places = self._places(shape)
            start = run.start()
            candidates += 1 + len(places)
            for first, last, rule in places:
                hit = rule.hit(text, start + first, start + last)
                if hit is not None:
                    found.append((*hit, rule.entity_type))
        return candidates

    def _places(self, shape: str) -> _Places:
        """Where in digits of a shape the rules apply; remembered, for a log repeats few shapes."""
        places = tuple(
            (*match.span(1), rule)
            for rule in self._digits
            if len(shape) >= rule.least
            for match in rule.expression.finditer(shape)
        )
        if len(shape) <= _REMEMBERED_LENGTH and len(self._shapes) < _REMEMBERED_SHAPES:
            self._shapes[shape] = places
        return places

    def _by_leaf(self, text: str, leaf_at: int, key: str, found: list[_Found]) -> None:
        """The whole text as a value in quotes under a key."""
        content = text[leaf_at:].strip()
        if content and content[0] != OPAQUE:
            start = text.index(content, leaf_at)
            for _, rule in self._keys.rules(key):
                hit = _under(rule, text, Value(start, start + len(content), True))
                if hit is not None:
                    found.append((*hit, rule.entity_type))

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
                        found.append((*hit, rule.entity_type))
                        done[id(keyed)] = hit[1]
        return candidates


def _compiled(definition: Definition, rule: Pattern | Anchored | Digits | Keyed) -> _Compiled:
    if isinstance(rule, Keyed):
        expression = re.compile(rule.bare)
        return _Compiled(definition.entity_type, rule.score, rule.check, expression, whole=rule.whole)
    if isinstance(rule, Anchored):
        before = re.compile(rule.before) if rule.before else None
        # An anchor is found whatever its case; what follows is spelled by the expression.
        expression = re.compile(rule.after)
        return _Compiled(definition.entity_type, rule.score, rule.check, expression, before, rule.reach)
    if isinstance(rule, Digits):
        # Looking ahead keeps candidates that overlap.
        expression = re.compile(f"(?=({rule.expression}))")
        return _Compiled(definition.entity_type, rule.score, rule.check, expression, least=rule.least)
    return _Compiled(definition.entity_type, rule.score, rule.check, re.compile(rule.expression), needs=rule.needs)


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


def _span(view: View, start: int, end: int, entity_type: str, score: float) -> Span:
    return Span(*view.to_input(start, end), entity_type, score)


def _lower(text: str) -> str:
    """Lower case without moving anything: a few capitals have two small letters."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(small if len(small := part.lower()) == 1 else part for part in text)
