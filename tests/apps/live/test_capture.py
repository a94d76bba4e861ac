"""Captures: what live systems answer becomes a snapshot that says the same, and nothing that may not leave."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.live import systems
from opswarden.core.clock import Deadline, SystemClock
from opswarden.core.errors import BackendError
from opswarden.tests.apps.live.both_ways import evidence
from opswarden.tests.apps.live.test_live import store
from opswarden.tests.live_platform import alert_of, settings_of
from opswarden.tests.tools.kubernetes.bakery import bakery
from opswarden.tools.alerts.backends.snapshot import SnapshotAlerts
from opswarden.tools.changes.backends.snapshot import SnapshotChanges
from opswarden.tools.kubernetes.backends.snapshot import SnapshotCluster
from opswarden.tools.kubernetes.backends.types import FoundObjects
from opswarden.tools.kubernetes.objects import KINDS, read_object
from opswarden.tools.kubernetes.workloads import workloads_of
from opswarden.tools.logs.backends.snapshot import SnapshotLogs
from opswarden.tools.metrics.backends.snapshot import SnapshotMetrics
from opswarden.tools.snapshots.store import SnapshotStore
from opswarden.tools.snapshots.writer import SnapshotWriter
from opswarden.tools.topology.backends.snapshot import SnapshotTopology
from opswarden.tools.traces.backends.snapshot import SnapshotTraces

from ..conftest import Cli

__all__ = ["store"]


def first(report: Mapping[str, Any]) -> tuple[Any, ...]:
    leading = report["ranking"][0]
    return leading["entity"], leading["indicator"], leading["change"]


def stood_for(monkeypatch: pytest.MonkeyPatch, store: SnapshotStore) -> None:
    """Every domain live: the snapshot's tables behind the backends' protocols, as systems would be."""
    every = {
        "metrics": SnapshotMetrics(store),
        "logs": SnapshotLogs(store),
        "traces": SnapshotTraces(store),
        "topology": SnapshotTopology(store),
        "changes": SnapshotChanges(store),
        "alerts": SnapshotAlerts(store),
    }
    monkeypatch.setitem(systems._MADE, "git", lambda *_: every)
    monkeypatch.setattr(systems, "_JOINED", dict.fromkeys(every, lambda backends: backends[0]))


def written(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "capture.json").read_text())
    return found


def test_what_a_triage_saw_leads_to_the_same_suspect(
    cli: Cli, home: Path, store: SnapshotStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    stood_for(monkeypatch, store)
    settings = settings_of(store, {"all": {"kind": "git", "path": str(home)}})
    (home / "opswarden.toml").write_text(settings.replace("[live]", "[live]\nkeep = true"))
    alert = json.dumps(alert_of(store)).encode()
    live = cli("triage", "--alert", "-", "--capture", "seen", "--format", "json", stdin=alert)
    assert live.code == 0, live.err
    report = json.loads(live.out)
    again = cli("triage", "seen", "--format", "json")
    assert again.code == 0, again.err
    replay = json.loads(again.out)
    assert first(replay) == first(report)
    assert replay["verdict"] == report["verdict"]
    for tool in ("metrics.shifts", "logs.patterns", "traces.calls"):
        assert evidence(replay, tool)["status"] == evidence(report, tool)["status"], tool
    ours, theirs = evidence(replay, "metrics.shifts")["summary"], evidence(report, "metrics.shifts")["summary"]
    assert ours == theirs
    about = written(home / "seen")
    assert about["while_triaging"]
    assert {name: table["status"] for name, table in about["tables"].items()} == dict.fromkeys(
        ("metrics", "logs", "spans", "topology", "changes", "alerts"), "kept"
    )
    later = cli("capture", "--run", report["run_id"], "--out", "later")
    assert later.code == 0, later.err
    assert written(home / "later")["tables"] == about["tables"]
    asked = cli("capture", "--service", "gateway", "--at", alert_of(store)["startsAt"], "--out", "asked")
    assert asked.code == 0, asked.err
    with closing(SnapshotStore(home / "seen")) as seen, closing(SnapshotStore(home / "asked")) as anew:
        assert {name: anew.span(name) for name in ("metrics", "changes", "topology", "spans")} == {
            name: seen.span(name) for name in ("metrics", "changes", "topology", "spans")
        }
        lines = store.span("logs").rows
        assert abs(anew.span("logs").rows - lines) <= lines // 50
    run = written(home / "asked")["run_id"]
    recorded = [json.loads(line) for line in cli("audit", "export", "--run", run).out.splitlines()]
    kinds = [entry["kind"] for entry in recorded]
    assert kinds.index("capture.written") > kinds.index("call.outcome")
    assert {entry["body"].get("tool") for entry in recorded if entry["kind"] == "call.decided"} == {
        "topology.entities",
        *(f"captures.{domain}" for domain in ("metrics", "logs", "traces", "topology", "changes", "alerts")),
    }


def test_a_capture_holds_no_personal_data_and_stays_joined(
    cli: Cli, home: Path, store: SnapshotStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted, moment = "mia.planted@example.com", store.manifest.window.start + timedelta(minutes=1)
    labels = [[("customer", planted)], [("customer", "4111 1111 1111 1111")], [("customer", "5555 5555 5555 4444")]]
    manifest = store.manifest.model_copy(update={"alert": None})
    with SnapshotWriter(home / "planted", manifest) as writer:
        metrics = {"ts": [moment] * 3, "entity": ["till"] * 3, "metric": ["paid"] * 3, "kind": ["gauge"] * 3}
        writer.write("metrics", {**metrics, "value": [1.0, 2.0, 3.0], "labels": labels})
        body = f"refused {planted} <EMAIL_ADDRESS_1·aaaa>"
        writer.write("logs", {"ts": [moment], "entity": ["till"], "level": ["ERROR"], "body": [body]})
        change = {"ts": [moment], "entity": ["till"], "kind": ["deploy"], "id": ["c1"], "author": [planted]}
        writer.write("changes", {**change, "summary": [f"for {planted}"]})
    with closing(SnapshotStore(home / "planted")) as source:
        stood_for(monkeypatch, source)
        (home / "opswarden.toml").write_text(settings_of(store, {"all": {"kind": "git", "path": str(home)}}))
        window = ("--from", manifest.window.start.isoformat(), "--to", manifest.window.end.isoformat())
        answer = cli("capture", *window, "--out", "clean", "--format", "json")
        assert answer.code == 0, answer.err
        again = cli("capture", *window, "--out", "clean")
        assert (again.code, "exists already" in again.err) == (2, True)
        sealed = cli("capture", *window, "--sealed", "--out", "kept.sealed")
        assert sealed.code == 0, sealed.err
        assert cli("capture", "--open", "kept.sealed", "--out", "opened").code == 0
    with closing(SnapshotStore(home / "clean")) as clean:
        rows = clean.query("SELECT labels, value FROM metrics ORDER BY value").to_pylist()
        names = [dict(row["labels"])["customer"] for row in rows]
        assert names[0].startswith("<EMAIL_ADDRESS_1")
        assert len({tuple(row["labels"]) for row in rows}) == 3, "series stay apart although their cards are gone"
        (change,) = clean.query("SELECT author, summary FROM changes").to_pylist()
        assert change == {"author": names[0], "summary": f"for {names[0]}"}
        (line,) = clean.query("SELECT body FROM logs").to_pylist()
        assert names[0] in line["body"]
        assert "<EMAIL_ADDRESS_1·aaaa>" not in line["body"], "a forged placeholder is none"
    with closing(SnapshotStore(home / "opened")) as opened:
        (line,) = opened.query("SELECT body FROM logs").to_pylist()
        assert "<EMAIL_ADDRESS_1" in line["body"]
    whole = (home / "kept.sealed").read_bytes()
    (home / "kept.sealed").write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    broken = cli("capture", "--open", "kept.sealed", "--out", "broken")
    assert (broken.code, "no sealed capture" in broken.err) == (2, True)
    (home / "kept.sealed").write_bytes(whole)
    for file in home.rglob("*"):
        if file.is_file() and (home / "planted") not in file.parents:
            content = file.read_bytes()
            assert planted.encode() not in content, file.name
            assert b"4111 1111" not in content, file.name
    assert (home / "clean").stat().st_mode & 0o077 == 0


class _Cluster:
    """A double of a cluster: the bakery of the tests of Kubernetes."""

    name, environment = "bakery", "production"

    def objects(self, kinds: Sequence[str], _deadline: Deadline) -> FoundObjects:
        read = [read_object(kind, one, ("app",)) for kind in kinds for one in bakery().get(kind, ())]
        return FoundObjects(tuple(read), datetime.now(UTC))


def test_the_objects_of_a_cluster_are_captured_as_they_are(
    cli: Cli, home: Path, store: SnapshotStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = _Cluster()
    monkeypatch.setitem(systems._MADE, "git", lambda *_: {"kubernetes": cluster})
    (home / "opswarden.toml").write_text(settings_of(store, {"all": {"kind": "git", "path": str(home)}}))
    window = ("--from", store.manifest.window.start.isoformat(), "--to", store.manifest.window.end.isoformat())
    assert cli("capture", *window, "--out", "seen").code == 0
    deadline = Deadline(SystemClock(), 60)
    # Nothing but objects was captured, and a snapshot needs one table of what a platform never stops to write.
    shutil.copy(store.folder / "metrics.parquet", home / "seen" / "metrics.parquet")
    with closing(SnapshotStore(home / "seen")) as seen:
        found = SnapshotCluster(seen).objects(KINDS, deadline).objects
    there = cluster.objects(KINDS, deadline).objects
    assert len(there) > 5
    assert {one.place for one in found} == {one.place for one in there}
    now = store.manifest.window.end
    assert [(w.kind, w.name) for w in workloads_of(found, now)] == [(w.kind, w.name) for w in workloads_of(there, now)]


def test_what_failed_or_did_not_fit_is_told(
    cli: Cli, home: Path, store: SnapshotStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    stood_for(monkeypatch, store)

    def broken(*_: object, **__: object) -> None:
        raise BackendError("the forge is down")

    monkeypatch.setattr(SnapshotChanges, "between", broken)
    (home / "opswarden.toml").write_text(settings_of(store, {"all": {"kind": "git", "path": str(home)}}))
    window = ("--from", store.manifest.window.start.isoformat(), "--to", store.manifest.window.end.isoformat())
    assert cli("capture", *window, "--out", "seen", "--most-rows", "500").code == 0
    tables = written(home / "seen")["tables"]
    assert tables["changes"] == {"status": "failed", "rows": 0, "notes": ["the forge is down"]}
    assert not (home / "seen" / "changes.parquet").exists(), "what is not known is not written as empty"
    assert tables["metrics"]["status"] == "truncated"
    assert "series were left out" in tables["metrics"]["notes"][0]
    assert 0 < tables["metrics"]["rows"] <= 500


def test_what_cannot_be_captured_is_refused_before_anything_is_asked(cli: Cli, home: Path, calm: Path) -> None:
    (home / "opswarden.toml").write_text(
        '[systems.m]\nkind = "prometheus"\nenvironment = "production"\nurl = "http://127.0.0.1:9"\ntimeout_s = 1\n'
    )
    for argv in ((), ("--from", "2024-05-06T12:00:00Z"), ("--service", "a", "--run", "r"), ("--run", "run_nobody")):
        assert cli("capture", *argv, "--out", "seen").code == 2
    assert cli("triage", calm, "--capture", "seen").code == 2
    backwards = ("--from", "2024-05-06T12:00:00Z", "--to", "2024-05-06T11:00:00Z")
    assert cli("capture", *backwards, "--out", "seen").code == 2
    dead = cli("capture", "--service", "oven", "--at", "2024-05-06T12:00:00Z", "--out", "seen")
    assert (dead.code, "nothing was answered" in dead.err) == (3, True)
    assert not (home / "seen").exists()


def test_a_report_is_told_although_what_was_seen_cannot_be_written(cli: Cli, home: Path) -> None:
    (home / "opswarden.toml").write_text(
        '[systems.m]\nkind = "prometheus"\nenvironment = "production"\nurl = "http://127.0.0.1:9"\ntimeout_s = 1\n'
    )
    (home / "file").write_text("in the way")
    at = "2024-05-06T12:00:00Z"
    said = cli("triage", "--service", "oven", "--at", at, "--capture", "file/seen", "--format", "json")
    assert json.loads(said.out)["verdict"] == "inconclusive"
    assert said.code == 3
    assert "what was seen is not written" in said.err
