"""The built-in scan: every rule of every definition over a text, each at its own place, overlaps kept.

There is no combined expression in which the first alternative eats what a later one would have found: rules run one by
one and what they find is united. Speed comes from where they look: fixed texts are searched for literally, digits are
gathered once for all rules about numbers, keys once for all rules about keys.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from operator import attrgetter
from typing import TypeAlias

from ..definition import Anchored, Definition, Digits, Hit, Keyed, Lettered, Long
from ..evidence.diagnosis import says_diagnosis
from ..structures.key_names import KeyIndex, key_words
from ..structures.key_values import Value, Values, pairs
from ..structures.pairs_found import Pair
from ..types import Span, TextWithheld
from ..views.encoded import blobs, letters, long_words
from ..views.normalise import OPAQUE, View, views
from .anchors import Anchors, literal_prefix
from .compiled import Compiled
from .outline import outline, windows
from .shapes import broken_shapes, digit_shapes, lettered_shapes

_BLOB_DEPTH = 2
_LONGEST_KEY = 60
_WORD = re.compile(r"[^\W\d_]+")

_Found: TypeAlias = tuple[int, int, float, Compiled]


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


def scan_of(definitions: tuple[Definition, ...]) -> Scan:
    """The scan of some definitions; the same ones share one, since making it takes longer than most commands."""
    try:
        return _shared_scan(definitions)
    except TypeError:  # a package's own rule may hold what has no hash
        return Scan(definitions)


@lru_cache(maxsize=8)
def _shared_scan(definitions: tuple[Definition, ...]) -> Scan:
    return Scan(definitions)


class Scan:
    """All rules of some definitions, compiled. Stateless after construction, so threads may share it."""

    def __init__(self, definitions: Sequence[Definition]) -> None:
        self._anchored: dict[str, list[Compiled]] = {}
        self._patterns: list[Compiled] = []
        digits: list[Compiled] = []
        broken: list[Compiled] = []
        lettered: list[Compiled] = []
        self._long: list[Compiled] = []
        keyed: list[tuple[Keyed, Compiled]] = []
        for definition in definitions:
            for rule in definition.rules:
                compiled = Compiled(definition, rule)
                if isinstance(rule, Keyed):
                    keyed.append((rule, compiled))
                elif isinstance(rule, Anchored):
                    for anchor in rule.anchors:
                        self._anchored.setdefault(anchor, []).append(compiled)
                elif isinstance(rule, Digits):
                    digits.append(compiled)
                    if "\\n" in rule.expression:
                        broken.append(compiled)
                elif isinstance(rule, Lettered):
                    lettered.append(compiled)
                elif isinstance(rule, Long):
                    self._long.append(compiled)
                else:
                    self._patterns.append(compiled)
        self._long.sort(key=attrgetter("least"))
        self._near = [rule for rule in self._patterns if rule.near]
        self._prefixed, self._free = _by_prefix([rule for rule in self._patterns if not rule.near])
        self._anchors = Anchors(tuple(dict.fromkeys((*self._anchored, *self._prefixed))))
        self._digits = digit_shapes(digits)
        self._broken = broken_shapes(broken)
        self._lettered = lettered_shapes(lettered)
        self._keys: KeyIndex[Compiled] = KeyIndex(keyed)

    def minds(self, key: str) -> bool:
        """Whether anything under this key could be found because of the key."""
        return bool(self._keys.rules(key))

    def speaks(self, text: str) -> bool:
        """Whether a text holds a word that says what a number behind it is, or a part of several that do."""
        words = [part for word in _WORD.findall(text) for part in key_words(word)]
        return any(
            shapes.vocabulary.may_begin(word)
            for shapes in (self._digits, self._broken, self._lettered)
            for word in words
        )

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
            lettered = letters(prefix + view.text)
            for start, end, score, rule in self._in_text(prefix + view.text, lettered, len(prefix), key, work):
                if end > len(prefix):
                    place = view.to_input(max(0, start - len(prefix)), end - len(prefix))
                    yield Span(*place, rule.entity_type, score, rule.name)
            if depth:
                yield from self._in_blobs(view, lettered[len(prefix) :], work, depth)

    def _in_blobs(self, view: View, lettered: bytes, work: Work, depth: int) -> Iterator[Span]:
        for start, end, decoded in blobs(view.text, lettered):
            work.spend(1)
            for span in self._in_views(decoded, work, None, (), depth - 1):
                yield Span(*view.to_input(start, end), span.entity_type, span.score, span.rule)

    def _in_text(self, text: str, lettered: bytes, leaf_at: int, key: str | None, work: Work) -> list[_Found]:
        found: list[_Found] = []
        lower = _lower(text)
        outlined = outline(text)
        possible = self._anchors.possible(lower)
        candidates = self._by_anchors(text, lower, possible, found)
        candidates += self._by_patterns(text, lower, possible, found)
        candidates += self._by_outline(text, outlined, found)
        under = list(pairs(text, self._keys.is_idle))
        cells = {pair.at: pair for pair in under if pair.end >= 0}
        before = len(found)
        candidates += self._digits.find(text, outlined, cells, found)
        candidates += self._broken.find(text, outlined, cells, found)
        candidates += self._lettered.find(text, outlined, cells, found)
        if cells and len(found) > before:
            found[before:] = _outside_cells(cells.values(), found[before:])
        candidates += self._by_long(text, lettered, found)
        candidates += self._by_keys(text, under, found)
        work.spend(candidates)
        if key:
            self._by_leaf(text, leaf_at, key, found)
        return found

    def _by_anchors(self, text: str, lower: str, possible: Sequence[str], found: list[_Found]) -> int:
        candidates = 0
        for anchor in possible:
            rules = self._anchored.get(anchor)
            if rules is None:
                continue
            at = lower.find(anchor)
            while at >= 0:
                candidates += 1
                resume = at + 1
                for rule in rules:
                    for hit in _around(rule, text, at):
                        found.append((*hit, rule))
                        resume = max(resume, hit[1])
                at = lower.find(anchor, resume)
        return candidates

    def _by_patterns(self, text: str, lower: str, possible: Sequence[str], found: list[_Found]) -> int:
        candidates = 0
        prefixed = self._prefixed
        begun = [rule for prefix in possible if prefix in prefixed and prefix in lower for rule in prefixed[prefix]]
        for rule in (*self._free, *begun):
            if not rule.needs or any(need in lower for need in rule.needs):
                candidates += _search(rule, text, 0, len(text), found)[0]
        return candidates

    def _by_outline(self, text: str, outlined: bytes, found: list[_Found]) -> int:
        """Patterns that say what stands near every match."""
        candidates = 0
        is_sifted = text.isascii()
        for rule in self._near:
            done = 0
            if is_sifted:
                is_wanted = partial(rule.may_begin, text) if rule.may_begin is not None else None
                stretches = windows(outlined, rule.near, *rule.window, is_wanted)
            else:
                stretches = [(0, len(text))]
            for first, last in stretches:
                tried, done = _search(rule, text, max(first, done), last, found)
                candidates += tried
        return candidates

    def _by_long(self, text: str, lettered: bytes, found: list[_Found]) -> int:
        if not self._long:
            return 0
        candidates = 0
        for start, end in long_words(lettered):
            for rule in self._long:
                if end - start < rule.least:
                    break
                if not rule.pattern:
                    candidates += 1
                    hit = rule.hit(text, start, end)
                    if hit is not None:
                        found.append((*hit, rule))
                    continue
                # The end that `search` is given hides what follows, as the start does not; both are the word's own.
                for match in rule.expression.finditer(text, start, end):
                    candidates += 1
                    hit = rule.hit(text, *match.span(rule.group))
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

    def _by_keys(self, text: str, under: Sequence[Pair], found: list[_Found]) -> int:
        candidates = 0
        reader = Values(text)
        done: dict[int, int] = {}
        for pair in under:
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


def _outside_cells(cells: Iterable[Pair], found: list[_Found]) -> list[_Found]:
    """What was found by its shape, without that in columns of tables whose names say that it is the diagnosis."""
    ids = sorted((cell.at, cell.end) for cell in cells if says_diagnosis(key_words(cell.key)))
    if not ids:
        return found
    starts = [at for at, _ in ids]

    def is_id(hit: _Found) -> bool:
        place = bisect_right(starts, hit[0]) - 1
        return place >= 0 and hit[1] <= ids[place][1]

    return [hit for hit in found if not is_id(hit)]


def _by_prefix(patterns: Sequence[Compiled]) -> tuple[dict[str, list[Compiled]], list[Compiled]]:
    """Patterns by the fixed text that they begin with, where it is long enough to be sifted by, and the others."""
    prefixed: dict[str, list[Compiled]] = {}
    free: list[Compiled] = []
    for rule in patterns:
        prefix = literal_prefix(rule.pattern)
        if prefix:
            prefixed.setdefault(prefix, []).append(rule)
        else:
            free.append(rule)
    return prefixed, free


def _search(rule: Compiled, text: str, at: int, end: int, found: list[_Found]) -> tuple[int, int]:
    """Try a pattern between two places; how many candidates there were, and the place from which on to go on."""
    candidates = 0
    search = rule.expression.search
    match = search(text, at, end)
    while match is not None:
        candidates += 1
        hit = rule.hit(text, *match.span(rule.group))
        if hit is not None:
            found.append((*hit, rule))
        # After a refusal the next try starts inside it: a real one may begin there.
        at = match.start() + 1 if hit is None else max(hit[1], match.start() + 1)
        match = search(text, at, end)
    return candidates, at


def _around(rule: Compiled, text: str, at: int) -> Sequence[Hit]:
    match = rule.expression.match(text, at)
    if match is None:
        return ()
    start, end = match.span(rule.group)
    if rule.before is not None:
        front = rule.before.match(text[max(0, at - rule.reach) : at][::-1])
        if front is None:
            return ()
        start = at - front.end()
    if rule.several is not None:
        return rule.several(text, start, end)
    hit = rule.hit(text, start, end)
    return () if hit is None else (hit,)


def _under(rule: Compiled, text: str, value: Value) -> Hit | None:
    if rule.whole and value.quoted:
        return rule.hit(text, value.start, value.end)
    match = rule.expression.match(text, value.start, value.end)
    return None if match is None else rule.hit(text, *match.span(rule.group))


def _key_name(key: str) -> str:
    """The key in a form that `key_values` reads back."""
    name = "_".join(key_words(key))[-_LONGEST_KEY:]
    return name if name[:1].isalpha() else f"k_{name}"


def _lower(text: str) -> str:
    """Lower case without moving anything: a few capitals have two small letters."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(small if len(small := part.lower()) == 1 else part for part in text)
