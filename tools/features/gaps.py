"""Intervals that were materialized, and what lies between them."""

from __future__ import annotations

from collections.abc import Sequence

Interval = tuple[int, int]
"""`[start, end)` in microseconds."""


def gaps(intervals: Sequence[Interval], start: int, end: int) -> list[Interval]:
    """What of `[start, end)` no interval covers, in order."""
    found: list[Interval] = []
    at = start
    for begin, until in sorted(intervals):
        if begin >= end:
            break
        if begin > at:
            found.append((at, begin))
        at = max(at, until)
    if at < end:
        found.append((at, end))
    return found
