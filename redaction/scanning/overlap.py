"""From everything that was found to spans that do not overlap and lose nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ..types import Span


def united(spans: Iterable[Span], is_restorable: Callable[[str], bool]) -> tuple[Span, ...]:
    """Spans that overlap become one that covers them all.

    It takes the entity type of the strongest: one that may not be restored before one that may, then the higher score,
    then the longer, then the earlier.
    """
    found: list[Span] = []
    group: list[Span] = []
    end = -1
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if group and span.start >= end:
            found.append(_one(group, end, is_restorable))
            group = []
        end = max(end, span.end) if group else span.end
        group.append(span)
    if group:
        found.append(_one(group, end, is_restorable))
    return tuple(found)


def _one(group: list[Span], end: int, is_restorable: Callable[[str], bool]) -> Span:
    if len(group) == 1:
        return group[0]
    strongest = max(
        group,
        key=lambda span: (
            not is_restorable(span.entity_type),
            span.score,
            span.end - span.start,
            -span.start,
            # The rest decides nothing but that the order of the recognizers does not matter.
            span.entity_type,
            span.rule,
        ),
    )
    return Span(group[0].start, end, strongest.entity_type, strongest.score, strongest.rule)


def outside(spans: Sequence[Span], ranges: Sequence[tuple[int, int]], text: str) -> tuple[Span, ...]:
    """What is left of spans outside of ranges; both sorted and disjoint. Leftovers of mere punctuation are dropped."""
    if not ranges:
        return tuple(spans)
    kept: list[Span] = []
    first = 0
    for span in spans:
        while first < len(ranges) and ranges[first][1] <= span.start:
            first += 1
        at, place = span.start, first
        while place < len(ranges) and ranges[place][0] < span.end:
            kept.append(replace(span, start=at, end=ranges[place][0]))
            at = max(at, ranges[place][1])
            place += 1
        kept.append(replace(span, start=at))
    return tuple(span for span in kept if span.start < span.end and any(map(str.isalnum, text[span.start : span.end])))
