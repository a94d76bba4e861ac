"""Redaction without a run: finding, scrubbing, and handing out redactors that are bound to a run."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from types import MappingProxyType
from typing import TYPE_CHECKING

from ..core.errors import ConfigError
from .definition import Definition, casefolded, is_entity_type
from .evidence.weak_checks import believed
from .foreign import Foreign
from .placeholders import marker_pattern
from .profile import OPTIONAL, PAYMENTS, Circumstance, Narrowing, Profile
from .recognizers.built_in import built_in
from .scanning.memo import Memo
from .scanning.overlap import outside, united
from .scanning.scan import Work, scan_of
from .scanning.stretches import around, brings_near, is_settled, marked, moved, utf8_length, within
from .scanning.windows import WINDOW, Source, pieces
from .types import Span, TextWithheld

if TYPE_CHECKING:
    from .join_tokens import JoinTokens
    from .presidio import PresidioRecognizer
    from .run import RunRedactor
    from .vault import Vault

Passes = Callable[[Span], bool]
"""Whether something found may stay as it is."""

# What is found is hidden and what is around it looked at again, until nothing more comes: hiding one value can show
# the next, when they are glued to each other.
_ROUNDS = 16


class Redaction:
    """Finds personal data and secrets. Shared by all runs and threads; keeps no text that it sees.

    Args:
        recognizers: further ones, each a `Definition`, a `Foreign`, or a Presidio `EntityRecognizer` that needs no NLP
            artifacts.
        profile: which of what is found is taken out.
        narrowings: what goes beyond the profile, by circumstance.
        size_limit_bytes: longer texts are withheld.
        candidate_limit: texts with more places to examine are withheld; a bound on time that does not need a clock.
        foreign_threshold: what Presidio recognizers find below this score is dropped; theirs is the scale.

    Raises:
        ConfigError: an entity type cannot stand in a placeholder, is declared both restorable and not, is unknown to
            the profile's rules, or would pass although it never may.
    """

    def __init__(
        self,
        recognizers: Sequence[Definition | Foreign | PresidioRecognizer] = (),
        *,
        profile: Profile = PAYMENTS,
        narrowings: Mapping[Circumstance, Narrowing] = MappingProxyType({}),
        size_limit_bytes: int = 8 * 1024 * 1024,
        candidate_limit: int = 10_000_000,
        foreign_threshold: float = 0.35,
    ) -> None:
        self._recognizers = recognizers
        self._profile = profile
        self._narrowings = narrowings
        self._narrower: dict[frozenset[str], Redaction] = {}
        self._size_limit_bytes = size_limit_bytes
        self._whole = min(WINDOW, size_limit_bytes // 2)
        self._candidate_limit = candidate_limit
        self._foreign_threshold = foreign_threshold
        own = [recognizer for recognizer in recognizers if isinstance(recognizer, Definition)]
        self._foreign = _foreign(recognizers, foreign_threshold)
        everything = (*built_in(profile.internal_networks), *own)
        self._by_type = _by_type(everything)
        entity_types = {*self._by_type, *(name for each in self._foreign for name in each.entity_types)}
        _check_names(entity_types)
        self._check_rules(entity_types)
        self.entity_types = frozenset(entity_types)
        wanted = (
            each for each in everything if each.entity_type not in profile.passes and profile.looks_in(each.country)
        )
        self.definitions: tuple[Definition, ...] = tuple(
            believed(each) if profile.believes_weak_checks else each for each in wanted
        )
        self._scan = scan_of(self.definitions)
        self._memo = Memo()
        self._markers: re.Pattern[str] = marker_pattern(entity_types)

    def under(self, circumstances: Iterable[Circumstance]) -> Redaction:
        """The redaction that some eyes need; itself where no rule asks for more."""
        masks = {name for each in circumstances if each in self._narrowings for name in self._narrowings[each].masks}
        wanted = frozenset(masks) & self._profile.passes
        if not wanted:
            return self
        if wanted not in self._narrower:
            self._narrower[wanted] = Redaction(
                self._recognizers,
                profile=self._profile.narrowed(wanted),
                narrowings=self._narrowings,
                size_limit_bytes=self._size_limit_bytes,
                candidate_limit=self._candidate_limit,
                foreign_threshold=self._foreign_threshold,
            )
        return self._narrower[wanted]

    def minds_eyes(self, circumstances: Iterable[Circumstance]) -> bool:
        """Whether there is a rule for one of the circumstances."""
        return any(each in self._narrowings for each in circumstances)

    def is_numbered(self, circumstances: Iterable[Circumstance]) -> bool:
        """Whether placeholders keep their numbers before some eyes."""
        return all(self._narrowings[each].numbered for each in circumstances if each in self._narrowings)

    def is_joined(self, circumstances: Iterable[Circumstance]) -> bool:
        """Whether join tokens stand in the places of placeholders before some eyes."""
        return any(self._narrowings[each].joined for each in circumstances if each in self._narrowings)

    def _check_rules(self, entity_types: set[str]) -> None:
        kept = {name for name in self._profile.passes if name in self._by_type and not self.is_restorable(name)}
        if kept:
            raise ConfigError(
                f"entity type {min(kept)!r} may never pass",
                remedy="take it out of `redaction.leave`: secrets, card numbers and authentication data always go",
            )
        named = {*self._profile.passes, *(name for each in self._narrowings.values() for name in each.masks)}
        self._check_known(named, entity_types)
        self._check_countries()

    def check_types(self, named: Iterable[str]) -> None:
        """Refuse a name of an entity type that nothing finds.

        Raises:
            ConfigError: there is one.
        """
        self._check_known(named, self.entity_types)

    def _check_countries(self) -> None:
        known = {each.country for each in self._by_type.values() if each.country}
        unknown = sorted(self._profile.countries - known)
        if unknown:
            raise ConfigError(
                f"no identifiers of a country {unknown[0]!r} are known",
                remedy="did you mean 'GB'?"
                if unknown[0] == "UK"
                else "take it out; docs/identifiers.md lists them all",
            )

    @staticmethod
    def _check_known(named: Iterable[str], entity_types: Collection[str]) -> None:
        unknown = sorted(frozenset(named) - frozenset(entity_types) - OPTIONAL)
        if unknown:
            near = get_close_matches(unknown[0], sorted(entity_types), n=1)
            raise ConfigError(
                f"the rules of redaction name an entity type {unknown[0]!r} that nothing finds",
                remedy=f"did you mean {near[0]!r}?" if near else "docs/redaction.md lists the entity types",
            )

    def analyze(self, text: str, *, key: str | None = None) -> tuple[Span, ...]:
        """Where a text holds personal data or secrets: sorted spans without overlap.

        `key` is what the text stands under, when it is a value from a JSON document or a table.

        Raises:
            TextWithheld: the text could not be examined to the end.
        """
        return self.find(text, key=key)

    def scrub(self, text: str, *, key: str | None = None) -> str:
        """The text with markers such as `<EMAIL_ADDRESS>` in place of what was found; for logs, errors and telemetry.

        Placeholders and markers that are there already stay. Scrubbing twice changes nothing.

        Raises:
            TextWithheld: the text could not be examined to the end.
        """
        return marked(text, 0, self.find(text, key=key, opaque=self._marks(text)))

    def scrub_stream(self, blocks: Iterable[str]) -> Iterator[tuple[str, tuple[Span, ...]]]:
        """`scrub` for a text of any length that arrives in blocks, at constant memory.

        Yields:
            The next stretch, scrubbed, and the spans that were replaced in it, in code points of the whole input.

        Raises:
            TextWithheld: a stretch could not be examined to the end; what came before it is clean.
        """

        def find(_start: int, header: str, stretch: str) -> tuple[Span, ...]:
            utf8_length(stretch)
            return self._find_below(header, stretch, 0, self._marks(stretch), None)

        for piece in pieces(Source(blocks, self._size_limit_bytes), find):
            yield marked(piece.text, piece.start, piece.spans), piece.spans

    def _marks(self, text: str) -> list[tuple[int, int]]:
        """Placeholders and markers that a text holds already."""
        return [match.span() for match in self._markers.finditer(text)] if "<" in text else []

    def for_run(
        self, run_id: str, *, vault: Vault, known_names: Iterable[str] = (), joins: JoinTokens | None = None
    ) -> RunRedactor:
        """A redactor whose placeholders are stable within one run.

        For `known_names` see `Redactor.learn_names`; `joins` makes the tokens where a rule asks for them.
        """
        from .run import RunRedactor  # noqa: PLC0415 - it imports this module

        return RunRedactor(self, run_id, vault=vault, known_names=known_names, joins=joins)

    def is_restorable(self, entity_type: str) -> bool:
        """Whether values of a type may enter the vault."""
        definition = self._by_type.get(entity_type)
        return definition is None or definition.restorable

    def identity(self, entity_type: str, value: str) -> str:
        """What two values of a type share when they are the same to people: case, spaces, separators left out."""
        definition = self._by_type.get(entity_type)
        return (definition.identity if definition else casefolded)(value) or value

    def minds(self, key: str) -> bool:
        """Whether a value may be found because of this key alone."""
        return self._scan.minds(key)

    def find(
        self,
        text: str,
        *,
        key: str | None = None,
        opaque: Sequence[tuple[int, int]] = (),
        passes: Passes | None = None,
    ) -> tuple[Span, ...]:
        """`analyze`, leaving out ranges that hold placeholders (sorted, disjoint) and what `passes` lets through.

        Raises:
            TextWithheld: the text could not be examined to the end.
        """
        self._check_size(text)
        if len(text) <= self._whole or key is not None:
            return self._find(text, 0, key, opaque, passes)

        def find(start: int, header: str, stretch: str) -> tuple[Span, ...]:
            return self._find_below(header, stretch, start, within(opaque, start, start + len(stretch)), passes)

        whole = Source([text], self._size_limit_bytes)
        return tuple(span for piece in pieces(whole, find) for span in piece.spans)

    def _find_below(
        self, header: str, text: str, offset: int, opaque: Sequence[tuple[int, int]], passes: Passes | None
    ) -> tuple[Span, ...]:
        """`_find` in a stretch of a table whose header stands far above."""
        above = len(header)
        hidden = [(start + above, end + above) for start, end in opaque] if above else opaque
        found = self._find(header + text, offset - above, None, hidden, passes)
        if not above:
            return found
        return tuple(replace(each, start=max(0, each.start)) for each in moved(found, -above) if each.end > 0)

    def _find(
        self,
        text: str,
        offset: int,
        key: str | None,
        opaque: Sequence[tuple[int, int]],
        passes: Passes | None,
    ) -> tuple[Span, ...]:
        """What is found in a stretch of a text that begins at an offset of it; `passes` sees places in the whole."""
        work = Work(self._candidate_limit)
        found: tuple[Span, ...] = ()
        hidden = tuple(opaque)
        stretches = [(0, len(text))]
        for _ in range(_ROUNDS):
            fresh: list[Span] = []
            for start, end in stretches:
                spans = moved(self._once(text[start:end], key, within(hidden, start, end), work), start)
                if passes is not None:
                    spans = [span for span in spans if not passes(*moved([span], offset))]
                fresh += united(spans, self.is_restorable)
            fresh = list(outside(fresh, hidden, text))
            if not fresh:
                return found
            found = tuple(sorted((*found, *fresh), key=lambda span: span.start))
            hidden = tuple(sorted((*hidden, *((span.start, span.end) for span in fresh))))
            if key is None:
                # Words for a card belong to the nearest number; when it is hidden, to the next.
                unsettled = [
                    (each, is_settled_here)
                    for each in fresh
                    if not (is_settled_here := self.is_restorable(each.entity_type) and is_settled(text, each))
                    or brings_near(text, each, found, self._scan.speaks)
                ]
                stretches = around(text, unsettled)
                if not stretches:
                    return found
        raise TextWithheld("a text does not come clean after several rounds", reason="unstable")

    def _once(self, text: str, key: str | None, hidden: Sequence[tuple[int, int]], work: Work) -> Sequence[Span]:
        try:
            spans = self._memo.spans(text, key, hidden, lambda: self._scanned(text, key, hidden, work))
        except TextWithheld:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a recognizer does, the text must not pass
            # Not chained: the error may quote the text.
            raise TextWithheld(
                f"a recognizer failed with {type(error).__name__}; the text is withheld",
                reason="recognizer-failed",
                remedy="run the recognizers on the text with `opswarden redact --explain`",
            ) from None
        if any(not 0 <= span.start < span.end <= len(text) for span in spans):
            raise TextWithheld("a recognizer gave offsets outside the text", reason="recognizer-failed")
        return spans

    def _scanned(self, text: str, key: str | None, hidden: Sequence[tuple[int, int]], work: Work) -> list[Span]:
        found = self._scan.find(text, work, key=key, opaque=hidden)
        spans = [span for span in found if span.score >= self._profile.least_score]
        for recognizer in self._foreign:
            spans += (
                span for span in recognizer.find(text, opaque=hidden) if span.entity_type not in self._profile.passes
            )
        return spans

    def _check_size(self, text: str) -> None:
        if len(text) > self._size_limit_bytes or utf8_length(text) > self._size_limit_bytes:
            raise TextWithheld(
                f"a text is over the redaction limit of {self._size_limit_bytes} bytes",
                reason="too-large",
                remedy="split it, or raise the limit",
            )


def _foreign(recognizers: Sequence[Definition | Foreign | PresidioRecognizer], threshold: float) -> tuple[Foreign, ...]:
    others = [each for each in recognizers if not isinstance(each, Definition)]
    if all(isinstance(each, Foreign) for each in others):
        return tuple(each for each in others if isinstance(each, Foreign))
    from .presidio import foreign  # noqa: PLC0415 - Presidio takes seconds to import

    return tuple(each if isinstance(each, Foreign) else foreign(each, threshold) for each in others)


def _by_type(definitions: Iterable[Definition]) -> dict[str, Definition]:
    found: dict[str, Definition] = {}
    for definition in definitions:
        first = found.setdefault(definition.entity_type, definition)
        if first.restorable != definition.restorable:
            raise ConfigError(
                f"entity type {definition.entity_type!r} is declared both restorable and not",
                remedy="give the recognizer the same `restorable` as the others of its type",
            )
    return found


def _check_names(entity_types: Iterable[str]) -> None:
    for name in entity_types:
        if not is_entity_type(name):
            raise ConfigError(
                f"entity type {name!r} cannot stand in a placeholder",
                remedy="use capitals, digits and underscores, without a number as the last word",
            )
