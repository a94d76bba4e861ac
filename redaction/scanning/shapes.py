"""Where in a text rules about shapes of digits and capitals may apply, found once for all of them.

Runs of digits, and words of capitals and digits, are gathered in one pass each. What matters of a run is its shape: its
stretch of the outline, in which every digit is a 0 and every capital an A. A log repeats few shapes, so the places of
the rules in a shape are remembered.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..definition import Several
from ..evidence.surroundings import (
    LEAST_ONE_IN,
    ONE_DIGIT,
    RARE,
    SAID,
    UNDER_SOME_KEY,
    NearWords,
    Surroundings,
    Vocabulary,
    is_part,
)
from ..structures.pairs_found import Pair
from .compiled import Compiled
from .outline import places, runs_of_figures
from .widths import longest

_LEAST_DIGITS = 7
_SEPARATORS = b" \t.-/_"
_LONG = 4_096
"""From here on runs are gathered with numpy."""
# Digits with at most one separator between two of them. One leading class lets the search skip to it.
_DIGITS = re.compile(rf"[0-9](?:[ \t.\-/_]?[0-9]){{{_LEAST_DIGITS - 1},}}+")
# Four digits or more on both sides of a line break, and what hangs on them.
_BROKEN, _BROKEN_AT = b"0000\n0000", 4
_BROKEN_BEHIND = re.compile(r"[0-9](?:[ \t.\-/_]?[0-9]){0,23}")
# A capital beside a digit, and where in the sign it is; and the word of capitals and digits around it, with at most one
# separator between two.
_BESIDE_DIGIT = (
    *((sign, 0) for sign in (b"A0", b"A.0", b"A-0", b"A/0", b"A 0")),
    *((sign, len(sign) - 1) for sign in (b"0A", b"0.A", b"0-A", b"0/A")),
)
_BESIDE_IN_SHORT = re.compile(rb"A(?:(?=[.\-/ ]?0)|(?<=0.)|(?<=0[.\-/].))", re.DOTALL)
_LETTERED_BEHIND = re.compile(r"(?:[.\-/ ]?[A-Z0-9]){0,32}(?![A-Za-z0-9])")
_LETTERED_AHEAD = re.compile(r"(?:[.\-/ ]?[A-Z0-9]){0,32}(?![A-Za-z0-9])")
_LEAST_LETTERED = 7
_REMEMBERED_LENGTH, _REMEMBERED_SHAPES = 64, 1024
# Of longer runs stretches are remembered: so many characters from the first figure of a group on, and a few before it.
_STRETCH, _BEHIND, _REMEMBERED_STRETCHES = 96, 4, 4_096
_GROUP = re.compile("(?<!0)0")
_LOOKS_BEHIND = re.compile(r"\(\?<[!=](?:\[[^\]]*\]){1,3}\)")

_Found: TypeAlias = tuple[int, int, float, Compiled]


@dataclass(frozen=True, slots=True)
class _Place:
    """A stretch of a shape, and the rules that may find something there.

    Args:
        plain: rules whose shape tells enough.
        begun: those whose hits begin with certain digits, and these.
        several: those that may find more than one thing.
        judged: rules that want evidence.
        open: those of `judged` that may do without a word under some key.
        checked: those of `open` for which any key will do that names no diagnosis.
        rare: those of `checked` that may do without a key.
        weight: how many candidates it counts as.
    """

    first: int
    last: int
    plain: tuple[Compiled, ...]
    begun: tuple[tuple[str, Compiled], ...]
    several: tuple[tuple[Several, Compiled], ...]
    judged: tuple[Compiled, ...]
    open: tuple[Compiled, ...]
    checked: tuple[Compiled, ...]
    rare: tuple[Compiled, ...]
    weight: int

    def look(self, text: str, start: int, near: NearWords, found: list[_Found]) -> None:
        """Add what is found when the run begins at `start`."""
        at, end = start + self.first, start + self.last
        for rule in self.plain:
            hit = rule.hit(text, at, end)
            if hit is not None:
                found.append((*hit, rule))
        for begins, rule in self.begun:
            if text.startswith(begins, at):
                hit = rule.hit(text, at, end)
                if hit is not None:
                    found.append((*hit, rule))
        for read, rule in self.several:
            found += ((*hit, rule) for hit in read(text, at, end))
        if self.judged:
            may_say = near.may_say(at)
            if may_say or (self.open and not is_part(text, at, end) and not near.is_silenced(at)):
                self._judge(text, at, end, Surroundings(text, at, end, near, may_say), found)

    def _judge(self, text: str, at: int, end: int, around: Surroundings, found: list[_Found]) -> None:
        said = around.phrases
        for rule in self.judged if said else self._unsaid(around):
            evidence = rule.evidence
            if evidence is None:
                continue
            most = SAID if said and not said.isdisjoint(evidence.words) else around.unsaid(evidence)
            hit = rule.hit(text, at, end) if most else None
            if hit is not None:
                found.append((hit[0], hit[1], min(most, hit[2]), rule))

    def _unsaid(self, around: Surroundings) -> tuple[Compiled, ...]:
        """The rules that may do without a word here."""
        if not self.open or not (self.rare or around.has_key):
            return ()
        rules = self.open
        if around.is_time():
            rules = tuple(rule for rule in rules if rule.evidence and rule.evidence.even_times)
            if not rules:
                return ()
        score = around.rare_score()
        if score > UNDER_SOME_KEY:
            return rules if around.is_under_no_word() else tuple(rule for rule in rules if rule in self.checked)
        return tuple(rule for rule in rules if rule in self.rare) if score else ()


class Shapes:
    """Rules about one kind of shape.

    Args:
        rules: about digits, or about capitals and digits.
        runs: finds the runs of a text that has this outline.
    """

    def __init__(self, rules: Sequence[Compiled], runs: Callable[[str, bytes], Iterable[tuple[int, int]]]) -> None:
        self._rules = rules
        self._runs = runs
        # Many rules ask for the same shape, which is looked for once.
        self._by_expression: dict[str, list[Compiled]] = {}
        for rule in rules:
            self._by_expression.setdefault(rule.pattern, []).append(rule)
        self._order = {rule: place for place, rule in enumerate(rules)}
        self._near = [each for each in self._by_expression.values() if _is_near(each[0].pattern)]
        self._wide = [each for each in self._by_expression.values() if not _is_near(each[0].pattern)]
        self._seen: dict[str, tuple[tuple[int, list[Compiled]], ...]] = {}
        self._known: dict[bytes, tuple[_Place, ...]] = {}
        self.vocabulary = Vocabulary(rule.evidence for rule in rules if rule.evidence)

    def find(self, text: str, outlined: bytes, cells: Mapping[int, Pair], found: list[_Found]) -> int:
        """Add what is found; how many candidates were looked at.

        Args:
            text: a view.
            outlined: its outline.
            cells: values whose keys stand elsewhere, by the place where they begin.
            found: added to.
        """
        if not self._rules:
            return 0
        candidates = 0
        near = NearWords(text, cells, self.vocabulary)
        for start, end in self._runs(text, outlined):
            shape = outlined[start:end]
            fitting = self._known.get(shape)
            if fitting is None:
                fitting = self._fitting(shape)
            for place in fitting:
                candidates += place.weight
                place.look(text, start, near, found)
        return candidates

    def _fitting(self, shape: bytes) -> tuple[_Place, ...]:
        """The places of a shape that is met for the first time."""
        fitting = tuple(self._new_places(shape.decode("ascii")))
        if len(shape) <= _REMEMBERED_LENGTH and len(self._known) < _REMEMBERED_SHAPES:
            self._known[shape] = fitting
        return fitting

    def _new_places(self, shape: str) -> Iterator[_Place]:
        by_place: dict[tuple[int, int], list[Compiled]] = {}
        is_long = len(shape) > _REMEMBERED_LENGTH
        if is_long:
            self._by_stretches(shape, by_place)
        for rules in self._wide if is_long else self._by_expression.values():
            wanted = [rule for rule in rules if len(shape) >= rule.least]
            for match in wanted[0].expression.finditer(shape) if wanted else ():
                by_place.setdefault(match.span(1), []).extend(wanted)
        for (first, last), unsorted in by_place.items():
            rules = sorted(unsorted, key=self._order.__getitem__)
            plain = [rule for rule in rules if rule.evidence is None and rule.several is None]
            judged = tuple(rule for rule in rules if rule.evidence is not None)
            yield _Place(
                first,
                last,
                plain=tuple(rule for rule in plain if not rule.begins),
                begun=tuple((rule.begins, rule) for rule in plain if rule.begins),
                several=tuple((rule.several, rule) for rule in rules if rule.several is not None),
                judged=judged,
                open=tuple(rule for rule in judged if rule.evidence and rule.evidence.one_in >= ONE_DIGIT),
                checked=tuple(rule for rule in judged if rule.evidence and rule.evidence.one_in >= LEAST_ONE_IN),
                rare=tuple(rule for rule in judged if rule.evidence and rule.evidence.one_in >= RARE),
                weight=1 + len(rules),
            )

    def _by_stretches(self, shape: str, by_place: dict[tuple[int, int], list[Compiled]]) -> None:
        """The places of rules that see no further than a stretch; in a long run most stretches come again."""
        for begins in _GROUP.finditer(shape):
            at = begins.start()
            first = max(0, at - _BEHIND)
            stretch = shape[first : at + _STRETCH]
            seen = self._seen.get(stretch) if at - first == _BEHIND else None
            if seen is None:
                seen = tuple(self._in_stretch(stretch, at - first))
                if len(self._seen) < _REMEMBERED_STRETCHES and at - first == _BEHIND:
                    self._seen[stretch] = seen
            for length, rules in seen:
                by_place.setdefault((at, at + length), []).extend(rule for rule in rules if len(shape) >= rule.least)

    def _in_stretch(self, stretch: str, at: int) -> Iterator[tuple[int, list[Compiled]]]:
        for rules in self._near:
            match = rules[0].expression.match(stretch, at)
            if match is not None:
                yield match.end(1) - at, rules


def _is_near(pattern: str) -> bool:
    """Whether all it can match begins where a run of figures does, and ends within a stretch with what it looks at."""
    if not pattern.startswith("(?=((?<![0-9])") or len(_LOOKS_BEHIND.findall(pattern)) != pattern.count("(?<"):
        return False
    width = longest(pattern)
    return width is not None and width <= _STRETCH


def digit_shapes(rules: Sequence[Compiled]) -> Shapes:
    """Rules about runs of digits."""
    return Shapes(rules, _runs_of_digits)


def broken_shapes(rules: Sequence[Compiled]) -> Shapes:
    """Rules about digits that a line break parts."""
    return Shapes(rules, _runs_over_lines)


def lettered_shapes(rules: Sequence[Compiled]) -> Shapes:
    """Rules about words of capitals and digits."""
    return Shapes(rules, _lettered_words)


def _runs_of_digits(text: str, outlined: bytes) -> Iterable[tuple[int, int]]:
    if len(text) >= _LONG:
        return runs_of_figures(outlined, _SEPARATORS, _LEAST_DIGITS)
    return (match.span() for match in _DIGITS.finditer(text))


def _runs_over_lines(text: str, outlined: bytes) -> Iterator[tuple[int, int]]:
    for place in places(outlined, _BROKEN):
        at = place + _BROKEN_AT
        behind = _BROKEN_BEHIND.match(text[max(0, at - 48) : at][::-1])
        ahead = _BROKEN_BEHIND.match(text, at + 1)
        if behind is not None and ahead is not None:
            end = ahead.end()
            # Several lines may be parts of one number.
            while (more := _BROKEN_BEHIND.match(text, end + 1)) and text[end] == "\n" and end - at < 48:
                end = more.end()
            yield at - behind.end(), end


def _beside_digits(outlined: bytes) -> Iterable[int]:
    """Where capitals beside a digit stand, sorted."""
    if len(outlined) < _LONG:
        return (match.start() for match in _BESIDE_IN_SHORT.finditer(outlined))
    return sorted({place + by for sign, by in _BESIDE_DIGIT for place in places(outlined, sign)})


def _lettered_words(text: str, outlined: bytes) -> Iterator[tuple[int, int]]:
    done = resume = 0
    for at in _beside_digits(outlined):
        if at < resume:
            continue
        behind = _LETTERED_BEHIND.match(text[max(done, at - 40) : at][::-1])
        ahead = _LETTERED_AHEAD.match(text, at + 1)
        if behind is not None and ahead is not None:
            start, done = at - behind.end(), ahead.end()
            resume = done
            if done - start >= _LEAST_LETTERED:
                yield start, done
