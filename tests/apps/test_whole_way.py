"""The whole way as one: a bad promotion, an alert, a triage in Slack, a rollback with leave, recovery, and the record.

Real: Prometheus evaluates a rule on backfilled series and fires, Alertmanager groups and posts, the service (front,
queue, worker) takes it over HTTP, MLflow holds the models. Slack is the double. No language model takes part.
"""

from __future__ import annotations

import random
import re
import shlex
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from opswarden.apps.cli.serve import open_worker
from opswarden.apps.installation import Installation, open_installation
from opswarden.apps.platform.models import ask_models
from opswarden.apps.service.front import Front
from opswarden.apps.service.incident_records import Incident
from opswarden.apps.service.incidents import Incidents
from opswarden.apps.settings import load_settings
from opswarden.apps.slack.opening import mounted
from opswarden.apps.stopping import Stop
from opswarden.core.clock import FixedClock, SystemClock
from opswarden.tests import alertmanager_peer, prometheus_peer
from opswarden.tests.alertmanager_peer import AlertmanagerPeer
from opswarden.tests.doubles.slack_events import SECRET, SlackEvents
from opswarden.tests.doubles.slack_server import TOKEN, WORKSPACE, SlackServer
from opswarden.tests.mlflow_peer import MlflowPeer
from opswarden.tests.prometheus_peer import PrometheusPeer
from opswarden.tools.snapshots.manifest import Manifest, Window
from opswarden.tools.snapshots.writer import SnapshotWriter

from .conftest import Cli
from .service.workers import wait_for
from .slack.house import BO, CHANNEL, EVE, shown

APPROVE, HOOK = "approval.approve", "h" * 32
SETTINGS = """\
version = 1
model_checks = "checks"
[service]
tell = "slack"
settle_s = 0.2
stop_s = 5
[webhooks.alertmanager]
kind = "alertmanager"
environment = "production"
token_env = "HOOK_TOKEN"
[catalogue]
path = "catalogue.yaml"
[live]
baseline_s = 5400
[systems.metrics]
kind = "prometheus"
environment = "production"
url = "{prometheus}"
[systems.alerts]
kind = "alertmanager"
environment = "production"
url = "{alertmanager}"
[registries.prod]
kind = "mlflow"
environment = "production"
url = "{mlflow}"
prefix = "prod."
token_env = "PROD_TOKEN"
artifacts = ["{artifacts}"]
entities = {{fraud = "fraud-scorer"}}
[slack]
workspace = "{workspace}"
url = "{slack}"
token_env = "BOT_TOKEN"
signing_env = "SIGNING"
low_risk = ["models.rollback"]
[slack.channels.incidents]
id = "{channel}"
environment = "production"
automatic = true
floor = "warning"
[people.ann]
roles = ["oncall"]
[people.bo]
roles = ["oncall"]
known_as = ["U0BO"]
[people.eve]
roles = ["spectator"]
known_as = ["U0EVE"]
[gate.stages.platform.production]
"models.promote" = "act"
"models.rollback" = "act"
"""
CATALOGUE = """\
version: 1
entities:
  gateway: {depends_on: [checkout]}
  checkout: {depends_on: [fraud-scorer, ledger]}
"""
CHECKS = "version: 1\nmodel: fraud\nchecks:\n  - {name: latency, kind: budget, metric: latency_p99_ms, most: 40}\n"
RULES = """\
groups:
  - name: payments
    rules:
      - alert: ApprovalsFell
        expr: approval_rate{service="checkout"} < 0.8
        labels: {severity: critical}
        annotations: {summary: fewer payments are approved}
"""
PROMETHEUS = """\
global: {{evaluation_interval: 1s}}
rule_files: ["{rules}"]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["127.0.0.1:{alertmanager}"]}}]}}]}}
"""
ALERTMANAGER = """\
route: {{receiver: opswarden, group_by: [alertname], group_wait: 0s, group_interval: 1s}}
receivers:
  - name: opswarden
    webhook_configs:
      - url: http://127.0.0.1:{port}/webhooks/alertmanager
        http_config: {{authorization: {{credentials: {token}}}}}
"""
QUIET = {
    ("gateway", "request_errors"): (0.01, 0.001),
    ("gateway", "latency_ms"): (80.0, 3.0),
    ("checkout", "latency_ms"): (120.0, 4.0),
    ("checkout", "approval_rate"): (0.95, 0.004),
    ("fraud-scorer", "latency_ms"): (15.0, 0.6),
    ("fraud-scorer", "score_mean"): (0.12, 0.004),
    ("ledger", "latency_ms"): (8.0, 0.4),
    ("ledger", "queue_depth"): (20.0, 2.0),
}
HARMED = {("fraud-scorer", "score_mean"): (0.55, 20), ("checkout", "approval_rate"): (0.6, 60)}
"""Level after the bad promotion, and how many seconds later it shows."""


def series(now: datetime, bad_since: datetime | None) -> list[dict[str, Any]]:
    """Two hours of every series up to now, half a minute apart."""
    rng, rows = random.Random(7), []
    for step in range(241):
        at = now - timedelta(seconds=30 * (240 - step))
        for (entity, metric), (level, noise) in QUIET.items():
            harmed, late_s = HARMED.get((entity, metric), (level, 0))
            is_bad = bad_since is not None and at >= bad_since + timedelta(seconds=late_s)
            value = rng.gauss(harmed if is_bad else level, noise)
            rows.append({"entity": entity, "metric": metric, "labels": (), "ts": at, "value": value})
    return rows


@dataclass
class Way:
    """Everything that takes part."""

    installation: Installation
    incidents: Incidents
    slack: SlackServer
    mlflow: MlflowPeer
    alertmanager: AlertmanagerPeer
    folder: Path
    events: SlackEvents
    prometheus: ExitStack

    def head(self) -> str:
        """The one message of the incident, as it reads now."""
        ours = [each for each in self.slack.messages[CHANNEL] if "app_id" in each and not each.get("thread_ts")]
        return shown(ours[0]) if ours else ""

    def thread(self) -> list[dict[str, Any]]:
        """The messages in its thread."""
        return [each for each in self.slack.messages[CHANNEL] if "app_id" in each and each.get("thread_ts")]

    def said(self) -> str:
        """What stands in its thread."""
        return "\n".join(shown(each) for each in self.thread())

    def incident(self) -> Incident:
        """The one there is."""
        (found,) = self.incidents.listed(is_live=False)
        return found

    def alias_moves(self) -> int:
        """How many requests moved the alias, counted at MLflow."""
        return sum(m == "POST" and path.endswith("/registered-models/alias") for m, path in self.mlflow.asked)

    def scrape(self, now: datetime, bad_since: datetime | None) -> None:
        """A Prometheus that holds this past; the one before, if any, goes down."""
        self.prometheus.close()
        config = PROMETHEUS.format(rules=self.folder / "rules.yml", alertmanager=self.alertmanager.port)
        peer = PrometheusPeer(series(now, bad_since), ("--rules.alert.resend-delay=1s",), config)
        self.prometheus.callback(peer.close)
        self.url = peer.url


def posted(port: int, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, Mapping[str, str]]:
    """What the service answers to a request of Slack's."""
    answer = httpx2.post(f"http://127.0.0.1:{port}/slack/events", content=body, headers=dict(headers))
    return answer.status_code, answer.content, dict(answer.headers)


def as_(person: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is at the keyboard."""
    monkeypatch.setattr("opswarden.apps.installation.current_person", lambda: person)


def promote(way_settings: Any, clock: FixedClock, version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ann promotes a version, and Bo agrees."""
    with open_installation(way_settings, clock) as opened:
        args = {"model": "fraud", "version": version, "reason": "weekly retraining"}
        as_("ann", monkeypatch)
        waits = ask_models(opened, "models.promote", args)
        held = frozenset({"oncall"})
        opened.approvals.answer(waits.result.approval_id or "", "approve", approver="person:bo", roles=held, note="")
        assert ask_models(opened, "models.promote", args, run_id=waits.run_id).result.status == "ok"


@contextmanager
def served(home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    """All systems up, version 2 promoted ten minutes ago, and the service at work."""
    now = datetime.now(UTC)
    for name, value in {"BOT_TOKEN": TOKEN, "SIGNING": SECRET, "HOOK_TOKEN": HOOK, "PROD_TOKEN": "prod-secret"}.items():
        monkeypatch.setenv(name, value)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "rules.yml").write_text(RULES)
    (home / "checks").mkdir()
    (home / "checks" / "fraud.yaml").write_text(CHECKS)
    (home / "catalogue.yaml").write_text(CATALOGUE)
    with ExitStack() as stack:
        slack = stack.enter_context(SlackServer(SystemClock()))
        slack.add_channel(CHANNEL, "incidents")
        slack.add_user(BO)
        slack.add_user(EVE)
        mlflow = stack.enter_context(closing(MlflowPeer(folder / "mlflow")))
        alertmanager = AlertmanagerPeer(ALERTMANAGER.format(port=port, token=HOOK))
        stack.callback(alertmanager.close)
        events = SlackEvents(lambda body, headers: posted(port, body, headers), FixedClock(now))
        way = Way(None, None, slack, mlflow, alertmanager, folder, events, stack.enter_context(ExitStack()))  # type: ignore[arg-type]  # opened below
        way.scrape(now, now - timedelta(minutes=10))
        text = SETTINGS.format(
            prometheus=way.url,
            alertmanager=alertmanager.url,
            mlflow=mlflow.url,
            artifacts=mlflow.artifacts,
            workspace=WORKSPACE,
            slack=slack.url,
            channel=CHANNEL,
        )
        (home / "opswarden.toml").write_text(text)
        settings = load_settings()
        for version, minutes in ((1, 60 * 24 * 3), (2, 10)):
            assert mlflow.train("prod.fraud", metrics={"latency_p99_ms": 21.0}) == version
            promote(settings, FixedClock(now - timedelta(minutes=minutes)), version, monkeypatch)
        installation = stack.enter_context(open_installation(settings))
        stop = Stop()
        worker = open_worker(installation, stop)
        stack.callback(worker.close)
        front = Front(installation, worker.why_not_ready, mounted(installation))
        stack.enter_context(front.server("127.0.0.1", port))
        worker.start()
        way.installation, way.incidents = installation, worker.incidents
        yield way


def predictions(folder: Path, since: datetime, versions: Mapping[str, int]) -> Path:
    """A snapshot of so many answers of each version in the minute after a moment."""
    window = Window(start=since - timedelta(hours=1), end=since + timedelta(minutes=1))
    given = [version for version, count in versions.items() for _ in range(count)]
    rows = {
        "ts": [since + timedelta(milliseconds=10 * place) for place in range(len(given))],
        "entity": ["fraud-scorer"] * len(given),
        "model": ["fraud"] * len(given),
        "version": given,
        "score": [0.1] * len(given),
        "labels": [[]] * len(given),
    }
    manifest = Manifest(title="t", environment="production", window=window, source="test", licence="internal")
    with SnapshotWriter(folder, manifest) as writer:
        writer.write("predictions", rows)
    return folder


def press(way: Way, user: str, approval_id: str) -> None:
    """Somebody presses Approve under the question in the thread; Slack posts it, signed, to the service."""
    message = next(each for each in way.thread() if approval_id in shown(each))
    sent = way.events.press(user, CHANNEL, message["ts"], APPROVE, approval_id, thread_ts=message["thread_ts"])
    assert sent.statuses == (200,), sent


def found_by_itself(way: Way) -> tuple[str, ...]:
    """What happens before anybody does anything; the words of the command that the channel is told."""
    wait_for(lambda: len(way.incidents.in_run_state("reported")) == 1)
    wait_for(lambda: "not done" in way.said())
    assert way.incident().entity == "checkout"
    assert "Likely cause: fraud-scorer · change fraud/2" in way.head()
    assert "models.rollback proposed, not done: model=fraud" in way.said()
    (command,) = re.findall(r"give the model back, with leave: opswarden (platform rollback .+ run_\w+)", way.head())
    return tuple(shlex.split(command))


def given_back(way: Way, cli: Cli, command: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Ann asks for it word for word, Eve may not agree, Bo does by button, and then it is done; the run."""
    as_("ann", monkeypatch)
    waits = cli(*command, "--format", "json")
    assert (waits.code, "shown in the thread" in waits.err) == (5, True), waits
    approval, run_id = str(waits.json["approval_id"]), str(waits.json["run_id"])
    assert all(text in way.said() for text in (approval, "give fraud back to an earlier champion", "champion: 2 → 1"))
    press(way, EVE, approval)
    wait_for(lambda: any("You do not hold a role" in each["text"] for each in way.slack.ephemerals))
    assert cli(*command, "--run", run_id).code == 5
    assert (way.mlflow.alias("prod.fraud"), way.alias_moves()) == (2, 2)
    for _ in range(2):
        press(way, BO, approval)
    wait_for(lambda: way.installation.approvals.get(approval).state == "approved")
    for _ in range(2):
        done = cli(*command, "--run", run_id)
        assert (done.code, "from version 2 to 1" in done.out) == (0, True), done
    assert (way.mlflow.alias("prod.fraud"), way.alias_moves()) == (1, 3)
    wait_for(lambda: "Approved by person:bo" in way.said())
    return run_id


def test_a_bad_promotion_is_found_given_back_once_and_resolved(
    cli: Cli, home: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    missing = prometheus_peer.why_missing() or alertmanager_peer.why_missing()
    if missing:
        pytest.skip(missing)
    with served(home, tmp_path_factory.mktemp("way"), monkeypatch) as way:
        command = [*found_by_itself(way), "--reason", "approvals fell"]
        (way.folder / "told.txt").write_text(f"{way.head()}\n\n{way.said()}")
        assert (way.mlflow.alias("prod.fraud"), way.alias_moves()) == (2, 2)
        incident = way.incident()
        early = cli("incidents", "resolve", incident.id)
        assert (early.code, "still fire" in early.err) == (1, True), early

        run_id = given_back(way, cli, command, monkeypatch)
        after = predictions(home / "after", datetime.now(UTC) + timedelta(seconds=5), {"1": 98, "2": 2})
        followed = cli("platform", "confirm", "fraud", "--snapshot", after)
        assert (followed.code, followed.out.startswith("confirmed")) == (0, True), followed

        # The series recover, so Prometheus no longer fires, and Alertmanager says by itself that it is over.
        way.scrape(datetime.now(UTC), None)
        wait_for(lambda: all(each.status == "resolved" for each in way.incidents.alerts(incident.id)))
        over = cli("incidents", "resolve", incident.id)
        assert (over.code, way.incident().state) == (0, "resolved"), over
        wait_for(lambda: "State: resolved" in way.head())

        moves = cli("platform", "history", "fraud", "--format", "json").json["moves"]
        assert [(one["kind"], one["state"], one["version_after"]) for one in moves] == [
            ("rollback", "done", 1),
            ("promote", "done", 2),
            ("promote", "done", 1),
        ]
        entries = cli("audit", "tail", "-n", "100", "--run", run_id, "--format", "json").json
        answers = [each["body"]["approver"] for each in entries if each["kind"] == "approval.answered"]
        outcomes = [each["body"]["status"] for each in entries if each["kind"] == "call.outcome"]
        assert (answers, outcomes) == (["person:bo"], ["ok"])
    assert cli("audit", "anchor", "--to", home.parent / "heads.txt").code == 0
    checked = cli("audit", "verify", "--trusted-head", home.parent / "heads.txt")
    assert (checked.code, "all covered by a trusted head" in checked.out) == (0, True), checked
