from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opswarden.evals.importers.registry import import_dataset

NOON_S = int(datetime(2019, 5, 6, 12, tzinfo=UTC).timestamp())
MINUTE_S = 60
HEAD = (
    "Time,Timestamp,SuccessRate,Latency,CPUUsageRate(%),MemoryUsageRate(%),NodeCpuUsageRate(%),NodeMemoryUsageRate(%)"
)
LOOM_1, LOOM_2 = "loom-v1-59dcc9f97-2k8gb", "loom-v2-fd6989b7c-6xff2"
FRONT = "front-v1-684ff8b787-zwm6t"
NAME = "2019-05-06_7"


def written(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}.500000000 +0000 UTC m=+1.5"


def step(v1: int, v2: int, pod: str, done_s: int) -> dict[str, Any]:
    return {"v1": v1, "v2": v2, "release_pod": [pod], "delete_pod": [LOOM_1], "release_complete_timestamp": done_s}


def release(at_s: int, *steps: dict[str, Any]) -> dict[str, Any]:
    process = {str(at_s + 7 * index): each for index, each in enumerate(steps)}
    return {"release_time": at_s, "target_replica": 2, "process": process, "fault": "planted-inner"}


class ChangeSet:
    """Half an hour before noon to half an hour after; `loom` is called by `front`, its release at 11:55 is at fault."""

    def __init__(self, root: Path, write_csv: Any, write_json: Any) -> None:
        self.folder, self.write_csv, self.write_json = root / "2019-05-06" / NAME, write_csv, write_json
        self.times = [NOON_S + MINUTE_S * i for i in range(-30, 30)]

    def pod(self, pod: str, caller: str, callee: str, success: float, latency: float, cpu: float) -> None:
        """In the order in which published files hold the values: the latency last."""
        rows = [[written(at), at, success, cpu, 30.0, 10.0, 20.0, latency + at % 7] for at in self.times]
        self.write_csv(self.folder / f"{pod}_{caller}_{callee}.csv", [HEAD.split(","), *rows])

    def plan(self, **changed: Any) -> dict[str, Any]:
        return {
            "plan": {
                "loom": release(
                    NOON_S - 300,
                    step(1, 1, LOOM_2, NOON_S - 240),
                    step(0, 2, "loom-v2-fd6989b7c-later", NOON_S + 1500),
                ),
                "dye": release(NOON_S - 360, step(1, 1, "dye-v2-fd6989b7c-aaaaa", NOON_S - 290)),
            },
            "fault": "planted-fault",
            "fault_release_service": "loom",
            "normal_service_list": ["planted-normal"],
            "detect_timestamp": NOON_S,
            "detect_time": "2019-05-06 12:00:00",
            "GIED_result": "planted-gied",
        } | changed

    def write_plan(self, **changed: Any) -> None:
        self.write_json(self.folder / f"{NAME}.json", self.plan(**changed))


@pytest.fixture
def changes(tmp_path: Path, write_csv: Any, write_json: Any) -> ChangeSet:
    made = ChangeSet(tmp_path / "raw", write_csv, write_json)
    made.write_plan()
    write_csv(
        made.folder / "dependency.csv", [["Source", "Target", "Weight"], ["front", "loom", 1], ["loom", "10.1.2.3", 1]]
    )
    made.pod(LOOM_1, "front", "loom", 100.0, 0.25, 40.0)
    made.pod(LOOM_1, "loom", "dye", 99.0, 0.125, 40.0)
    made.pod(LOOM_2, "front", "loom", 30.0, 0.5, 70.0)
    made.pod(FRONT, "front", "loom", 90.0, 0.75, 10.0)
    write_json(made.folder / "gied" / "loom.json", {"planted-result": 1})
    write_json(made.folder / "gied.json", {"planted-result": 1})
    return made


def run(tmp_path: Path) -> Any:
    return import_dataset("changerca", tmp_path / "raw", tmp_path / "out")


def test_a_case_has_its_truth_window_and_alert(changes: ChangeSet, tmp_path: Path, read_cases: Any, at: Any) -> None:
    report = run(tmp_path)
    (case,) = read_cases(tmp_path / "out")
    assert report.n_cases == 1
    assert case.truth["causes"] == [{"entity": "loom", "change": "release-loom"}]
    assert (case.truth["fault"], case.truth["group"]) == ("planted-fault", "changerca/2 releases")
    assert case.manifest["window"] == {"start": "2019-05-06T11:54:00Z", "end": "2019-05-06T12:10:00Z"}
    assert case.manifest["baseline"] == {"start": "2019-05-06T11:30:00Z", "end": "2019-05-06T11:54:00Z"}
    assert case.manifest["alert"]["ts"] == "2019-05-06T12:00:00Z"
    assert max(row["ts"] for row in case.rows("metrics")) < at(NOON_S + 600)


@pytest.mark.parametrize(
    ("releases_s", "second_step_s", "start", "end"),
    [
        (NOON_S - 300, NOON_S + 1500, "11:55:00", "12:10:00"),
        (NOON_S - 1200, NOON_S + 1500, "11:50:00", "12:10:00"),
        (NOON_S + 120, NOON_S + 1500, "12:00:00", "12:10:00"),
        (NOON_S - 300, NOON_S + 240, "11:55:00", "12:04:00"),
    ],
    ids=["from the release", "ten minutes at most", "detected before a release", "until the roll-out goes on"],
)
def test_the_window(
    changes: ChangeSet, tmp_path: Path, read_cases: Any, releases_s: int, second_step_s: int, start: str, end: str
) -> None:
    plan = {"loom": release(releases_s, step(1, 1, LOOM_2, releases_s + 60), step(0, 2, "x", second_step_s))}
    changes.write_plan(plan=plan)
    run(tmp_path)
    manifest = read_cases(tmp_path / "out")[0].manifest
    assert manifest["window"] == {"start": f"2019-05-06T{start}Z", "end": f"2019-05-06T{end}Z"}
    assert manifest["baseline"]["end"] <= manifest["window"]["start"]


def test_a_pod_carries_service_version_and_side(changes: ChangeSet, tmp_path: Path, read_cases: Any) -> None:
    run(tmp_path)
    (case,) = read_cases(tmp_path / "out")
    seen = {
        (
            row["entity"],
            row["labels"]["pod"],
            row["labels"]["version"],
            row["labels"]["side"],
            row["labels"]["callee"],
            row["value"],
        )
        for row in case.rows("metrics", metric="SuccessRate")
    }
    assert seen == {
        ("loom", LOOM_1, "v1", "callee", "loom", 100.0),
        ("loom", LOOM_1, "v1", "caller", "dye", 99.0),
        ("loom", LOOM_2, "v2", "callee", "loom", 30.0),
        ("front", FRONT, "v1", "caller", "loom", 90.0),
    }


def test_headings_out_of_order_are_mended(changes: ChangeSet, tmp_path: Path, read_cases: Any) -> None:
    report = run(tmp_path)
    (case,) = read_cases(tmp_path / "out")
    latency = {row["value"] % 1 for row in case.rows("metrics", entity="loom", metric="Latency")}
    assert latency == {0.25, 0.125, 0.5}
    assert {row["value"] for row in case.rows("metrics", entity="front", metric="CPUUsageRate")} == {10.0}
    assert {row["value"] for row in case.rows("metrics", metric="NodeMemoryUsageRate")} == {20.0}
    assert any("order of their values" in line for line in report.warnings)


def test_headings_in_order_are_believed(changes: ChangeSet, tmp_path: Path, read_cases: Any) -> None:
    for path in changes.folder.glob("*_*_*.csv"):
        path.unlink()
    for callee, latency in (("loom", 0.25), ("dye", 0.125)):
        rows = [[written(at), at, 100.0, latency + at % 7, 40.0, 30.0, 10.0, 20.0] for at in changes.times]
        caller = "front" if callee == "loom" else "loom"
        changes.write_csv(changes.folder / f"{LOOM_1}_{caller}_{callee}.csv", [HEAD.split(","), *rows])
    report = run(tmp_path)
    (case,) = read_cases(tmp_path / "out")
    assert {row["value"] for row in case.rows("metrics", metric="CPUUsageRate")} == {40.0}
    assert {row["value"] % 1 for row in case.rows("metrics", metric="Latency")} == {0.25, 0.125}
    assert report.warnings == ()


def test_what_measures_the_pod_is_written_once(changes: ChangeSet, tmp_path: Path, read_cases: Any) -> None:
    run(tmp_path)
    (case,) = read_cases(tmp_path / "out")
    cpu = case.rows("metrics", metric="CPUUsageRate", labels={"pod": LOOM_1, "version": "v1"})
    assert len(cpu) == len({row["ts"] for row in cpu}) == 40
    node = case.rows("metrics", metric="NodeCpuUsageRate", entity="loom")
    assert {row["labels"]["scope"] for row in node} == {"node"}


def test_releases_are_told_by_time_and_only_as_far_as_they_went(
    changes: ChangeSet, tmp_path: Path, read_cases: Any, at: Any
) -> None:
    run(tmp_path)
    (case,) = read_cases(tmp_path / "out")
    dye, loom = case.rows("changes")
    assert [(row["id"], row["entity"], row["kind"], row["ts"]) for row in (dye, loom)] == [
        ("release-dye", "dye", "deploy", at(NOON_S - 360)),
        ("release-loom", "loom", "deploy", at(NOON_S - 300)),
    ]
    assert loom["attributes"]["step_1"].endswith("v1=1 v2=1")
    assert loom["attributes"]["step_1_new_pods"] == LOOM_2
    assert "step_2" not in loom["attributes"]
    assert "later" not in case.text()


def test_call_files_and_dependencies(changes: ChangeSet, tmp_path: Path, read_cases: Any) -> None:
    rows = [[written(at), at, 55.0] for at in changes.times]
    changes.write_csv(changes.folder / "destination_success.csv", [["time", "timestamp", "front_loom"], *rows])
    run(tmp_path)
    (case,) = read_cases(tmp_path / "out")
    labels = {"caller": "front", "callee": "loom", "side": "callee"}
    assert {(row["entity"], row["value"]) for row in case.rows("metrics", metric="SuccessRate", labels=labels)} == {
        ("loom", 55.0)
    }
    assert case.rows("topology") == [
        {"caller": "front", "callee": "loom", "kind": "calls"},
        {"caller": "loom", "callee": "10.1.2.3", "kind": "runs_on"},
    ]


def test_labels_and_results_of_other_methods_are_not_readable(
    changes: ChangeSet, tmp_path: Path, read_cases: Any
) -> None:
    run(tmp_path)
    (case,) = read_cases(tmp_path / "out")
    assert "planted" not in case.text()
    assert NAME not in case.text()


def test_rows_with_a_field_too_many_or_too_few(changes: ChangeSet, tmp_path: Path, read_cases: Any) -> None:
    path = changes.folder / f"{FRONT}_front_loom.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] += ",999"
    lines[2] = lines[2].rsplit(",", 1)[0]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    report = run(tmp_path)
    front = read_cases(tmp_path / "out")[0].rows("metrics", entity="front", metric="SuccessRate")
    assert len(front) == 39
    assert {row["value"] for row in front} == {90.0}
    assert any("fields too many" in line and "(1x)" in line for line in report.warnings)
    assert any("too short" in line and "(1x)" in line for line in report.warnings)


def test_a_pod_of_neither_side_is_left_out_and_counted(changes: ChangeSet, tmp_path: Path, read_cases: Any) -> None:
    changes.pod("stray-v1-59dcc9f97-2k8gb", "front", "loom", 1.0, 1.0, 1.0)
    report = run(tmp_path)
    assert read_cases(tmp_path / "out")[0].rows("metrics", entity="stray") == []
    assert any("neither side" in line for line in report.warnings)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"fault_release_service": "ghost"}, "not in the plan"),
        ({"detect_timestamp": NOON_S + 10**7, "detect_time": "soon"}, "outside of the metrics"),
        ({"plan": {"loom": release(NOON_S + 1200)}}, "after the window"),
        ({"plan": 3}, "fields of this format"),
        ({"detect_timestamp": 1e300, "detect_time": None}, "outside of the metrics"),
    ],
    ids=["unknown release", "detected elsewhere", "released later", "no plan", "absurd time"],
)
def test_a_damaged_case_is_left_out(
    changes: ChangeSet, tmp_path: Path, write_json: Any, write_csv: Any, changed: dict[str, Any], reason: str
) -> None:
    bad = ChangeSet(tmp_path / "raw", write_csv, write_json)
    bad.folder = bad.folder.with_name("2019-05-06_8")
    bad.write_json(bad.folder / "2019-05-06_8.json", bad.plan(**changed))
    write_csv(bad.folder / "dependency.csv", [["Source", "Target", "Weight"]])
    bad.pod(LOOM_1, "front", "loom", 100.0, 0.25, 40.0)
    report = run(tmp_path)
    assert report.n_cases == 1
    assert [case.source for case in report.skipped] == ["2019-05-06/2019-05-06_8"]
    assert reason in report.skipped[0].reason


def test_the_written_time_of_detection_stands_in_for_the_stamp(
    changes: ChangeSet, tmp_path: Path, read_cases: Any
) -> None:
    changes.write_plan(detect_timestamp=NOON_S - 8 * 3600)
    run(tmp_path)
    assert read_cases(tmp_path / "out")[0].manifest["alert"]["ts"] == "2019-05-06T12:00:00Z"
