"""What is found in a folder: imported cases, raw sets, several of both, and what cannot be used."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.errors import InputError
from opswarden.evals.cases import Case, Truth, find_cases
from opswarden.evals.suites.data import resolve_cases

MakeSet = Callable[..., None]


@pytest.fixture
def labelled(write_case: Callable[..., Case], series: Any, blame: Callable[..., Truth]) -> MakeSet:
    """`labelled(folder, 2)`: a set of that many labelled cases."""

    def make(folder: Path, count: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, count + 1):
            write_case(folder / f"case-{number:04d}", blame("oven"), [series("oven", "heat", [1, 2], [1, 2])])

    return make


@pytest.fixture
def raw() -> MakeSet:
    """`raw(folder, 2, damaged=1)`: a raw set of recordings before and after a fault."""

    def make(folder: Path, count: int, *, damaged: int = 0) -> None:
        for number in range(count + damaged):
            run = folder / "oven-heat" / str(number + 1)
            run.mkdir(parents=True)
            for place, name in enumerate(("normal.csv", "anomalous.csv")):
                rows = [["time", "oven_heat", "till_queue"]]
                if number < count:
                    rows += [[str(1_900_000_000 + 100 * place + second), "20.5", "3"] for second in range(20)]
                with (run / name).open("w", encoding="utf-8", newline="") as file:
                    csv.writer(file).writerows(rows)

    return make


def test_imported_cases(tmp_path: Path, labelled: MakeSet) -> None:
    labelled(tmp_path / "data", 2)
    cases, text = resolve_cases(tmp_path / "data", tmp_path / "work")
    assert [(case.id, case.set_name, case.problem) for case in cases] == [
        ("case-0001", "data", ""),
        ("case-0002", "data", ""),
    ]
    assert text == "data: 2 cases, labelled"
    assert cases == find_cases(tmp_path / "data")


def test_one_case_alone(tmp_path: Path, labelled: MakeSet) -> None:
    labelled(tmp_path / "data", 1)
    cases, _ = resolve_cases(tmp_path / "data" / "case-0001", tmp_path / "work")
    assert [case.id for case in cases] == ["case-0001"]
    assert cases[0].truth().causes[0].entity == "oven"


def test_a_raw_set_is_imported_and_named(tmp_path: Path, raw: MakeSet) -> None:
    raw(tmp_path / "ovens", 2)
    cases, text = resolve_cases(tmp_path / "ovens", tmp_path / "work")
    assert [(case.id, case.set_name) for case in cases] == [("case-0001", "ovens"), ("case-0002", "ovens")]
    assert {case.truth().causes[0].entity for case in cases} == {"oven"}
    assert text.startswith("ovens: raw rcd data set, 2 cases imported; licence: ")


def test_a_damaged_raw_case_does_not_vanish(tmp_path: Path, raw: MakeSet) -> None:
    raw(tmp_path / "ovens", 1, damaged=1)
    cases, text = resolve_cases(tmp_path / "ovens", tmp_path / "work")
    assert [bool(case.problem) for case in cases] == [False, True]
    assert cases[1].id == "source:oven-heat/2"
    assert f"unusable: oven-heat/2: {cases[1].problem}" in text


def test_several_sets_side_by_side(tmp_path: Path, labelled: MakeSet, raw: MakeSet) -> None:
    data = tmp_path / "data"
    labelled(data / "mine", 1)
    # Two raw formats in one folder are no single set: the folder is of several formats and its parts are looked at.
    raw(data / "ovens", 1)
    issue = data / "shops" / "busy" / "issue-1"
    issue.mkdir(parents=True)
    (issue / "metrics.csv").write_text("")
    (issue / "target.json").write_text("{}")
    (data / "shops" / "busy" / "graph.csv").write_text("")
    (data / "holiday-photos").mkdir()
    cases, text = resolve_cases(data, tmp_path / "work")
    assert [(case.id, case.set_name, bool(case.problem)) for case in cases] == [
        ("mine/case-0001", "mine", False),
        ("ovens/case-0001", "ovens", False),
        ("shops", "shops", True),
    ]
    assert "shops: raw petshop data set, the set cannot be imported" in text
    assert text.endswith("not recognised, left out: holiday-photos")


def test_a_raw_set_beside_labelled_cases_keeps_the_ids_apart(tmp_path: Path, labelled: MakeSet, raw: MakeSet) -> None:
    labelled(tmp_path / "data", 1)
    raw(tmp_path / "data", 1)
    cases, _ = resolve_cases(tmp_path / "data", tmp_path / "work")
    assert [(case.id, case.set_name) for case in cases] == [("case-0001", "data"), ("rcd/case-0001", "rcd")]


def test_a_case_that_lost_a_half_is_kept_as_unusable(tmp_path: Path, labelled: MakeSet) -> None:
    data = tmp_path / "data"
    labelled(data, 3)
    (data / "case-0001" / "truth.json").unlink()
    (data / "case-0002" / "snapshot").rename(data / "elsewhere")
    (data / "notes").mkdir()
    (data / "notes" / "truth.json").write_text('{"of": "somebody else"}')
    labelled(data / ".case-0004.draft", 1)
    cases, text = resolve_cases(data, tmp_path / "work")
    assert [(case.id, case.problem) for case in cases] == [
        ("case-0001", "the case has no truth.json"),
        ("case-0002", "the case has no snapshot folder"),
        ("case-0003", ""),
    ]
    assert "data: 1 case, labelled" in text
    assert find_cases(data) == cases[2:]


def test_the_run_decides_nothing_about_the_ids(tmp_path: Path, raw: MakeSet) -> None:
    raw(tmp_path / "ovens", 3)
    first, _ = resolve_cases(tmp_path / "ovens", tmp_path / "one")
    second, _ = resolve_cases(tmp_path / "ovens", tmp_path / "two")
    assert [case.id for case in first] == [case.id for case in second]
    for one, other in zip(first, second, strict=True):
        assert (one.snapshot / "snapshot.json").read_bytes() == (other.snapshot / "snapshot.json").read_bytes()


def test_nothing_is_found(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        resolve_cases(tmp_path / "nowhere", tmp_path / "work")
    (tmp_path / "data" / "photos").mkdir(parents=True)
    with pytest.raises(InputError, match="no labelled case") as caught:
        resolve_cases(tmp_path / "data", tmp_path / "work")
    assert "petshop" in caught.value.remedy


def test_the_working_folder_lies_outside_of_the_data(tmp_path: Path, raw: MakeSet) -> None:
    raw(tmp_path / "ovens", 1)
    with pytest.raises(InputError, match="working folder"):
        resolve_cases(tmp_path / "ovens", tmp_path / "ovens" / "work")


def test_a_single_set_that_cannot_be_imported_says_why(tmp_path: Path, raw: MakeSet) -> None:
    raw(tmp_path / "ovens", 0, damaged=1)
    with pytest.raises(InputError, match="no case of this rcd data set could be imported"):
        resolve_cases(tmp_path / "ovens", tmp_path / "work")
