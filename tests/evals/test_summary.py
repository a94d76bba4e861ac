"""Figures, their intervals, and the rows a table shows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from opswarden.core.errors import InputError
from opswarden.evals.registry import SUITES, suite_named
from opswarden.evals.scoring.intervals import wilson
from opswarden.evals.scoring.rca import SUITE
from opswarden.evals.suite import CaseScore
from opswarden.evals.summary import estimate, summarise
from opswarden.evals.table import baseline_names, error_rows, estimate_text, score_rows


def score(number: int, set_name: str, group: str, top1: float | None, *, silent: bool = False) -> CaseScore:
    return CaseScore(
        id=f"case-{number:04d}",
        set_name=set_name,
        group=group,
        metrics={} if top1 is None else {"top1": top1},
        baseline={} if top1 is None else {"alert": {"top1": 0.0}, "random": {"top1": 0.25}},
        silent=("alert",) if silent else (),
        error="BackendError: broke" if top1 is None else None,
    )


ESTIMATES = [
    ("zeros and ones have Wilson's interval", "proportion", [1.0, 0.0, 1.0, 1.0], True),
    ("values that are all the same are no certainty", "mean", [0.25] * 40, True),
    ("few values are no certainty either", "mean", [0.2, 0.4, 0.6], True),
    ("many different values are resampled", "mean", [place / 40 for place in range(40)], False),
    ("so are proportions that are expected values", "proportion", [0.2, 0.4] * 20, False),
]


@pytest.mark.parametrize(("kind", "values", "is_wilson"), [row[1:] for row in ESTIMATES], ids=[r[0] for r in ESTIMATES])
def test_which_interval(kind: str, values: Sequence[float], is_wilson: bool) -> None:
    found = estimate(kind, values, seed=1)
    assert found.value == pytest.approx(sum(values) / len(values))
    assert found.n == len(values)
    assert found.low <= found.value <= found.high
    assert ((found.low, found.high) == pytest.approx(wilson(sum(values), len(values)))) is is_wilson


def test_no_value_is_no_zero() -> None:
    with pytest.raises(ValueError, match="no value"):
        estimate("mean", [], seed=1)


def test_rows_show_sets_sub_sets_and_the_whole() -> None:
    result = summarise(
        SUITE,
        [
            score(1, "bakery", "bakery/hot", 1.0, silent=True),
            score(2, "bakery", "bakery/cold", 0.0, silent=True),
            score(3, "kiosk", "kiosk", 1.0),
            score(4, "kiosk", "kiosk", None),
            score(5, "stall", "stall", None),
        ],
        seed=0,
    )
    rows = score_rows(SUITE, result)
    assert [(row.part, row.depth, row.n, row.errors) for row in rows] == [
        ("bakery", 1, 2, 0),
        ("bakery: cold", 2, 1, 0),
        ("bakery: hot", 2, 1, 0),
        ("kiosk", 1, 1, 1),
        ("stall", 1, 0, 1),  # everything broke: shown, without a figure
        ("all", 0, 3, 2),
    ]
    assert baseline_names(result) == ("alert", "random")
    by_part = {row.part: row for row in rows}
    assert by_part["bakery"].baselines["alert"] is None  # it never had anything to say there
    assert by_part["kiosk"].baselines["alert"] is not None
    assert by_part["stall"].ours is None
    assert [row.part for row in score_rows(SUITE, result, with_sub_sets=False)] == ["bakery", "kiosk", "stall", "all"]
    assert error_rows(result) == (("case-0004", "BackendError: broke"), ("case-0005", "BackendError: broke"))


def test_one_set_needs_no_line_for_the_whole() -> None:
    result = summarise(SUITE, [score(1, "bakery", "bakery", 1.0)], seed=0)
    assert [row.part for row in score_rows(SUITE, result)] == ["bakery"]


def test_estimate_text() -> None:
    assert estimate_text(estimate("proportion", [1.0, 0.0] * 5, seed=0)) == "0.50 [0.24, 0.76]"
    assert estimate_text(None) == "–"


def test_suites_by_name() -> None:
    assert suite_named("rca") is SUITES["rca"]
    with pytest.raises(InputError, match="no such suite") as caught:
        suite_named("rcaa")
    assert "did you mean rca?" in caught.value.remedy
