from __future__ import annotations

import errno
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.errors import InputError
from opswarden.evals.cases import find_cases
from opswarden.evals.importers.publish import reason_of
from opswarden.evals.importers.registry import IMPORTERS, detect, import_dataset

FORMS = {
    "petshop": [
        "calm/graph.csv",
        "calm/noissue/metrics.csv",
        "calm/x/issue_1/metrics.csv",
        "calm/x/issue_1/target.json",
    ],
    "rcd": ["loom-cpu/1/normal.csv", "loom-cpu/1/anomalous.csv"],
    "nezha": ["2019-05-06/metric/loom-1f-x_metric.csv"],
    "changerca": ["2019-05-06/case_1/case_1.json", "2019-05-06/case_1/dependency.csv"],
    "rootcausebench": ["weave/ground_truth.json", "weave/data/alert.json"],
}


def lay_out(root: Path, *forms: str) -> Path:
    for form in forms:
        for name in FORMS[form]:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    return root


def write_runs(root: Path, write_csv: Any, names: list[str]) -> Path:
    for name in names:
        write_csv(root / name / "normal.csv", [["time", "loom_cpu"], *([i, 1] for i in range(5))])
        write_csv(root / name / "anomalous.csv", [["time", "loom_cpu"], *([i, 2] for i in range(100, 105))])
    return root


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_known_by_its_structure(tmp_path: Path, form: str) -> None:
    assert detect(lay_out(tmp_path, form)) == form


@pytest.mark.parametrize("form", FORMS)
def test_a_single_case_is_known_too(tmp_path: Path, form: str) -> None:
    lay_out(tmp_path, form)
    deepest = {"petshop": "calm", "rcd": "loom-cpu/1", "nezha": "2019-05-06", "changerca": "2019-05-06/case_1"}
    assert detect(tmp_path / deepest.get(form, "weave")) == form


@pytest.mark.parametrize(
    "make", [lambda root: root, lambda root: root / "missing", lambda root: lay_out(root, "rcd", "nezha")]
)
def test_none_and_several_forms_are_not_guessed(tmp_path: Path, make: Any) -> None:
    assert detect(make(tmp_path)) is None


def test_the_fault_free_part_alone_is_no_set(tmp_path: Path) -> None:
    path = tmp_path / "construct_data" / "2019-05-06" / "metric" / "loom-1f-x_metric.csv"
    path.parent.mkdir(parents=True)
    path.touch()
    assert detect(tmp_path) is None


def test_names_are_those_of_the_command_line() -> None:
    assert set(IMPORTERS) == {"petshop", "rcd", "nezha", "changerca", "rootcausebench"}


def test_ids_follow_a_keyed_order_and_not_the_source(tmp_path: Path, write_csv: Any, read_cases: Any) -> None:
    names = [f"loom-{kind}/{run}" for kind in ("cpu", "mem", "net", "disk") for run in range(4)]
    src = write_runs(tmp_path / "raw", write_csv, names)

    def kinds(dest: str, seed: int) -> list[str]:
        assert import_dataset("rcd", src, tmp_path / dest, seed=seed).n_cases == 16
        return [case.truth["fault"] for case in read_cases(tmp_path / dest)]

    first, again, other = kinds("a", 0), kinds("b", 0), kinds("c", 1)
    assert first == again
    assert first != other
    assert first != sorted(first)
    assert sum(left == right for left, right in pairwise(first)) < 12, "not grouped by root cause"


def test_cases_are_found_and_read_by_the_suite(tmp_path: Path, write_csv: Any) -> None:
    import_dataset("rcd", write_runs(tmp_path / "raw", write_csv, ["loom-cpu/1"]), tmp_path / "deep" / "out")
    (case,) = find_cases(tmp_path / "deep" / "out")
    assert case.truth().causes[0].entity == "loom"
    assert (case.snapshot / "metrics.parquet").is_file()


def test_progress_counts_left_out_cases_as_well(tmp_path: Path, write_csv: Any) -> None:
    src = write_runs(tmp_path / "raw", write_csv, ["loom-cpu/1", "loom-cpu/2", "ghost-cpu/1"])
    calls: list[tuple[int, int]] = []
    report = import_dataset("rcd", src, tmp_path / "out", progress=lambda done, total: calls.append((done, total)))
    assert calls == [(1, 3), (2, 3), (3, 3)]
    assert (report.n_cases, len(report.skipped)) == (2, 1)


def test_the_source_is_only_read(tmp_path: Path, write_csv: Any) -> None:
    src = write_runs(tmp_path / "raw", write_csv, ["loom-cpu/1"])
    before = {path: path.stat().st_mtime_ns for path in src.rglob("*")}
    import_dataset("rcd", src, tmp_path / "out")
    assert {path: path.stat().st_mtime_ns for path in src.rglob("*")} == before


def test_an_unknown_format_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        import_dataset("petshp", tmp_path, tmp_path / "out")
    assert "petshop" in caught.value.remedy


def test_another_format_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        import_dataset("nezha", lay_out(tmp_path / "raw", "rcd"), tmp_path / "out")
    assert "looks like rcd" in caught.value.remedy
    assert not (tmp_path / "out").exists()


def test_a_missing_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        import_dataset("rcd", tmp_path / "missing", tmp_path / "out")


def test_a_destination_with_something_in_it_is_refused(tmp_path: Path, write_csv: Any) -> None:
    src = write_runs(tmp_path / "raw", write_csv, ["loom-cpu/1"])
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "kept").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        import_dataset("rcd", src, tmp_path / "out")
    assert caught.value.remedy
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["kept"]


@pytest.mark.parametrize("place", ["raw", "raw/inside"])
def test_a_destination_in_the_source_is_refused(tmp_path: Path, write_csv: Any, place: str) -> None:
    src = write_runs(tmp_path / "raw", write_csv, ["loom-cpu/1"])
    with pytest.raises(InputError, match="lies in the source"):
        import_dataset("rcd", src, tmp_path / place)


def test_a_destination_that_is_a_file_is_refused(tmp_path: Path, write_csv: Any) -> None:
    src = write_runs(tmp_path / "raw", write_csv, ["loom-cpu/1"])
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be used"):
        import_dataset("rcd", src, tmp_path / "out")


def test_a_set_without_a_usable_case_is_an_error(tmp_path: Path, write_csv: Any) -> None:
    src = write_runs(tmp_path / "raw", write_csv, ["ghost-cpu/1"])
    with pytest.raises(InputError, match="no case") as caught:
        import_dataset("rcd", src, tmp_path / "out")
    assert "SERVICE-RESOURCE" in caught.value.message


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_full_or_read_only_disk_is_no_damaged_case(code: int) -> None:
    with pytest.raises(InputError, match="destination cannot be written"):
        reason_of(OSError(code, "planted"))
    assert "planted" not in reason_of(OSError(errno.EACCES, "planted"))
