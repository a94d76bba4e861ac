from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from opswarden.evals.importers.registry import import_dataset

ALERT_S = 1_600_000_200
STEP_S = 300
QUIET_S = ALERT_S + 90 * 86_400 + 50
DAY_S = 86_400
COLUMNS = [
    ("Porch", "latency", "Average"),
    ("Porch", "latency", "p90"),
    ("Porch", "availability", "Average"),
    ("Kiln_AWS::Oven", "requests", "Sum"),
]
ISSUE_TIMES = [ALERT_S - 460, ALERT_S - 160, ALERT_S + 140, ALERT_S + 440, ALERT_S + 740]


def table(times: list[int], value: Callable[[int, int], Any], *, with_name_row: bool = True) -> list[list[Any]]:
    header = [["microservice"], ["metric"], ["statistic"]]
    for column in COLUMNS:
        for row, cell in zip(header, column, strict=True):
            row.append(cell)
    if with_name_row:
        header.append(["unix_timestamp"] + [""] * len(COLUMNS))
    return header + [[float(at), *(value(row, col) for col in range(len(COLUMNS)))] for row, at in enumerate(times)]


@pytest.fixture
def petshop(tmp_path: Path, write_csv: Any, write_json: Any) -> Path:
    src = tmp_path / "raw"
    graph = [["", "Porch", "Kiln_AWS::Oven"], ["Porch", 0.0, 1.0], ["Kiln_AWS::Oven", 0.0, 0.0]]
    write_csv(src / "calm_traffic" / "graph.csv", graph)
    quiet = table([QUIET_S + STEP_S * i for i in range(4)], lambda row, col: 0.5 + row, with_name_row=False)
    write_csv(src / "calm_traffic" / "noissue" / "metrics.csv", quiet)
    for number in (0, 1):
        issue = src / "calm_traffic" / "train" / f"issue_{number}"
        values = table(ISSUE_TIMES, lambda row, col: "" if (row, col) == (2, 3) else 10.0 * row + col)
        write_csv(issue / "metrics.csv", values)
        write_json(issue / "target.json", target())
    return src


def target(**root: Any) -> dict[str, Any]:
    return {
        "target": {"node": "Porch", "metric": "latency", "agg": "Average", "timestamp": ALERT_S},
        "root_cause": {"node": "Kiln_AWS::Oven", "metric": None} | root,
        "metadata": {"reproducibility": {"command": "planted-command --slow"}},
    }


def run(src: Path, dest: Path) -> Any:
    return import_dataset("petshop", src, dest)


def test_an_issue_becomes_window_alert_and_truth(petshop: Path, tmp_path: Path, read_cases: Any, at: Any) -> None:
    report = run(petshop, tmp_path / "out")
    case = read_cases(tmp_path / "out")[0]
    assert (report.n_cases, report.skipped, report.licence) == (2, (), "CC-BY-4.0")
    assert case.truth["causes"] == [{"entity": "Kiln_AWS::Oven"}]
    assert case.truth["group"] == "calm_traffic/latency"
    alert = case.manifest["alert"]
    assert (alert["entity"], alert["metric"]) == ("Porch", "latency")
    assert case.rows("alerts", entity="Porch", state="firing")[0]["ts"] == at(ALERT_S)
    latency = case.rows("metrics", entity="Porch", metric="latency", labels={"stat": "Average"})
    assert [(row["ts"], row["value"]) for row in latency if row["value"] >= 10] == [
        (at(ISSUE_TIMES[1]), 10.0),
        (at(ISSUE_TIMES[2]), 20.0),
        (at(ISSUE_TIMES[3]), 30.0),
    ], "samples after the window are left out, earlier ones stay"
    assert {(row["kind"], row["unit"]) for row in latency} == {("gauge", "s")}
    p90 = case.rows("metrics", entity="Porch", metric="latency", labels={"stat": "p90"})
    assert {row["kind"] for row in p90} == {"histogram"}


def test_the_window_holds_the_samples_that_follow_the_alert(
    petshop: Path, tmp_path: Path, read_cases: Any, at: Any
) -> None:
    run(petshop, tmp_path / "out")
    window = read_cases(tmp_path / "out")[0].manifest["window"]
    assert window["start"] == at(ALERT_S - STEP_S // 2).isoformat().replace("+00:00", "Z")
    assert window["end"] == at(ALERT_S + 600).isoformat().replace("+00:00", "Z")


def test_an_empty_cell_is_no_sample(petshop: Path, tmp_path: Path, read_cases: Any, at: Any) -> None:
    run(petshop, tmp_path / "out")
    kiln = read_cases(tmp_path / "out")[0].rows("metrics", entity="Kiln_AWS::Oven", metric="requests")
    assert at(ISSUE_TIMES[2]) not in {row["ts"] for row in kiln}
    assert at(ISSUE_TIMES[1]) in {row["ts"] for row in kiln}


def test_the_quiet_period_moves_before_the_window_by_whole_days(
    petshop: Path, tmp_path: Path, read_cases: Any, at: Any
) -> None:
    run(petshop, tmp_path / "out")
    case = read_cases(tmp_path / "out")[0]
    quiet = [row for row in case.rows("metrics", entity="Porch", metric="availability") if row["value"] == 0.5]
    moved_s = QUIET_S - quiet[0]["ts"].timestamp()
    assert moved_s % DAY_S == 0
    baseline, window = case.manifest["baseline"], case.manifest["window"]
    assert baseline["end"] <= window["start"]
    assert moved_s == 91 * DAY_S, "no further back than needed"
    assert "moved" in case.manifest["source"]


def test_a_row_of_the_graph_calls_a_column(petshop: Path, tmp_path: Path, read_cases: Any) -> None:
    run(petshop, tmp_path / "out")
    edges = read_cases(tmp_path / "out")[0].rows("topology")
    assert edges == [{"caller": "Porch", "callee": "Kiln_AWS::Oven", "kind": "calls"}]


def test_a_root_cause_metric_becomes_the_indicator(
    petshop: Path, tmp_path: Path, read_cases: Any, write_json: Any
) -> None:
    for number in (0, 1):
        path = petshop / "calm_traffic" / "train" / f"issue_{number}" / "target.json"
        write_json(path, target(metric="requests"))
    run(petshop, tmp_path / "out")
    assert read_cases(tmp_path / "out")[0].truth["causes"][0]["indicator"] == "requests"


def test_nothing_of_the_label_file_but_the_alert_is_readable(
    petshop: Path, tmp_path: Path, read_cases: Any, write_json: Any
) -> None:
    write_json(petshop / "calm_traffic" / "train" / "issue_0" / "target.json", target(node="PlantedAttic"))
    run(petshop, tmp_path / "out")
    for case in read_cases(tmp_path / "out"):
        for planted in ("PlantedAttic", "planted-command", "issue_", "calm_traffic"):
            assert planted not in case.text()


def test_without_a_quiet_period_an_issue_is_left_out(
    petshop: Path, tmp_path: Path, write_csv: Any, write_json: Any
) -> None:
    write_csv(petshop / "odd_traffic" / "graph.csv", [["", "Porch"], ["Porch", 0.0]])
    write_csv(petshop / "odd_traffic" / "issue_0" / "metrics.csv", table(ISSUE_TIMES, lambda row, col: 1.0))
    write_json(petshop / "odd_traffic" / "issue_0" / "target.json", target())
    report = run(petshop, tmp_path / "out")
    assert report.n_cases == 2
    assert [(case.source, "quiet period" in case.reason) for case in report.skipped] == [("odd_traffic/issue_0", True)]


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("target.json", "{", "fields of this format"),
        ("target.json", '{"target": {"node": "planted-secret"}}', "fields of this format"),
        ("metrics.csv", "microservice,Porch\n", "header rows"),
        ("metrics.csv", "", "header rows"),
    ],
)
def test_a_damaged_issue_is_counted_and_the_others_go_on(
    petshop: Path, tmp_path: Path, read_cases: Any, file: str, content: str, reason: str
) -> None:
    (petshop / "calm_traffic" / "train" / "issue_1" / file).write_text(content, encoding="utf-8")
    report = run(petshop, tmp_path / "out")
    assert report.n_cases == len(read_cases(tmp_path / "out")) == 1
    assert reason in report.skipped[0].reason
    assert "planted-secret" not in report.skipped[0].reason
