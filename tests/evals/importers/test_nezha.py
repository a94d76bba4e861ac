from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opswarden.evals.importers.registry import import_dataset

DAY = "2019-05-06"
NOON_S = int(datetime(2019, 5, 6, 12, tzinfo=UTC).timestamp())
MINUTE_S = 60
LOOM, DYER = "loom-5f6585d649-fnmft", "dye-works-579f59597d-wc2lz"
POD_HEAD = ["Time", "TimeStamp", "PodName", "CpuUsageRate(%)", "PodServerLatencyP90(s)", "NodeCpuUsageRate(%)"]


def written(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.250000000 +0000 UTC m=+0.5"


def clock(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"


class NezhaSet:
    """A day of an hour and a half before noon and after, one sample a minute at second 20."""

    def __init__(self, root: Path, write_csv: Any, write_json: Any) -> None:
        self.root, self.write_csv, self.write_json = root, write_csv, write_json
        self.day = root / DAY
        self.times = [NOON_S + MINUTE_S * i + 20 for i in range(-90, 90)]

    def pod(self, pod: str, *, stamp_error_s: int = 0, latency: str = "0.5") -> None:
        rows = [
            [written(at), at + stamp_error_s, pod, index, latency if index % 2 else "NaN", 7]
            for index, at in enumerate(self.times)
        ]
        self.write_csv(self.day / "metric" / f"{pod}_metric.csv", [POD_HEAD, *rows])

    def fault(self, at_s: int, pod: str, kind: str = "cpu_contention", stamp_s: int | None = None) -> dict[str, str]:
        return {
            "inject_time": clock(at_s),
            "inject_timestamp": str(at_s if stamp_s is None else stamp_s),
            "inject_pod": pod,
            "inject_type": kind,
        }

    def faults(self, *faults: dict[str, str]) -> None:
        self.write_json(self.day / f"{DAY}-fault_list.json", {"12": list(faults)})

    def span(self, at_s: float, trace: str, span: str, parent: str, pod: str) -> list[Any]:
        start = round(at_s * 1_000_000) * 1000
        return [trace, span, parent, pod, "GET /", start, start + 1_500_000, 1500]

    def traces(self, path: Path, rows: list[list[Any]]) -> None:
        head = "TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano,Duration".split(",")
        self.write_csv(path, [head, *rows])

    def log(self, at_s: float, pod: str, text: str, trace: str = "t1") -> list[Any]:
        wrapped = json.dumps({"log": text + "\n", "stream": "stdout"})
        return ["unused", round(at_s * 1_000_000) * 1000, "10.0.0.9", pod, "server", trace, "s1", wrapped]

    def logs(self, path: Path, rows: list[list[Any]]) -> None:
        self.write_csv(path, ["Timestamp,TimeUnixNano,Node,PodName,Container,TraceID,SpanID,Log".split(","), *rows])


@pytest.fixture
def nezha(tmp_path: Path, write_csv: Any, write_json: Any) -> NezhaSet:
    made = NezhaSet(tmp_path / "raw", write_csv, write_json)
    made.pod(LOOM)
    made.pod(DYER)
    made.faults(made.fault(NOON_S, DYER))
    return made


def only(read_cases: Any, dest: Path) -> Any:
    (case,) = read_cases(dest)
    return case


def run(nezha: NezhaSet, dest: Path) -> Any:
    return import_dataset("nezha", nezha.root, dest)


def test_a_fault_becomes_a_case(nezha: NezhaSet, tmp_path: Path, read_cases: Any, at: Any) -> None:
    report = run(nezha, tmp_path / "out")
    case = only(read_cases, tmp_path / "out")
    assert (report.n_cases, report.skipped, report.licence) == (1, (), "MIT")
    assert case.truth["causes"] == [{"entity": "dye-works"}]
    assert (case.truth["fault"], case.truth["group"]) == ("cpu_contention", f"nezha/{DAY}")
    cpu = case.rows("metrics", entity="dye-works", metric="CpuUsageRate")
    assert {(row["unit"], row["kind"], row["labels"]["pod"]) for row in cpu} == {("%", "gauge", DYER)}
    times = [row["ts"] for row in cpu]
    assert times[0] == at(NOON_S - 30 * MINUTE_S + 20.25)
    assert times[-1] == at(NOON_S + 3 * MINUTE_S + 20.25), "four minutes from the injection"
    assert case.manifest["window"] == {"start": "2019-05-06T12:00:00Z", "end": "2019-05-06T12:04:00Z"}
    assert "moved" not in case.manifest["source"]


def test_headings_are_taken_apart_and_empty_values_left_out(nezha: NezhaSet, tmp_path: Path, read_cases: Any) -> None:
    run(nezha, tmp_path / "out")
    case = only(read_cases, tmp_path / "out")
    latency = case.rows("metrics", entity="loom", metric="PodServerLatency")
    assert {(row["unit"], row["kind"], row["labels"]["stat"]) for row in latency} == {("s", "histogram", "p90")}
    assert len(latency) == 17, "every second of 34 is NaN"
    node = case.rows("metrics", entity="loom", metric="NodeCpuUsageRate")
    assert {row["labels"]["scope"] for row in node} == {"node"}


def test_damaged_epoch_seconds_give_way_to_the_written_time(
    nezha: NezhaSet, tmp_path: Path, read_cases: Any, at: Any
) -> None:
    nezha.pod(LOOM, stamp_error_s=200_000_000)
    report = run(nezha, tmp_path / "out")
    cpu = only(read_cases, tmp_path / "out").rows("metrics", entity="loom", metric="CpuUsageRate")
    assert cpu[-1]["ts"] == at(NOON_S + 3 * MINUTE_S + 20.25)
    assert any("epoch seconds" in line and "(180x)" in line for line in report.warnings)


@pytest.mark.parametrize(
    ("time_s", "stamp_s", "used_s"),
    [
        (NOON_S, NOON_S - 8 * 3600, NOON_S),
        (NOON_S, NOON_S + 30 * MINUTE_S, NOON_S),
        (NOON_S + 8 * 3600, NOON_S, NOON_S),
    ],
    ids=["the stamp is hours early", "both fit: the written time", "only the stamp fits the metrics"],
)
def test_contradicting_injection_times(
    nezha: NezhaSet, tmp_path: Path, read_cases: Any, at: Any, time_s: int, stamp_s: int, used_s: int
) -> None:
    nezha.faults(nezha.fault(time_s, DYER, stamp_s=stamp_s))
    report = run(nezha, tmp_path / "out")
    window = only(read_cases, tmp_path / "out").manifest["window"]
    assert window["start"] == at(used_s).isoformat().replace("+00:00", "Z")
    assert any("contradict" in line for line in report.warnings)


def test_minutes_after_other_injections_are_cut_out_of_the_baseline(
    nezha: NezhaSet, tmp_path: Path, read_cases: Any, at: Any
) -> None:
    other_s = NOON_S - 15 * MINUTE_S
    nezha.faults(nezha.fault(NOON_S, DYER), nezha.fault(other_s, LOOM))
    run(nezha, tmp_path / "out")
    case = next(case for case in read_cases(tmp_path / "out") if case.truth["causes"] == [{"entity": "dye-works"}])
    times = {row["ts"] for row in case.rows("metrics", entity="loom", metric="CpuUsageRate")}
    assert not any(at(other_s) <= time < at(other_s + 5 * MINUTE_S) for time in times)
    assert at(other_s - 40 + 0.25) in times
    assert at(other_s + 5 * MINUTE_S + 20.25) in times


def test_the_next_injection_ends_the_window(nezha: NezhaSet, tmp_path: Path, read_cases: Any, at: Any) -> None:
    nezha.faults(nezha.fault(NOON_S, DYER), nezha.fault(NOON_S + 150, LOOM))
    run(nezha, tmp_path / "out")
    ends = {case.truth["causes"][0]["entity"]: case.manifest["window"]["end"] for case in read_cases(tmp_path / "out")}
    assert ends["dye-works"] == "2019-05-06T12:02:30Z"


def test_a_baseline_too_short_is_filled_with_later_quiet_minutes(
    nezha: NezhaSet, tmp_path: Path, read_cases: Any, at: Any
) -> None:
    early_s = nezha.times[2] + 5
    nezha.faults(nezha.fault(early_s, DYER))
    report = run(nezha, tmp_path / "out")
    case = only(read_cases, tmp_path / "out")
    before = [row for row in case.rows("metrics", entity="loom", metric="CpuUsageRate") if row["ts"] < at(early_s)]
    # The value of a sample is its number in the day: 0 to 2 lie before, 3 to 7 within five minutes of the injection.
    assert [row["value"] for row in before if row["value"] < 3] == [0.0, 1.0, 2.0]
    assert sorted(row["value"] for row in before) == [0.0, 1.0, 2.0, *(float(i) for i in range(8, 20))]
    assert max(row["ts"] for row in before if row["value"] > 2) < min(row["ts"] for row in before if row["value"] < 3)
    assert min(row["ts"] for row in before) >= datetime.fromisoformat(case.manifest["baseline"]["start"])
    assert "moved" in case.manifest["source"]
    assert any("filled up" in line for line in report.warnings)


def test_a_fault_outside_of_the_metrics_is_left_out(nezha: NezhaSet, tmp_path: Path) -> None:
    nezha.faults(nezha.fault(NOON_S, DYER), nezha.fault(NOON_S + 5 * 3600, LOOM))
    report = run(nezha, tmp_path / "out")
    assert report.n_cases == 1
    assert [("no sample" in case.reason, LOOM in case.source) for case in report.skipped] == [(True, True)]


def test_a_fault_of_a_service_without_metrics_is_left_out(nezha: NezhaSet, tmp_path: Path) -> None:
    nezha.faults(nezha.fault(NOON_S, DYER), nezha.fault(NOON_S + 1200, "ghost-5f6585d649-aaaaa"))
    report = run(nezha, tmp_path / "out")
    assert [case.reason for case in report.skipped] == ["the service at fault has no metrics"]


@pytest.mark.parametrize("beside", [False, True], ids=["in the folder", "beside it"])
def test_labels_stand_in_for_a_missing_fault_list(
    nezha: NezhaSet, tmp_path: Path, read_cases: Any, write_json: Any, beside: bool
) -> None:
    (nezha.day / f"{DAY}-fault_list.json").unlink()
    entries = [f"{DAY}|{clock(NOON_S)}|loom|return", "2019-05-07|2019-05-07 12:00:00|loom|return", "nonsense"]
    place = nezha.root.parent if beside else nezha.root
    write_json(place / "labels.json", {"cases": {"any": entries}, "note": "a|b"})
    report = run(nezha, tmp_path / "out")
    truth = only(read_cases, tmp_path / "out").truth
    assert (report.n_cases, report.skipped) == (1, ())
    assert (truth["causes"], truth["fault"]) == ([{"entity": "loom"}], "return")


def test_a_day_without_any_label_is_reported(nezha: NezhaSet, tmp_path: Path, write_csv: Any) -> None:
    write_csv(nezha.root / "2019-05-08" / "metric" / f"{LOOM}_metric.csv", [POD_HEAD, [written(1), 1, LOOM, 1, 1, 1]])
    report = run(nezha, tmp_path / "out")
    assert report.n_cases == 1
    assert [(case.source, "fault list" in case.reason) for case in report.skipped] == [("2019-05-08", True)]


def test_calls_hosts_and_spans_give_the_topology(nezha: NezhaSet, tmp_path: Path, read_cases: Any) -> None:
    dependencies = [["Source", "Target", "Weight"], ["loom", "dye-works", 1], ["loom", "10.1.2.3", 1]]
    nezha.write_csv(nezha.day / "metric" / "dependency.csv", dependencies)
    nezha.traces(
        nezha.day / "trace" / "12_01_trace.csv",
        [
            nezha.span(NOON_S + 30, "t1", "a", "root", "gate-keeper-1f-x"),
            nezha.span(NOON_S + 31, "t1", "b", "a", LOOM),
            nezha.span(NOON_S + 32, "t1", "c", "b", LOOM),
        ],
    )
    run(nezha, tmp_path / "out")
    edges = {(row["caller"], row["callee"], row["kind"]) for row in only(read_cases, tmp_path / "out").rows("topology")}
    assert edges == {("loom", "dye-works", "calls"), ("loom", "10.1.2.3", "runs_on"), ("gate-keeper", "loom", "calls")}


def test_call_files_carry_both_ends(nezha: NezhaSet, tmp_path: Path, read_cases: Any) -> None:
    for side, value in (("source", 0.25), ("destination", 0.125)):
        rows = [[written(at), at, value] for at in nezha.times]
        nezha.write_csv(nezha.day / "metric" / f"{side}_50.csv", [["time", "timestamp", "loom_dye-works"], *rows])
    run(nezha, tmp_path / "out")
    case = only(read_cases, tmp_path / "out")
    ends = {"caller": "loom", "callee": "dye-works", "stat": "p50"}
    measured = {
        (row["entity"], row["value"], row["unit"])
        for row in case.rows("metrics", metric="Latency", labels=ends | {"side": "caller"})
    }
    assert measured == {("loom", 0.25, "s")}
    assert {row["entity"] for row in case.rows("metrics", labels=ends | {"side": "callee"})} == {"dye-works"}


@pytest.mark.parametrize(
    ("named", "latency", "entity"),
    [("Loom", "0.9", "loom"), ("Shopfront", "0.5", "dye-works"), ("Shopfront", "0.9", "Shopfront")],
    ids=["by its name", "by the same latency", "as it is called"],
)
def test_the_entry_is_the_service_it_measures(
    nezha: NezhaSet, tmp_path: Path, read_cases: Any, named: str, latency: str, entity: str
) -> None:
    nezha.pod(LOOM, latency="0.7")
    rows = [[written(at), at, named, 100, latency if i % 2 else "NaN"] for i, at in enumerate(nezha.times)]
    head = ["Time", "TimeStamp", "ServiceName", "SuccessRate(%)", "LatencyP90(s)"]
    nezha.write_csv(nezha.day / "metric" / "front_service.csv", [head, *rows])
    run(nezha, tmp_path / "out")
    rate = only(read_cases, tmp_path / "out").rows("metrics", metric="SuccessRate")
    assert {(row["entity"], row["labels"]["scope"]) for row in rate} == {(entity, "entry")}


def test_spans_are_read_once_with_their_service_and_duration(
    nezha: NezhaSet, tmp_path: Path, read_cases: Any, at: Any
) -> None:
    shared = nezha.span(NOON_S + 59, "t1", "a", "root", LOOM)
    nezha.traces(nezha.day / "trace" / "12_01_trace.csv", [shared, nezha.span(NOON_S - 600, "t0", "z", "root", LOOM)])
    nezha.traces(nezha.day / "trace" / "12_02_trace.csv", [shared, nezha.span(NOON_S + 9000, "t2", "y", "root", LOOM)])
    run(nezha, tmp_path / "out")
    spans = only(read_cases, tmp_path / "out").rows("spans")
    assert [span["span_id"] for span in spans] == ["z", "a"], "once each, none after the window"
    assert (spans[1]["entity"], spans[1]["duration_us"], spans[1]["start"]) == ("loom", 1500, at(NOON_S + 59))
    assert (spans[1]["parent_id"], spans[1]["status"], spans[1]["attributes"]) == (None, "UNSET", {"pod": LOOM})


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("16:42:22.418 ERROR f.s.Loom#302 thread broke", "ERROR"),
        ("16:42:22.418 WARN  f.s.Loom#302 thread thin", "WARN"),
        ('{"severity": "warning", "message": "an ERROR in text"}', "WARN"),
        ("plain words", None),
        ("x" * 200 + " ERROR late in the line", None),
    ],
)
def test_the_level_of_a_log_line(
    nezha: NezhaSet, tmp_path: Path, read_cases: Any, text: str, level: str | None
) -> None:
    nezha.logs(nezha.day / "log" / "12_01_log.csv", [nezha.log(NOON_S + 5, LOOM, text)])
    run(nezha, tmp_path / "out")
    (line,) = only(read_cases, tmp_path / "out").rows("logs")
    assert (line["level"], line["body"], line["entity"]) == (level, text, "loom")
    assert line["attributes"] == {"pod": LOOM, "node": "10.0.0.9", "container": "server"}
    assert (line["trace_id"], line["span_id"]) == ("t1", "s1")


def test_fault_free_logs_move_before_the_incident(nezha: NezhaSet, tmp_path: Path, read_cases: Any, at: Any) -> None:
    nezha.logs(
        nezha.day / "log" / "12_01_log.csv", [nezha.log(NOON_S - 30, LOOM, "own"), nezha.log(NOON_S + 5, LOOM, "odd")]
    )
    free = nezha.root / "construct_data" / DAY / "log" / "12_50_log.csv"
    nezha.logs(free, [nezha.log(NOON_S + 3000, LOOM, "free one"), nezha.log(NOON_S + 3060, LOOM, "free two")])
    run(nezha, tmp_path / "out")
    case = only(read_cases, tmp_path / "out")
    lines = case.rows("logs")
    assert [line["body"] for line in lines] == ["free one", "free two", "own", "odd"]
    assert lines[1]["ts"] < at(NOON_S - 30)
    assert (lines[1]["ts"] - lines[0]["ts"]).total_seconds() == 60
    assert "moved" in case.manifest["source"]


def test_fault_free_logs_that_lie_in_the_baseline_stay_and_are_not_doubled(
    nezha: NezhaSet, tmp_path: Path, read_cases: Any, at: Any
) -> None:
    own = nezha.log(NOON_S - 30, LOOM, "own")
    nezha.logs(nezha.day / "log" / "12_01_log.csv", [own, nezha.log(NOON_S + 5, LOOM, "odd")])
    free = nezha.root / "construct_data" / DAY / "log" / "11_50_log.csv"
    nezha.logs(free, [nezha.log(NOON_S - 600, LOOM, "free"), own])
    run(nezha, tmp_path / "out")
    case = only(read_cases, tmp_path / "out")
    assert [(line["body"], line["ts"]) for line in case.rows("logs")] == [
        ("free", at(NOON_S - 600)),
        ("own", at(NOON_S - 30)),
        ("odd", at(NOON_S + 5)),
    ]
    assert "moved" not in case.manifest["source"]


def test_without_logs_of_the_incident_there_is_no_baseline_of_logs(
    nezha: NezhaSet, tmp_path: Path, read_cases: Any
) -> None:
    free = nezha.root / "construct_data" / DAY / "log" / "12_50_log.csv"
    nezha.logs(free, [nezha.log(NOON_S + 3000, LOOM, "free")])
    report = run(nezha, tmp_path / "out")
    assert only(read_cases, tmp_path / "out").rows("logs") == []
    assert "a case has no logs (1x)" in report.warnings


@pytest.mark.parametrize(
    ("heading", "indicator"), [("CpuUsageRate(%)", "CpuUsageRate"), ("first line_second line", None)]
)
def test_a_metric_named_by_the_inner_label_is_the_indicator(
    nezha: NezhaSet, tmp_path: Path, read_cases: Any, heading: str, indicator: str | None
) -> None:
    labels = {"dye-works": {"cpu_contention": heading}}
    nezha.write_json(nezha.root / "construct_data" / "root_cause_weaving.json", labels)
    run(nezha, tmp_path / "out")
    assert only(read_cases, tmp_path / "out").truth["causes"][0].get("indicator") == indicator


def test_nothing_of_the_labels_is_readable(nezha: NezhaSet, tmp_path: Path, read_cases: Any) -> None:
    nezha.faults(nezha.fault(NOON_S, DYER, kind="planted-kind"))
    nezha.write_json(
        nezha.root / "construct_data" / "root_cause_x.json", {"dye-works": {"planted-kind": "planted-line"}}
    )
    run(nezha, tmp_path / "out")
    text = only(read_cases, tmp_path / "out").text()
    assert "planted" not in text
    assert "inject" not in text


def test_days_below_a_further_folder_are_found(nezha: NezhaSet, tmp_path: Path, read_cases: Any) -> None:
    moved = nezha.root / "rca_data"
    moved.mkdir()
    nezha.day.rename(moved / DAY)
    nezha.write_json(moved / f"{DAY}-fault_list.json", {"12": [nezha.fault(NOON_S, DYER)]})
    (moved / DAY / f"{DAY}-fault_list.json").unlink()
    assert run(nezha, tmp_path / "out").n_cases == 1


def test_a_damaged_fault_list_leaves_the_day_out(
    nezha: NezhaSet, tmp_path: Path, write_csv: Any, write_json: Any
) -> None:
    bad = NezhaSet(tmp_path / "raw", write_csv, write_json)
    bad.day = tmp_path / "raw" / "2019-05-09"
    bad.pod(LOOM)
    (bad.day / "2019-05-09-fault_list.json").write_text('{"12": [{"inject_time": 1}', encoding="utf-8")
    report = run(nezha, tmp_path / "out")
    assert report.n_cases == 1
    assert [(case.source, case.reason) for case in report.skipped] == [
        ("2019-05-09", "the fault list of the day cannot be understood")
    ]
