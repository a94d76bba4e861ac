"""Redaction without a run: finding, scrubbing, and handing out redactors that are bound to a run."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core.errors import ConfigError
from .definition import Definition, casefolded, is_entity_type
from .memo import Memo
from .overlap import outside, united
from .placeholders import marker, marker_pattern
from .recognizers.built_in import BUILT_IN
from .scan import Scan, Work
from .types import Span, TextWithheld
from .windows import WINDOW, Source, pieces

if TYPE_CHECKING:
    from .presidio import Foreign, PresidioRecognizer
    from .run import RunRedactor
    from .vault import Vault

Passes = Callable[[Span], bool]
"""Whether something found may stay as it is."""

# What is found is hidden and what is around it looked at again, until nothing more comes: hiding one value can show
# the next, when they are glued to each other.
_ROUNDS = 16
# Code points; no rule looks further beyond its match than this.
_REACH = 256


class Redaction:
    """Finds personal data and secrets. Shared by all runs and threads; keeps no text that it sees.

    Args:
        recognizers: further ones, each a `Definition` or a Presidio `EntityRecognizer` that needs no NLP artifacts.
        size_limit_bytes: longer texts are withheld.
        candidate_limit: texts with more places to examine are withheld; a bound on time that does not need a clock.
        foreign_threshold: what Presidio recognizers find below this score is dropped; theirs is the scale.

    Raises:
        ConfigError: an entity type cannot stand in a placeholder, or is declared both restorable and not.
    """

    def __init__(
        self,
        recognizers: Sequence[Definition | PresidioRecognizer] = (),
        *,
        size_limit_bytes: int = 8 * 1024 * 1024,
        candidate_limit: int = 10_000_000,
        foreign_threshold: float = 0.35,
    ) -> None:
        own = [recognizer for recognizer in recognizers if isinstance(recognizer, Definition)]
        others = [recognizer for recognizer in recognizers if not isinstance(recognizer, Definition)]
        self.definitions: tuple[Definition, ...] = (*BUILT_IN, *own)
        self._size_limit_bytes = size_limit_bytes
        self._whole = min(WINDOW, size_limit_bytes // 2)
        self._candidate_limit = candidate_limit
        self._scan = Scan(self.definitions)
        self._memo = Memo()
        self._by_type = _by_type(self.definitions)
        self._foreign: tuple[Foreign, ...] = ()
        if others:
            from .presidio import foreign  # noqa: PLC0415 - Presidio takes seconds to import

            self._foreign = tuple(foreign(recognizer, foreign_threshold) for recognizer in others)
        entity_types = {*self._by_type, *(name for each in self._foreign for name in each.entity_types)}
        _check_names(entity_types)
        self._markers: re.Pattern[str] = marker_pattern(entity_types)

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
        return _marked(text, 0, self.find(text, key=key, opaque=self._marks(text)))

    def scrub_stream(self, blocks: Iterable[str]) -> Iterator[tuple[str, tuple[Span, ...]]]:
        """`scrub` for a text of any length that arrives in blocks, at constant memory.

        Yields:
            The next stretch, scrubbed, and the spans that were replaced in it, in code points of the whole input.

        Raises:
            TextWithheld: a stretch could not be examined to the end; what came before it is clean.
        """

        def find(_start: int, stretch: str) -> tuple[Span, ...]:
            _check_unicode(stretch)
            return self._find(stretch, 0, None, self._marks(stretch), None)

        for piece in pieces(Source(blocks, self._size_limit_bytes), find):
            yield _marked(piece.text, piece.start, piece.spans), piece.spans

    def _marks(self, text: str) -> list[tuple[int, int]]:
        """Placeholders and markers that a text holds already."""
        return [match.span() for match in self._markers.finditer(text)] if "<" in text else []

    def for_run(self, run_id: str, *, vault: Vault, known_names: Iterable[str] = ()) -> RunRedactor:
        """A redactor whose placeholders are stable within one run; for `known_names` see `Redactor.learn_names`."""
        from .run import RunRedactor  # noqa: PLC0415 - it imports this module

        return RunRedactor(self, run_id, vault=vault, known_names=known_names)

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

        def find(start: int, stretch: str) -> tuple[Span, ...]:
            return self._find(stretch, start, None, _within(opaque, start, start + len(stretch)), passes)

        whole = Source([text], self._size_limit_bytes)
        return tuple(span for piece in pieces(whole, find) for span in piece.spans)

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
                spans = _moved(self._once(text[start:end], key, _within(hidden, start, end), work), start)
                if passes is not None:
                    spans = [span for span in spans if not passes(*_moved([span], offset))]
                fresh += united(spans, self.is_restorable)
            fresh = list(outside(fresh, hidden, text))
            if not fresh:
                return found
            found = tuple(sorted((*found, *fresh), key=lambda span: span.start))
            hidden = tuple(sorted((*hidden, *((span.start, span.end) for span in fresh))))
            if key is None:
                stretches = _around(text, fresh)
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
        spans = self._scan.find(text, work, key=key, opaque=hidden)
        for recognizer in self._foreign:
            spans += recognizer.find(text, opaque=hidden)
        return spans

    def _check_size(self, text: str) -> None:
        if len(text) > self._size_limit_bytes or _check_unicode(text) > self._size_limit_bytes:
            raise TextWithheld(
                f"a text is over the redaction limit of {self._size_limit_bytes} bytes",
                reason="too-large",
                remedy="split it, or raise the limit",
            )


def _check_unicode(text: str) -> int:
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


def _marked(text: str, offset: int, spans: Iterable[Span]) -> str:
    """A stretch with markers in place of the spans, which count in the whole."""
    parts: list[str] = []
    done = 0
    for span in spans:
        parts += (text[done : span.start - offset], marker(span.entity_type))
        done = span.end - offset
    return "".join((*parts, text[done:]))


def _moved(spans: Iterable[Span], by: int) -> list[Span]:
    return [replace(span, start=span.start + by, end=span.end + by) for span in spans] if by else list(spans)


def _within(ranges: Sequence[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Ranges inside of [start, end), counted from its start and cut at its ends."""
    first = bisect_left(ranges, (start, start))
    if first and ranges[first - 1][1] > start:
        first -= 1
    last = bisect_left(ranges, (end, end), first)
    return [(max(at, start) - start, min(to, end) - start) for at, to in ranges[first:last]]


def _around(text: str, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Stretches of whole lines in which hiding the spans can have changed what is found."""
    stretches: list[tuple[int, int]] = []
    for span in spans:
        reach = min(len(text), span.end + _REACH)
        if stretches and reach <= stretches[-1][1]:
            continue  # also keeps a long line from being searched for its ends again and again
        start = text.rfind("\n", 0, max(0, span.start - _REACH)) + 1
        end = text.find("\n", reach)
        end = end if end >= 0 else len(text)
        if stretches and start <= stretches[-1][1] + 1:
            stretches[-1] = (stretches[-1][0], max(end, stretches[-1][1]))
        else:
            stretches.append((start, end))
    return stretches


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
