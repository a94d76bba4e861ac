"""Suites that make their own cases: as many good ones as there are kinds of trouble, in turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..suite import CaseScore

Progress = Callable[[int, int], None]


def in_turn(kinds: Sequence[str], count: int, limit: int | None, *, good: int | None = None) -> list[tuple[str, int]]:
    """Kinds with the number of their case; good ones have an empty kind.

    Args:
        kinds: of trouble.
        count: of cases of each.
        limit: at most so many.
        good: good ones for each round; as many as there are kinds if absent.
    """
    around = (*kinds, *[""] * (len(kinds) if good is None else good))
    return [(kind, number) for number in range(min(count, limit or count)) for kind in around]


def scored(
    wanted: Sequence[tuple[str, int]],
    score: Callable[[int, str, int], CaseScore],
    progress: Progress | None,
) -> list[CaseScore]:
    """Score each: by its place, its kind and its number."""
    found: list[CaseScore] = []
    for place, (kind, number) in enumerate(wanted):
        found.append(score(place, kind, number))
        if progress is not None:
            progress(place + 1, len(wanted))
    return found
