from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opswarden.evals.importers.registry import import_dataset

NOON_S = int(datetime(2019, 5, 6, 12, tzinfo=UTC).timestamp())
MINUTE_S = 60
CULPRIT, DECOY, OTHER = "c" * 40, "d" * 40, "e" * 40


def stamp(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}Z"


class BenchCase:
    """An hour before noon to ten minutes after; the alerting metric crosses its threshold at 11:58; paged at noon."""

    def __init__(self, root: Path, write_csv: Any, write_json: Any, name: str = "planted-scenario") -> None:
        self.folder, self.write_csv, self.write_json = root / name, write_csv, write_json
        self.raw = self.folder / "data"

    def write(self) -> None:
        self.answer()
        self.alert()
        self.metrics()
        self.deploys([("loom", CULPRIT, -600), ("dye", DECOY, -300)])
        commits = [
            self.commit(CULPRIT, -1200, "rework threads", diff="+ snap()"),
            self.commit(OTHER, -1800, "tidy", files=("a.py", "b.py")),
        ]
        self.write_json(self.raw / "context" / "commits.json", commits)
        flag = {
            "timestamp": stamp(NOON_S - 900),
            "flag": "wide_loom",
            "service": "loom",
            "change": "off->on",
            "actor": "ann",
        }
        self.write_json(self.raw / "context" / "flags.json", [flag])
        self.write_json(self.raw / "patterns.json", [{"signature": "planted-pattern", "count": 3}])
        (self.folder / "instruction.md").write_text("planted-instruction", encoding="utf-8")
        self.logs([{"timestamp": stamp(NOON_S), "service": "loom", "severity_text": "ERROR", "msg": "thread broke"}])
        self.spans([])

    def answer(self, **changed: Any) -> None:
        content = {
            "scenario": "planted-scenario",
            "root_cause_commit": CULPRIT,
            "first_failing_service": "spindle",
            "blast_radius": ["planted-victim"],
            "remediation": "planted-remedy",
            "decoy_deploy_commits": [DECOY],
            "notes": "planted-notes",
        }
        self.write_json(self.folder / "ground_truth.json", content | changed)

    def alert(self, **changed: Any) -> None:
        content = {
            "service": "loom",
            "metric": "error_ratio",
            "threshold": 0.1,
            "observed": 0.7,
            "fired_at": stamp(NOON_S),
            "severity": "critical",
            "monitor": "loom-errors",
            "summary": "error ratio above 10 %",
        }
        self.write_json(self.raw / "alert.json", content | changed)

    def metrics(self, good: float = 0.01, bad: float = 0.6, onset_minute: int = -2) -> None:
        rows = [
            row
            for minute in range(-60, 11)
            for row in (
                [stamp(NOON_S + minute * MINUTE_S), "loom", "error_ratio", bad if minute >= onset_minute else good],
                [stamp(NOON_S + minute * MINUTE_S), "dye", "rps", 5],
            )
        ]
        self.write_csv(self.raw / "metrics.csv", [["timestamp", "service", "metric", "value"], *rows])

    def deploys(self, deploys: list[tuple[str, str, int]]) -> None:
        content = [
            {"timestamp": stamp(NOON_S + at), "service": service, "commit_sha": sha, "version": "v1"}
            for service, sha, at in deploys
        ]
        self.write_json(self.raw / "context" / "deploys.json", content)

    def commit(
        self, sha: str, at: int, message: str, diff: str | None = None, files: Any = ("x.py",)
    ) -> dict[str, Any]:
        who = {"author": f"author-{sha[0]}", "timestamp": stamp(NOON_S + at)}
        return {"sha": sha, "message": message, "files_changed": list(files), "diff": diff} | who

    def logs(self, lines: list[dict[str, Any]]) -> None:
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (self.raw / "logs.ndjson").write_text(text, encoding="utf-8")

    def span(self, trace: str, span: str, parent: str | None, service: str, **more: Any) -> dict[str, Any]:
        found = {"trace_id": trace, "span_id": span, "parent_id": parent, "service": service, "name": "weave"}
        return found | {"start": stamp(NOON_S), "duration_ms": 2.5, "status": "OK"} | more

    def spans(self, spans: list[dict[str, Any]]) -> None:
        self.write_json(self.raw / "traces.json", spans)


@pytest.fixture
def bench(tmp_path: Path, write_csv: Any, write_json: Any) -> BenchCase:
    made = BenchCase(tmp_path / "raw", write_csv, write_json)
    made.write()
    return made


@pytest.fixture
def imported(tmp_path: Path, read_cases: Any) -> Any:
    def run() -> Any:
        import_dataset("rootcausebench", tmp_path / "raw", tmp_path / "out")
        (case,) = read_cases(tmp_path / "out")
        return case

    return run


def test_alert_and_times(bench: BenchCase, imported: Any) -> None:
    manifest = imported().manifest
    assert manifest["window"] == {"start": "2019-05-06T11:53:00Z", "end": "2019-05-06T12:11:00Z"}
    assert manifest["baseline"] == {"start": "2019-05-06T11:00:00Z", "end": "2019-05-06T11:53:00Z"}
    assert manifest["licence"] == "Apache-2.0"
    alert = manifest["alert"]
    assert (alert["name"], alert["entity"], alert["metric"]) == ("loom-errors", "loom", "error_ratio")
    assert (alert["severity"], alert["ts"]) == ("critical", "2019-05-06T12:00:00Z")


@pytest.mark.parametrize(
    ("metrics", "alert", "start"),
    [
        ({"onset_minute": -8}, {}, "11:47:00"),
        ({"good": 0.9, "bad": 0.2}, {"threshold": 0.5, "observed": 0.2}, "11:53:00"),
        ({"onset_minute": 3}, {}, "11:45:00"),
        ({}, {"threshold": None}, "11:45:00"),
        ({}, {"metric": "unseen"}, "11:45:00"),
    ],
    ids=["slow alert", "a fall is bad", "not yet crossed", "no threshold", "metric not in the data"],
)
def test_the_window_starts_ahead_of_the_onset(
    bench: BenchCase, imported: Any, metrics: dict[str, Any], alert: dict[str, Any], start: str
) -> None:
    bench.metrics(**metrics)
    bench.alert(**alert)
    assert imported().manifest["window"]["start"] == f"2019-05-06T{start}Z"


@pytest.mark.parametrize(
    ("answer", "cause", "fault"),
    [
        (CULPRIT, {"entity": "loom", "change": CULPRIT}, "change"),
        (OTHER, {"entity": "spindle", "change": OTHER}, "change"),
        ("none", {"entity": "spindle"}, "no-change"),
    ],
    ids=["deployed culprit", "culprit nobody deployed", "no commit is at fault"],
)
def test_truth(bench: BenchCase, imported: Any, answer: str, cause: dict[str, str], fault: str) -> None:
    bench.answer(root_cause_commit=answer)
    truth = imported().truth
    assert (truth["causes"], truth["fault"], truth["group"]) == ([cause], fault, f"rootcausebench/{fault}")
    assert truth["verdict"] == "cause_found"


def test_the_first_deploy_of_a_commit_is_its_place(bench: BenchCase, imported: Any) -> None:
    bench.deploys([("dye", CULPRIT, -100), ("loom", CULPRIT, -600)])
    assert imported().truth["causes"][0]["entity"] == "loom"


def test_changes_of_three_kinds_in_the_order_of_time(bench: BenchCase, imported: Any, at: Any) -> None:
    rows = imported().rows("changes")
    assert [(row["kind"], row["id"], row["entity"], row["author"]) for row in rows] == [
        ("commit", OTHER, None, "author-e"),
        ("commit", CULPRIT, "loom", "author-c"),
        ("flag", "wide_loom", "loom", "ann"),
        ("deploy", CULPRIT, "loom", "author-c"),
        ("deploy", DECOY, "dye", None),
    ]
    assert rows[0]["ts"] == at(NOON_S - 1800)
    assert rows[0]["attributes"] == {"files": "a.py\nb.py"}
    assert rows[1]["summary"] == "rework threads"
    assert rows[1]["attributes"]["diff"] == "+ snap()"
    assert rows[2]["attributes"] == {"change": "off->on"}
    assert rows[3]["attributes"] == {"commit_sha": CULPRIT, "version": "v1"}


def test_a_long_diff_is_cut(bench: BenchCase, imported: Any) -> None:
    commits = [bench.commit(CULPRIT, -1200, "big", diff="x" * 100_000)]
    bench.write_json(bench.raw / "context" / "commits.json", commits)
    (row,) = imported().rows("changes", kind="commit")
    assert len(row["attributes"]["diff"]) == 8_000


def test_log_lines(bench: BenchCase, imported: Any, at: Any) -> None:
    late = {"timestamp": stamp(NOON_S + 5), "service": "dye", "msg": "b", "trace_id": "t", "http.code": 500, "no": None}
    early = {"timestamp": stamp(NOON_S), "service": "loom", "severity_text": "WARN", "msg": "a"}
    bench.logs([late, early])
    first, second = imported().rows("logs")
    assert (first["entity"], first["level"], first["body"], first["ts"]) == ("loom", "WARN", "a", at(NOON_S))
    assert (second["trace_id"], second["attributes"]) == ("t", {"http.code": "500"})


def test_spans_and_the_calls_they_show(bench: BenchCase, imported: Any) -> None:
    bench.spans(
        [
            bench.span("t1", "a", None, "gate", status="ERROR", error="snap", attributes={"k": {"deep": 1}}),
            bench.span("t1", "b", "a", "loom"),
            bench.span("t1", "c", "b", "loom"),
            bench.span("same", "d", "c", "dye", status="odd"),
            bench.span("t2", "a", None, "spindle"),
        ]
    )
    case = imported()
    spans = case.rows("spans")
    assert [(span["trace_id"], span["status"]) for span in spans] == [
        ("t1", "ERROR"),
        ("t1", "OK"),
        ("t1", "OK"),
        ("t1", "UNSET"),
        ("t2", "OK"),
    ], "the fourth has its only possible parent in the first trace"
    assert spans[0]["attributes"] == {"error": "snap", "attributes.k.deep": "1"}
    assert (spans[0]["duration_us"], spans[0]["parent_id"]) == (2500, None)
    assert [(edge["caller"], edge["callee"]) for edge in case.rows("topology")] == [("gate", "loom"), ("loom", "dye")]


def test_a_status_feed_becomes_events(bench: BenchCase, imported: Any, at: Any) -> None:
    event = {"timestamp": stamp(NOON_S - 60), "status": "degraded", "detail": "yarn is late"}
    bench.write_json(bench.raw / "supplier.json", {"component": "yarn", "events": [event]})
    (row,) = imported().rows("events")
    assert (row["ts"], row["entity"], row["reason"], row["message"]) == (
        at(NOON_S - 60),
        "yarn",
        "degraded",
        "yarn is late",
    )


def test_a_whole_case_has_nothing_to_warn_of(bench: BenchCase, tmp_path: Path) -> None:
    report = import_dataset("rootcausebench", tmp_path / "raw", tmp_path / "out")
    assert (report.n_cases, report.skipped, report.warnings) == (1, (), ())


def test_nothing_of_answer_patterns_and_instruction_is_readable(bench: BenchCase, imported: Any) -> None:
    assert "planted" not in imported().text()


@pytest.mark.parametrize(
    ("file", "content", "reason"),
    [
        ("ground_truth.json", "{}", "fields of this format"),
        ("data/alert.json", "[]", "fields of this format"),
        ("data/metrics.csv", "timestamp,service,metric,value\n", "metrics are empty"),
        ("data/metrics.csv", "timestamp,service,metric,value\nsoon,a,b,1\n", "value cannot be read"),
        ("data/logs.ndjson", '{"service": 1}\n', "fields of this format"),
        ("data/logs.ndjson", b"\xff\xfe\x00", "UTF-8"),
        ("data/supplier.json", "{", "JSON file is damaged"),
    ],
)
def test_a_damaged_case_is_left_out_and_leaves_nothing(
    bench: BenchCase,
    tmp_path: Path,
    read_cases: Any,
    write_csv: Any,
    write_json: Any,
    file: str,
    content: str | bytes,
    reason: str,
) -> None:
    BenchCase(tmp_path / "raw", write_csv, write_json, name="another").write()
    (bench.folder / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    report = import_dataset("rootcausebench", tmp_path / "raw", tmp_path / "out")
    assert len(read_cases(tmp_path / "out")) == report.n_cases == 1
    assert [case.source for case in report.skipped] == ["planted-scenario"]
    assert reason in report.skipped[0].reason
