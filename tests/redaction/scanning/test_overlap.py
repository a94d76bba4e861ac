"""Uniting what was found."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from opswarden.redaction.scanning.overlap import outside, united
from opswarden.redaction.types import Span

RESTORABLE = {"A", "B"}


def _united(*spans: Span) -> tuple[Span, ...]:
    return united(spans, lambda entity_type: entity_type in RESTORABLE)


def test_overlapping_spans_become_one_of_the_strongest_type() -> None:
    assert _united(Span(0, 5, "A", 0.5), Span(3, 9, "B", 0.9)) == (Span(0, 9, "B", 0.9),)


def test_what_may_not_be_restored_wins_over_any_score() -> None:
    assert _united(Span(0, 9, "A", 1.0), Span(2, 4, "SECRET", 0.4)) == (Span(0, 9, "SECRET", 0.4),)


def test_touching_spans_stay_apart() -> None:
    assert _united(Span(3, 6, "B", 0.5), Span(0, 3, "A", 0.5)) == (Span(0, 3, "A", 0.5), Span(3, 6, "B", 0.5))


def test_ranges_are_cut_out_and_bare_punctuation_is_dropped() -> None:
    text = "ab<XX>cd <YY>."
    spans = (Span(0, 14, "A", 0.5),)
    assert outside(spans, [(2, 6), (9, 13)], text) == (Span(0, 2, "A", 0.5), Span(6, 9, "A", 0.5))


_SPANS = st.lists(
    st.builds(
        lambda start, length, name: Span(start, start + length, name, 0.5),
        st.integers(0, 40),
        st.integers(1, 12),
        st.sampled_from(["A", "B", "SECRET"]),
    )
)


@given(_SPANS)
def test_nothing_is_lost_and_nothing_overlaps(spans: list[Span]) -> None:
    result = _united(*spans)
    covered = {place for span in spans for place in range(span.start, span.end)}
    assert covered == {place for span in result for place in range(span.start, span.end)}
    assert all(first.end <= second.start for first, second in pairwise(result))
