"""`opswarden doctor` on live systems: real ones, one that lies, and one that is something else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.live import system_checks
from opswarden.tests import alertmanager_peer, prometheus_peer
from opswarden.tests.alertmanager_peer import AlertmanagerPeer
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer
from opswarden.tests.doubles.delivery_servers import TOKEN
from opswarden.tests.doubles.grafana_server import GrafanaServer
from opswarden.tests.doubles.loki_server import LokiServer, entries_of
from opswarden.tests.doubles.metrics_target import MetricsTarget
from opswarden.tests.prometheus_peer import PrometheusPeer
from opswarden.tools.logs.backends.loki import LokiLogs

from ..conftest import Cli

Findings = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def prometheus() -> Iterator[PrometheusPeer]:
    """One that can be written to, with samples of the last hour, a third of whose series name no entity."""
    missing = prometheus_peer.why_missing()
    if missing:
        pytest.skip(missing)
    now = datetime.now(UTC).replace(microsecond=0)
    rows: list[dict[str, Any]] = [
        {"entity": entity, "metric": metric, "value": 1.0, "labels": [("rack", entity or "x")], "ts": now - ago}
        for metric in ("heat", "draught")  # with the same labels: what takes names away makes one of them
        for entity in ("oven", "till", "")
        for ago in (timedelta(minutes=minute) for minute in range(1, 60))
    ]
    peer = PrometheusPeer(rows, flags=("--web.enable-admin-api", "--web.enable-lifecycle"))
    yield peer
    peer.close()


def configured(home: Path, name: str, **settings: Any) -> None:
    lines = [f"[systems.{name}]", 'environment = "production"']
    lines += [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    (home / "opswarden.toml").write_text("\n".join([*lines, ""]))


def findings(cli: Cli, name: str, *argv: str) -> tuple[int, Findings]:
    said = cli("doctor", "--format", "json", *argv)
    found: Findings = {}
    for each in said.json:
        system, _, aspect = each["name"].partition(": ")
        if system == name and found.get(aspect, {}).get("state") != "failed":
            found[aspect] = each
    return said.code, found


def test_a_real_prometheus_is_looked_at(cli: Cli, home: Path, prometheus: PrometheusPeer) -> None:
    configured(home, "m", kind="prometheus", url=prometheus.url)
    code, found = findings(cli, "m")
    assert code == 0, found
    states = {aspect: each["state"] for aspect, each in found.items()}
    assert states == {
        **dict.fromkeys(("reach", "clock", "version", "size", "freshness", "conformance"), "ok"),
        **dict.fromkeys(("rights", "labels"), "warning"),
    }
    assert "delete its series and reload or stop it" in found["rights"]["text"]
    assert "2 of 6 series name no entity (33%)" in found["labels"]["text"]
    assert "never asked" in found["conformance"]["text"]
    code, asked = findings(cli, "m", "--conformance")
    assert (code, asked["conformance"]["state"]) == (0, "ok")
    assert "passed on" in findings(cli, "m")[1]["conformance"]["text"]
    assert "system.conformed" in cli("audit", "tail").out
    configured(home, "m", kind="prometheus", url=prometheus.url, **{"scope.rack": "nowhere"})
    code, narrow = findings(cli, "m")
    assert code == 1
    assert narrow["size"]["state"] == "failed"
    assert narrow["freshness"]["state"] == "failed"
    assert "changed since" in narrow["conformance"]["text"]


def test_a_real_alertmanager_is_looked_at_and_not_touched(cli: Cli, home: Path) -> None:
    missing = alertmanager_peer.why_missing()
    if missing:
        pytest.skip(missing)
    peer = AlertmanagerPeer()
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    peer.fire([{"labels": {"alertname": "OvenHot", "service": "oven"}, "startsAt": began.isoformat()}])
    configured(home, "pager", kind="alertmanager", url=peer.url)
    code, found = findings(cli, "pager", "--conformance")
    silences = peer.get("/api/v2/silences")
    peer.close()
    assert code == 0, found
    assert {aspect: each["state"] for aspect, each in found.items()} == {
        **dict.fromkeys(("reach", "clock", "version", "labels", "freshness", "conformance"), "ok"),
        "rights": "warning",
    }
    assert silences == []


def test_what_has_no_check_of_its_own_is_asked_through_its_domain(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page of metrics, and a Grafana, that can pass and fail."""
    monkeypatch.setenv("GRAFANA_TOKEN", TOKEN)
    began = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    fired = {"labels": {"alertname": "Hot", "service": "oven"}, "startsAt": began.isoformat()}
    fired["endsAt"] = (began + timedelta(hours=1)).isoformat()
    with closing(MetricsTarget(lambda: "heat 1\n# EOF\n")) as page, closing(GrafanaServer([fired])) as grafana:
        configured(home, "m", kind="openmetrics", url=f"{page.url}/metrics", entity="oven", apart_s=1)
        code, found = findings(cli, "m", "--conformance")
        assert code == 0, found
        assert {each["state"] for each in found.values()} == {"ok"}
        assert {"reach", "rights", "freshness", "labels", "conformance"} <= set(found)
        configured(home, "pager", kind="grafana", url=grafana.url, token_env="GRAFANA_TOKEN")
        code, found = findings(cli, "pager", "--conformance")
        assert code == 0, found
        assert found["labels"]["text"].startswith("0 of 1 alerts")
        assert "passed on" in found["conformance"]["text"]
        grafana.alerts = [{**fired, "startsAt": "1999-05-06T12:00:00Z"}]
        code, found = findings(cli, "pager", "--conformance")
        assert (code, found["conformance"]["state"]) == (1, "failed")
        assert "twenty years ago" in found["conformance"]["text"]


def lying(day: str) -> ailing.Behave:
    """Says yes to everything, and yesterday."""
    samples = {"status": "success", "data": {"result": [{"metric": {}, "value": [1, "7"], "values": [[1, "7"]]}]}}

    def behave(peer: Any, request: bytes) -> None:
        ailing.answer(json.dumps(samples).encode(), date=day)(peer, request)

    return behave


def test_a_system_that_says_yes_to_everything_does_not_pass(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = AilingServer(lying(format_datetime(datetime.now(UTC) - timedelta(hours=3))))
    configured(home, "m", kind="prometheus", url=server.url)
    monkeypatch.setattr(system_checks, "TESTED_REAL", frozenset())
    code, found = findings(cli, "m", "--conformance")
    server.close()
    assert code == 1
    assert found["conformance"]["state"] == "failed"
    assert "only reading goes through it" in cli("doctor").out
    assert found["clock"]["state"] == "failed"
    assert "3 h behind" in found["clock"]["text"]
    assert found["freshness"]["state"] == "failed"


def lines(count: int) -> list[dict[str, Any]]:
    """A line each second until two minutes ago, half of them without an entity."""
    last = datetime.now(UTC) - timedelta(minutes=2)
    return [
        {"ts": last - timedelta(seconds=number), "entity": "oven" if number % 2 else "", "body": f"loaf {number}"}
        for number in range(count)
    ]


def test_a_log_system_is_asked_about_its_lines(cli: Cli, home: Path) -> None:
    loki = LokiServer(entries_of(lines(600)))
    configured(home, "logs", kind="loki", url=loki.url, **{"scope.cluster": "bakery"})
    code, found = findings(cli, "logs", "--conformance")
    assert code == 0, found
    assert {aspect: each["state"] for aspect, each in found.items()} == {
        **dict.fromkeys(("reach", "clock", "version", "rights", "freshness", "conformance"), "ok"),
        "labels": "warning",
    }
    assert "passed on" in found["conformance"]["text"]
    loki.close()
    code, gone = findings(cli, "logs")
    assert (code, set(gone), gone["reach"]["state"]) == (1, {"reach"}, "failed")


def test_a_log_system_that_finds_everything_does_not_pass(
    cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loki = LokiServer(entries_of(lines(600)))
    search = LokiLogs.search

    def everything(backend: LokiLogs, *window: Any, contains: str | None = None, **more: Any) -> Any:
        return search(backend, *window, **more)

    monkeypatch.setattr(LokiLogs, "search", everything)
    configured(home, "logs", kind="loki", url=loki.url, **{"scope.cluster": "bakery"})
    code, found = findings(cli, "logs", "--conformance")
    loki.close()
    assert (code, found["conformance"]["state"]) == (1, "failed")
    assert "passed" not in found["conformance"]["text"]


def test_a_login_page_is_no_system(cli: Cli, home: Path) -> None:
    page = AilingServer(ailing.answer(b"<html>secret-of-the-page</html>", kind="text/html"))
    for kind in ("prometheus", "alertmanager", "loki", "tempo", "elasticsearch", "kubernetes"):
        configured(home, "m", kind=kind, url=page.url)
        said = cli("doctor", "--conformance")
        assert said.code == 1
        assert "m: reach" in said.out
        assert "did not answer JSON" in said.out
        assert "secret-of-the-page" not in said.out + said.err
        assert "m: rights" not in said.out, "nothing else is asked of what does not answer"
    page.close()
    configured(home, "m", kind="git", path=str(home))
    code, found = findings(cli, "m")
    assert (code, found["reach"]["state"]) == (1, "failed")
