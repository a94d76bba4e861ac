"""An incident on live systems: a real Prometheus and a real Alertmanager instead of the snapshot's tables."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.systems.exchange import Place
from opswarden.evals.cases import Case
from opswarden.tests import alertmanager_peer, prometheus_peer
from opswarden.tests.alertmanager_peer import AlertmanagerPeer
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tests.live_platform import alert_of, prometheus_of, settings_of
from opswarden.tests.prometheus_peer import PrometheusPeer
from opswarden.tools.snapshots.store import SnapshotStore

from ..conftest import Cli
from .both_ways import both_ways, evidence

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def store(case: Case) -> Iterator[SnapshotStore]:
    with closing(SnapshotStore(case.snapshot)) as opened:
        yield opened


@pytest.fixture(scope="module")
def prometheus(store: SnapshotStore) -> Iterator[PrometheusPeer]:
    """A Prometheus that has scraped what the incident's snapshot holds."""
    missing = prometheus_peer.why_missing()
    if missing:
        pytest.skip(missing)
    peer = prometheus_of(store)
    yield peer
    peer.close()


def test_a_live_incident_has_the_evidence_of_its_snapshot(
    cli: Cli, home: Path, store: SnapshotStore, prometheus: PrometheusPeer
) -> None:
    (home / "opswarden.toml").write_text(settings_of(store, {"metrics": {"kind": "prometheus", "url": prometheus.url}}))
    alert = json.dumps(alert_of(store)).encode()
    live = cli("triage", "--alert", "-", "--capture", "seen", "--format", "json", stdin=alert)
    assert live.code == 0, live.err
    report = json.loads(live.out)
    # The same metrics in a snapshot without anything else.
    bare = home / "bare"
    shutil.copytree(store.folder, bare)
    for table in bare.glob("*.parquet"):
        if table.name not in ("metrics.parquet", "alerts.parquet"):
            table.unlink()
    still = json.loads(cli("triage", bare, "--format", "json").out)
    assert report["incident"]["alert_entity"] == still["incident"]["alert_entity"]
    ours, theirs = evidence(report, "metrics.shifts")["summary"], evidence(still, "metrics.shifts")["summary"]
    assert ours["series_compared"] == theirs["series_compared"]
    near = {(item["entity"], item["metric"]): item["after"] for item in theirs["shifts"]}
    same = [item for item in ours["shifts"] if (item["entity"], item["metric"]) in near]
    assert len(same) >= len(ours["shifts"]) // 2
    assert all(item["after"] == pytest.approx(near[item["entity"], item["metric"]], rel=0.02) for item in same)
    assert report["ranking"][0]["entity"] == still["ranking"][0]["entity"]
    assert any("no system is configured that holds logs" in gap for gap in report["gaps"])
    assert not any("snapshot" in gap for gap in report["gaps"])
    # What was seen, replayed.
    replay = json.loads(cli("triage", "seen", "--format", "json").out)
    for key in ("entity", "indicator", "change", "score"):
        assert replay["ranking"][0][key] == report["ranking"][0][key]
    assert evidence(replay, "metrics.shifts")["summary"] == ours
    assert not (home / "seen" / "logs.parquet").exists()
    assert json.loads((home / "seen" / "capture.json").read_text())["tables"]["logs"]["status"] == "missing"
    label = cli("eval", "past", "add", "seen", "--cause", report["ranking"][0]["entity"])
    assert label.code == 0, label.err
    again = cli("resume", report["run_id"])
    assert again.code == 0, again.err


def test_metrics_logs_and_traces_of_live_systems_name_the_suspect_of_the_snapshot(
    cli: Cli, home: Path, store: SnapshotStore, prometheus: PrometheusPeer
) -> None:
    report, still, asked = both_ways(cli, home, store, prometheus.url)
    ours, theirs = evidence(report, "logs.patterns")["summary"], evidence(still, "logs.patterns")["summary"]
    assert (ours["lines_before"], ours["lines_after"]) == (theirs["lines_before"], theirs["lines_after"])
    kinds = ("entity", "template", "kind", "level", "family", "count_before", "count_after")
    assert [[row[name] for name in kinds] for row in ours["top"][:4]] == [
        [row[name] for name in kinds] for row in theirs["top"][:4]
    ]
    assert report["ranking"][0]["entity"] == still["ranking"][0]["entity"]
    assert not any("logs" in gap or "traces" in gap for gap in report["gaps"])
    ours, theirs = evidence(report, "traces.latency")["summary"], evidence(still, "traces.latency")["summary"]
    assert ours["spans_before"] == theirs["spans_before"]
    assert [row["entity"] for row in ours["shifts"][:1]] == [row["entity"] for row in theirs["shifts"][:1]]
    ours, theirs = evidence(report, "traces.calls")["summary"], evidence(still, "traces.calls")["summary"]
    assert ours["log_lines"] > 0, "lines are counted by the request they were written in"
    assert ours == theirs
    assert asked <= 40
    replay = json.loads(cli("triage", "seen", "--format", "json").out)
    assert [cause["entity"] for cause in replay["ranking"][:1]] == [report["ranking"][0]["entity"]]
    assert replay["ranking"][0]["change"] == report["ranking"][0]["change"]
    for tool in ("metrics.shifts", "traces.calls"):
        assert evidence(replay, tool)["summary"] == evidence(report, tool)["summary"], tool
    ours, theirs = evidence(replay, "logs.patterns")["summary"], evidence(report, "logs.patterns")["summary"]
    for name in ("lines_before", "lines_after"):
        assert ours[name] == pytest.approx(theirs[name], rel=0.02), name


def test_the_alerts_of_a_storm_ask_once(
    cli: Cli, home: Path, store: SnapshotStore, prometheus: PrometheusPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = Place.ask

    def counted(place: Place, method: str, target: str, *rest: Any) -> Any:
        asked.append(target)
        return ask(place, method, target, *rest)

    monkeypatch.setattr(Place, "ask", counted)
    (home / "opswarden.toml").write_text(settings_of(store, {"metrics": {"kind": "prometheus", "url": prometheus.url}}))
    first = alert_of(store)
    began = datetime.fromisoformat(first["startsAt"])
    counts, windows = [], set()
    for seconds, name in ((0, "first"), (70, "second"), (130, "third")):
        alert = {**first, "startsAt": (began + timedelta(seconds=seconds)).isoformat()}
        alert["labels"] = {**first["labels"], "alertname": name}
        before = len(asked)
        said = cli("triage", "--alert", "-", "--format", "json", stdin=json.dumps(alert).encode())
        assert said.code == 0, said.err
        report = json.loads(said.out)
        assert evidence(report, "metrics.shifts")["status"] in ("ok", "truncated")
        counts.append(len(asked) - before)
        windows.add((report["incident"]["start"], report["incident"]["end"]))
    assert len(windows) == 1
    assert counts[0] > 0
    assert counts[1:] == [0, 0], "no more than the first one, whose answers serve the others"


def test_a_dead_system_costs_its_own_evidence(cli: Cli, home: Path, store: SnapshotStore) -> None:
    server = AilingServer(ailing.answer(status="500 Oops"))
    (home / "opswarden.toml").write_text(
        settings_of(
            store,
            {
                name: {"kind": kind, "url": server.url, "timeout_s": 2}
                for name, kind in (("numbers", "prometheus"), ("lines", "loki"), ("requests", "tempo"))
            },
        )
    )
    answer = cli("triage", "--service", "gateway", "--at", "2024-05-06T12:00:00Z", "--format", "json")
    server.close()
    assert answer.code == 0, answer.err
    report = json.loads(answer.out)
    assert report["verdict"] == "inconclusive"
    tools = {"numbers": "metrics.shifts", "lines": "logs.patterns", "requests": "traces.latency"}
    for name, tool in tools.items():
        assert evidence(report, tool)["status"] == "error"
        assert any(name in gap for gap in report["gaps"])


def test_what_fires_is_asked_of_alertmanager(cli: Cli, home: Path, store: SnapshotStore) -> None:
    missing = alertmanager_peer.why_missing()
    if missing:
        pytest.skip(missing)
    peer = AlertmanagerPeer()
    began = datetime.now(UTC).replace(microsecond=0) - 5 * MINUTE
    peer.fire([{"labels": {"alertname": "OvenHot", "service": "oven"}, "startsAt": began.isoformat()}])
    (home / "opswarden.toml").write_text(settings_of(store, {"pager": {"kind": "alertmanager", "url": peer.url}}))
    answer = cli("triage", "--service", "oven", "--format", "json")
    peer.close()
    assert answer.code == 0, answer.err
    fired = evidence(json.loads(answer.out), "alerts.active")["summary"]
    assert [group["name"] for group in fired["groups"]] == ["OvenHot"]


def test_what_an_alert_gives_away_never_reaches_the_disk(cli: Cli, home: Path) -> None:
    (home / "opswarden.toml").write_text(
        '[systems.m]\nkind = "prometheus"\nenvironment = "production"\nurl = "http://127.0.0.1:9"\ntimeout_s = 1\n'
    )
    planted = "mia.planted@example.com"
    alert = {
        "labels": {"alertname": f"Late for {planted}", "service": "oven"},
        "annotations": {"summary": f"ask {planted}"},
        "startsAt": "2024-05-06T12:00:00Z",
    }
    answer = cli("triage", "--alert", "-", "--format", "json", stdin=json.dumps(alert).encode())
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["incident"]["alert_entity"] == "oven"
    assert list((home / "state" / "live").glob("*/snapshot.json"))
    for file in (home / "state").rglob("*"):
        if file.is_file():
            assert planted.encode() not in file.read_bytes(), file.name
    assert planted not in answer.out + answer.err


def test_what_is_to_be_looked_at_is_named_once(cli: Cli, home: Path) -> None:
    for argv in ((), ("folder", "--service", "oven"), ("--alert", "-", "--service", "oven"), ("folder", "--at", "x")):
        assert cli("triage", *argv, stdin=b"{}").code == 2
    nothing = cli("triage", "--service", "oven")
    assert (nothing.code, "no system is configured" in nothing.err) == (2, True)
    (home / "opswarden.toml").write_text(
        "".join(
            f'[systems.{name}]\nkind = "prometheus"\nenvironment = "{name}"\nurl = "http://127.0.0.1:9"\n'
            for name in ("staging", "production")
        )
    )
    several = cli("triage", "--service", "oven")
    assert (several.code, "several environments" in several.err) == (2, True)
    assert cli("triage", "--service", "oven", "--environment", "moon").code == 2
    future = cli("triage", "--service", "oven", "--environment", "staging", "--at", "2999-01-01T00:00:00Z")
    assert (future.code, "in the future" in future.err) == (2, True)


def test_an_alert_that_is_none_is_refused(cli: Cli, home: Path) -> None:
    (home / "opswarden.toml").write_text(
        '[systems.m]\nkind = "prometheus"\nenvironment = "production"\nurl = "http://127.0.0.1:9"\n'
    )
    for content in (b"", b"[]", b"\xff\xfe", b"[" * 10_000):
        answer = cli("triage", "--alert", "-", stdin=content)
        assert answer.code == 2
        assert "alert" in answer.err
