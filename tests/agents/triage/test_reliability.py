"""A curve only from enough incidents of one's own, with intervals, and for every score."""

from __future__ import annotations

import pytest

from opswarden.agents.triage.reliability import MIN_LABELLED, reliability


def test_no_curve_before_fifty_labelled_incidents() -> None:
    assert reliability([]) is None
    assert reliability([(0.5, True)] * (MIN_LABELLED - 1)) is None
    assert reliability([(0.5, True)] * MIN_LABELLED) is not None


def test_the_curve_tells_high_scores_from_low_ones() -> None:
    curve = reliability([(place / 100, place >= 50) for place in range(100)])
    assert curve is not None
    assert sum(one.incidents for one in curve.bins) == 100
    assert curve.at(0.9).right.low > curve.at(0.1).right.high
    assert curve.at(-1) == curve.bins[0]
    assert curve.at(7) == curve.bins[-1]


@pytest.mark.parametrize("count", [50, 57, 59, 60, 999])
def test_every_incident_lies_in_one_bin(count: int) -> None:
    curve = reliability([(place * 0.01, place % 3 == 0) for place in range(count)])
    assert curve is not None
    assert sum(one.incidents for one in curve.bins) == count
    assert all(one.low <= one.high for one in curve.bins)
    assert min(one.incidents for one in curve.bins) >= 9
