"""Stretches of a text: cutting ranges to them, moving spans between them and the whole, marking what was found."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace

from .placeholders import marker
from .types import Span, TextWithheld

# Code points; no rule looks further beyond its match than this.
_REACH = 256


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


def marked(text: str, offset: int, spans: Iterable[Span]) -> str:
    """A stretch with markers in place of the spans, which count in the whole."""
    parts: list[str] = []
    done = 0
    for span in spans:
        parts += (text[done : span.start - offset], marker(span.entity_type))
        done = span.end - offset
    return "".join((*parts, text[done:]))


def moved(spans: Iterable[Span], by: int) -> list[Span]:
    return [replace(span, start=span.start + by, end=span.end + by) for span in spans] if by else list(spans)


def within(ranges: Sequence[tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Ranges inside of [start, end), counted from its start and cut at its ends."""
    first = bisect_left(ranges, (start, start))
    if first and ranges[first - 1][1] > start:
        first -= 1
    last = bisect_left(ranges, (end, end), first)
    return [(max(at, start) - start, min(to, end) - start) for at, to in ranges[first:last]]


def around(text: str, spans: Sequence[Span]) -> list[tuple[int, int]]:
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
