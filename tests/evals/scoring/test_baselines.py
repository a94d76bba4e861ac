"""Baselines on tiny snapshots, where the right answer can be worked out by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from opswarden.core.clock import FixedClock
from opswarden.evals.cases import Case, Truth
from opswarden.evals.scoring.baselines import (
    BASELINES,
    Baseline,
    alert,
    baro,
    constant,
    constant_hindsight,
    nsigma,
    recent_change,
)
from opswarden.evals.scoring.chance import expected_hit
from opswarden.evals.scoring.view import CaseView
from opswarden.tools.snapshots.store import SnapshotStore

Blame = Callable[..., Truth]
ViewOf = Callable[..., CaseView]

BY_NAME: dict[str, Baseline] = {baseline.name: baseline for baseline in BASELINES}


@pytest.fixture
def view_of() -> Iterator[ViewOf]:
    """`view_of(case, group_peers, set_peers)` opens the snapshot and closes it after the test."""
    opened: list[SnapshotStore] = []

    def view(case: Case, group_peers: tuple[Truth, ...] = (), set_peers: tuple[Truth, ...] = ()) -> CaseView:
        store = SnapshotStore(case.snapshot)
        opened.append(store)
        clock = FixedClock(datetime.fromisoformat("2031-05-06T12:00:00+00:00"))
        return CaseView(case.truth(), group_peers, set_peers or group_peers, store, clock)

    yield view
    for store in opened:
        store.close()


@pytest.mark.parametrize(("candidates", "wanted"), [(1, 1), (4, 1), (5, 2), (6, 3), (3, 0)])
@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_the_expected_hit_is_that_of_all_orders(candidates: int, wanted: int, k: int) -> None:
    orders = list(permutations(range(candidates)))
    hits = sum(any(name < wanted for name in order[:k]) for order in orders)
    assert expected_hit(candidates, wanted, k) == pytest.approx(float(Fraction(hits, len(orders))))


def test_guessing_among_nothing_hits_nothing() -> None:
    assert expected_hit(0, 0, 1) == 0.0


def test_random_draws_from_what_the_snapshot_holds(
    tmp_path: Path, write_case: Callable[..., Case], series: Any, blame: Blame, view_of: ViewOf
) -> None:
    case = write_case(
        tmp_path / "case-0001",
        blame("oven", indicator="heat", change="c-1"),
        [series("oven", "heat", [1, 2], [1, 2]), series("oven", "load", [1, 2], [1, 2])],
        changes=[(-5, "till", "c-1"), (-9, "till", "c-2")],
        topology=[("till", "mixer")],
    )
    view = view_of(case)
    assert view.entities == {"oven", "till", "mixer"}
    measured = BY_NAME["random"].measure(view)
    assert not measured.is_silent
    assert measured.values == pytest.approx(
        {
            "top1": 1 / 3,
            "top3": 1.0,
            "avg5": (1 / 3 + 2 / 3 + 3) / 5,
            "verdict_found": 1 / 3,
            "indicator_top1": 1 / 2,
            "change_top1": 1 / 2,
            "change_top3": 1.0,
        }
    )


def test_random_never_hits_a_name_that_is_not_there(
    tmp_path: Path, write_case: Callable[..., Case], series: Any, blame: Blame, view_of: ViewOf
) -> None:
    case = write_case(tmp_path / "case-0001", blame("ghost"), [series("oven", "heat", [1, 2], [1, 2])])
    assert BY_NAME["random"].measure(view_of(case)).values["top3"] == 0.0


def test_constant_says_what_the_others_are_and_never_looks_at_the_case(
    tmp_path: Path, write_case: Callable[..., Case], series: Any, blame: Blame, view_of: ViewOf
) -> None:
    case = write_case(tmp_path / "case-0001", blame("oven"), [series("oven", "heat", [1, 2], [1, 2])])
    group = (blame("till", change="c-1"), blame("till", change="c-2"), blame("mixer", change="c-2"))
    view = view_of(case, group, (*group, blame("oven"), blame("oven"), blame("oven")))
    said = constant(view)
    assert said.entities == ("till", "mixer", "oven")  # the sub-set first, the rest of the data set after it
    assert said.changes == ("c-2", "c-1")
    assert said.verdict == "cause_found"
    assert BY_NAME["constant"].measure(view).values["top1"] == 0.0


def test_constant_has_nothing_to_say_without_others(
    tmp_path: Path, write_case: Callable[..., Case], series: Any, blame: Blame, view_of: ViewOf
) -> None:
    case = write_case(tmp_path / "case-0001", blame("oven"), [series("oven", "heat", [1, 2], [1, 2])])
    assert BY_NAME["constant"].measure(view_of(case)).is_silent


def test_hindsight_counts_the_case_itself(
    tmp_path: Path, write_case: Callable[..., Case], series: Any, blame: Blame, view_of: ViewOf
) -> None:
    case = write_case(tmp_path / "case-0001", blame("oven"), [series("oven", "heat", [1, 2], [1, 2])])
    others = (blame("till"), blame("till"), blame("oven"), blame("oven"))
    assert constant(view_of(case, others)).entities == ("oven", "till")  # equally frequent: by name
    assert constant_hindsight(view_of(case, (blame("till"), blame("oven")))).entities[0] == "oven"
    assert constant_hindsight(view_of(case, (blame("till"), blame("till")))).entities[0] == "till"


def test_alert_and_recent_change_read_one_line(
    tmp_path: Path, write_case: Callable[..., Case], series: Any, blame: Blame, view_of: ViewOf
) -> None:
    case = write_case(
        tmp_path / "case-0001",
        blame("oven"),
        [series("oven", "heat", [1, 2], [1, 2, 3])],
        alert_entity="door",
        changes=[(-30, "oven", "c-1"), (-3, "mixer", "c-2"), (2, "till", "c-after-the-alert")],
    )
    view = view_of(case)
    assert alert(view).entities == ("door",)
    said = recent_change(view)
    assert (said.entities, said.changes) == (("mixer", "oven"), ("c-2", "c-1"))


def test_alert_is_silent_without_an_alert(
    tmp_path: Path, write_case: Callable[..., Case], series: Any, blame: Blame, view_of: ViewOf
) -> None:
    case = write_case(tmp_path / "case-0001", blame("oven"), [series("oven", "heat", [1, 2], [1, 2])])
    measured = BY_NAME["alert"].measure(view_of(case))
    assert measured.is_silent
    assert measured.values["top1"] == 0.0


def test_nsigma_takes_the_largest_deviation_either_way(
    tmp_path: Path, write_case: Callable[..., Case], series: Any, blame: Blame, view_of: ViewOf
) -> None:
    case = write_case(
        tmp_path / "case-0001",
        blame("oven"),
        [
            series("mixer", "load", [8, 12, 8, 12], [10, 16]),  # z = 6 / 2 = 3
            series("oven", "heat", [98, 102, 98, 102], [100, 90]),  # z = |-10| / 2 = 5: a fall counts too
            series("till", "queue", [5, 5, 5, 5], [500, 500]),  # no spread, no z
        ],
    )
    said = nsigma(view_of(case))
    assert said.indicators == (("oven", "heat"), ("mixer", "load"))
    assert said.entities == ("oven", "mixer")
    assert said.changes is None
    assert said.verdict is None


def test_counters_are_compared_as_rates(
    tmp_path: Path, write_case: Callable[..., Case], series: Any, blame: Blame, view_of: ViewOf
) -> None:
    totals = np.cumsum([60, 120] * 10)
    steady = [float(totals[-1] + step) for step in np.cumsum([60, 120, 60, 120])]
    case = write_case(
        tmp_path / "case-0001",
        blame("oven"),
        [
            series("mixer", "turns_total", list(totals), steady, kind="counter"),
            series("oven", "heat", [9, 11] * 10, [10, 11.5, 10, 11.5]),
        ],
    )
    assert nsigma(view_of(case)).entities == ("oven", "mixer")


def test_baro_is_signed_robust_and_drops_constants(
    tmp_path: Path, write_case: Callable[..., Case], series: Any, blame: Blame, view_of: ViewOf
) -> None:
    case = write_case(
        tmp_path / "case-0001",
        blame("oven"),
        [
            series("oven", "heat", [8, 9, 10, 11, 12], [10, 16]),  # (16 - 10) / 2 = 3
            series("mixer", "load", [8, 9, 10, 11, 12], [10, -90]),  # signed: the largest is 0
            series("till", "queue", [5, 5, 5, 5, 5], [5, 900]),  # constant before
            series("door", "width", [1, 2, 3, 4, 5], [900, 900]),  # constant during
            series("fan", "speed", [0, 4, 4, 4, 9], [4, 5]),  # no interquartile range: a scale of 1, so 1
        ],
    )
    assert baro(view_of(case)).indicators == (("oven", "heat"), ("fan", "speed"), ("mixer", "load"))


@pytest.mark.parametrize(("unit", "first"), [("bytes", "oven"), ("pages", "mixer")])
def test_baro_takes_memory_in_megabytes(
    unit: str,
    first: str,
    tmp_path: Path,
    write_case: Callable[..., Case],
    series: Any,
    blame: Blame,
    view_of: ViewOf,
) -> None:
    flat = [1e6, 2e6, 2e6, 2e6, 3e6]  # no interquartile range, so the unit decides
    case = write_case(
        tmp_path / "case-0001",
        blame("oven"),
        [
            series("mixer", "memory_used", flat, [2e6, 4e6], unit=unit),
            series("oven", "heat", [8, 9, 10, 11, 12], [10, 16]),
        ],
    )
    assert baro(view_of(case)).entities[0] == first


def test_ties_and_labels_do_not_depend_on_the_order_of_rows(
    tmp_path: Path, write_case: Callable[..., Case], series: Any, blame: Blame, view_of: ViewOf
) -> None:
    rows = [series(name, "heat", [8, 12, 8, 12], [10, 16], labels={"shelf": name}) for name in ("c", "a", "b")]
    one = view_of(write_case(tmp_path / "case-0001", blame("a"), rows))
    other = view_of(write_case(tmp_path / "case-0002", blame("a"), rows[::-1]))
    assert nsigma(one).entities == nsigma(other).entities == ("a", "b", "c")


def test_a_snapshot_without_metrics_has_no_ranking_and_is_no_error(
    tmp_path: Path, write_case: Callable[..., Case], blame: Blame, view_of: ViewOf
) -> None:
    case = write_case(tmp_path / "case-0001", blame("oven"), topology=[("till", "oven")])
    for name in ("nsigma", "baro"):
        measured = BY_NAME[name].measure(view_of(case))
        assert measured.is_silent
        assert measured.values["top1"] == 0.0
