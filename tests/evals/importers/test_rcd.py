from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from opswarden.evals.importers.registry import import_dataset

START_S = 1_500_000_000
HEAD = ["time", "stove_cpu", "stove-db_cpu", "stove_mem", "stove_lod", "stove_lat_90", "oven-front_err"]


def recording(start_s: int, length: int, base: float) -> list[list[Any]]:
    return [HEAD] + [[start_s + i, base + i, 2, 3e6, 4.5, 0.25, 0.5] for i in range(length)]


@pytest.fixture
def write_run(tmp_path: Path, write_csv: Any) -> Any:
    def write(name: str, *, normal_s: int = START_S, anomalous_s: int = START_S + 1000) -> Path:
        folder = tmp_path / "raw" / name
        write_csv(folder / "normal.csv", recording(normal_s, 20, 100.0))
        write_csv(folder / "anomalous.csv", recording(anomalous_s, 10, 500.0))
        return tmp_path / "raw"

    return write


def test_a_run_becomes_a_case(write_run: Any, tmp_path: Path, read_cases: Any, at: Any) -> None:
    src = write_run("stove-db-cpu/1")
    report = import_dataset("rcd", src, tmp_path / "out")
    case = read_cases(tmp_path / "out")[0]
    assert report.n_cases == 1
    assert "local use" in report.licence
    assert case.truth["causes"] == [{"entity": "stove-db", "indicator": "cpu"}]
    assert (case.truth["fault"], case.truth["group"]) == ("cpu", "rcd/cpu")
    assert case.manifest["title"] == "Incident under investigation"
    cpu = case.rows("metrics", entity="stove", metric="cpu")
    assert cpu[0]["ts"] == at(START_S)
    assert cpu[-1]["ts"] == at(START_S + 1009)
    assert cpu[-1]["value"] == 509.0
    assert case.manifest["window"]["start"].startswith(at(START_S + 1000).isoformat()[:19])
    assert case.rows("topology") == []


@pytest.mark.parametrize(
    ("entity", "metric", "unit", "kind", "labels"),
    [
        ("stove", "cpu", "%", "gauge", {}),
        ("stove-db", "cpu", "%", "gauge", {}),
        ("stove", "mem", "bytes", "gauge", {}),
        ("stove", "load", "1/s", "gauge", {}),
        ("stove", "latency", "s", "histogram", {"stat": "p90"}),
        ("oven-front", "err", "ratio", "gauge", {}),
    ],
)
def test_a_column_is_service_and_metric(
    write_run: Any, tmp_path: Path, read_cases: Any, entity: str, metric: str, unit: str, kind: str, labels: Any
) -> None:
    import_dataset("rcd", write_run("stove-cpu/1"), tmp_path / "out")
    rows = read_cases(tmp_path / "out")[0].rows("metrics", entity=entity, metric=metric, labels=labels)
    assert len(rows) == 30
    assert {(row["unit"], row["kind"]) for row in rows} == {(unit, kind)}


@pytest.mark.parametrize(
    ("normal_s", "moved_s"),
    [
        (START_S, 0),
        (START_S + 980, 0),
        (START_S + 990, 10),
        (START_S + 5000, 4020),
    ],
    ids=["long before", "just before", "overlapping", "after"],
)
def test_the_normal_recording_ends_before_the_anomalous_one_starts(
    write_run: Any, tmp_path: Path, read_cases: Any, at: Any, normal_s: int, moved_s: int
) -> None:
    import_dataset("rcd", write_run("stove-cpu/1", normal_s=normal_s), tmp_path / "out")
    case = read_cases(tmp_path / "out")[0]
    normal = [row["ts"] for row in case.rows("metrics", entity="stove", metric="cpu") if row["value"] < 500]
    assert min(normal) == at(normal_s - moved_s)
    assert case.manifest["baseline"]["end"] <= case.manifest["window"]["start"]
    assert ("moved" in case.manifest["source"]) == (moved_s > 0)


def test_a_resource_without_a_metric_gives_no_indicator(write_run: Any, tmp_path: Path, read_cases: Any) -> None:
    import_dataset("rcd", write_run("stove-delay/1"), tmp_path / "out")
    truth = read_cases(tmp_path / "out")[0].truth
    assert truth["causes"] == [{"entity": "stove"}]
    assert truth["fault"] == "delay"


def test_a_folder_named_after_no_service_is_left_out(write_run: Any, tmp_path: Path) -> None:
    write_run("stove-cpu/1")
    report = import_dataset("rcd", write_run("kettle-cpu/1"), tmp_path / "out")
    assert report.n_cases == 1
    assert [case.source for case in report.skipped] == ["kettle-cpu/1"]
    assert "SERVICE-RESOURCE" in report.skipped[0].reason


def test_the_folder_name_is_not_readable(write_run: Any, tmp_path: Path, read_cases: Any) -> None:
    write_run("stove-delay/planted-run-a")
    import_dataset("rcd", write_run("stove-delay/planted-run-b"), tmp_path / "out")
    for case in read_cases(tmp_path / "out"):
        for planted in ("delay", "planted-run", "anomalous"):
            assert planted not in case.text()


def test_a_short_row_is_left_out_and_counted(write_run: Any, tmp_path: Path, read_cases: Any) -> None:
    src = write_run("stove-cpu/1")
    with (src / "stove-cpu" / "1" / "anomalous.csv").open("a", encoding="utf-8") as file:
        file.write(f"{START_S + 2000},1\n")
    report = import_dataset("rcd", src, tmp_path / "out")
    assert report.warnings == ("a row of a recording is damaged and left out (1x)",)
    assert len(read_cases(tmp_path / "out")[0].rows("metrics", entity="stove", metric="cpu")) == 30
