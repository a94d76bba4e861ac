"""A score is a rank until the installation's own incidents say what it is worth; then that stands beside it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from opswarden.agents.triage.types import HowOftenRight, TriageReport
from opswarden.apps.people.senders import ReportFormat
from opswarden.apps.reports.render import render

Make = Callable[..., TriageReport]
KNOWN = HowOftenRight(right=31, of=40, low=0.62, high=0.88)


@pytest.mark.parametrize("style", ["terminal", "markdown", "html"])
def test_a_rank_until_it_is_known(make_report: Make, style: ReportFormat) -> None:
    text = " ".join(render(make_report(), style, width=120).split())
    assert "rank 1" in text
    assert "rank 2" in text
    assert "41.2 %" not in text
    assert "such a score" not in text


@pytest.mark.parametrize("style", ["terminal", "markdown", "html"])
def test_how_often_it_was_right_stands_beside_it(make_report: Make, style: ReportFormat) -> None:
    text = " ".join(render(make_report(reliability=KNOWN), style, width=400).split())
    assert "rank 1" not in text
    assert "41.2 %" in text
    assert "right in 31 of 40 labelled incidents of this installation" in text
    assert text.count("such a score") == 1
