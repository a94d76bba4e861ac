"""What was accepted ends in one report, told once, whoever was killed, stopped or asked to wait on the way."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from opswarden.agents.triage.types import TriageReport
from opswarden.apps.installation import Installation, open_installation
from opswarden.apps.service import announcing, driving, queue, service, tellings
from opswarden.apps.service.arrivals import Arrival, Arrivals
from opswarden.apps.service.confirming import Confirmation
from opswarden.apps.service.folding import FoldingRules
from opswarden.apps.service.front import Front
from opswarden.apps.service.incidents import Incidents
from opswarden.apps.service.performing import Performers
from opswarden.apps.service.service import Worker
from opswarden.apps.stopping import Stop
from opswarden.apps.triage import Outcome
from opswarden.core.clock import FixedClock
from opswarden.core.database import StatementFailed
from opswarden.core.errors import BackendError, ConfigError, LedgerError
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.apps.service.conftest import TOKEN, accept
from opswarden.tests.apps.service.recording import Recording, noted
from opswarden.tests.apps.service.workers import Workers, wait_for
from opswarden.tests.doubles.loki_server import LokiServer, entries_of
from opswarden.tests.doubles.tempo_server import TempoServer
from opswarden.tests.postgres_peer import WRITER, PostgresPeer

Open = Callable[..., tuple[Installation, Worker]]


@pytest.fixture
def open_one(served_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Starts a worker in this process; DBOS has one per process, so the one before is closed first."""
    with ExitStack() as stack:
        last: list[tuple[ExitStack, Worker]] = []

        def close() -> None:
            while last:
                own, worker = last.pop()
                worker.close()
                own.close()

        stack.callback(close)

        def start(performers: Any = None, recording: Recording | None = None) -> tuple[Installation, Worker]:
            close()
            own = ExitStack()
            told = recording or Recording(served_home / "told")
            monkeypatch.setitem(tellings.TELLINGS, "recording", lambda _installation: told)
            installation = own.enter_context(open_installation())
            worker = Worker(installation, Stop(), Performers(performers or {}))
            last.append((own, worker))
            worker.start()
            return installation, worker

        yield start


@pytest.fixture(scope="module")
def _processes() -> Iterator[Workers]:
    """Imports everything once, for all tests that kill."""
    with Workers() as running:
        yield running


@pytest.fixture
def workers(_processes: Workers) -> Iterator[Workers]:
    yield _processes
    _processes.kill_all()


def reported(worker: Worker) -> bool:
    found = worker.incidents.listed(is_live=False)
    return bool(found) and all(each.run_state == "reported" for each in found) and not worker.incidents.untold()


def test_a_storm_is_kept_once_folded_and_reported(open_one: Open, served_home: Path, cli: Cli) -> None:
    """200 alerts of two troubles, every group sent twice, while triages run; some came while nobody worked."""
    with open_installation() as installation:
        arrivals = Arrivals(installation.database, installation.keys, installation.clock, installation.ids)
        # The catalogue says that the cart calls the store and the gateway the cart.
        accept(arrivals, "gateway", "store", "warehouse")
        accept(arrivals, "cart")
    recording = Recording(served_home / "told")
    installation, worker = open_one(recording=recording)
    now = datetime.now(UTC).isoformat()

    def fired(number: int) -> dict[str, Any]:
        entity = ("gateway", "cart", "store", "warehouse")[number % 4]
        labels = {"alertname": f"Slow{number}", "service": entity, "severity": "warning", "pod": f"p{number}"}
        return {"status": "firing", "labels": labels, "startsAt": now, "fingerprint": f"f{number}"}

    headers = {"authorization": f"Bearer {TOKEN}"}
    answers: list[dict[str, int]] = []
    with Front(installation, worker.why_not_ready).server("127.0.0.1", 0) as server, httpx2.Client() as client:
        for first in range(0, 200, 10):
            body = json.dumps({"version": "4", "alerts": [fired(number) for number in range(first, first + 10)]})
            for _ in range(2):
                said = client.post(f"http://127.0.0.1:{server.port}/webhooks/am", content=body, headers=headers)
                assert said.status_code == 202
                answers.append(said.json())
        wait_for(lambda: worker.arrivals.count_waiting() == 0 and reported(worker))
        assert client.get(f"http://127.0.0.1:{server.port}/readyz").status_code == 200
    assert sum(each["new"] for each in answers) == 200
    found = worker.incidents.listed()
    alerts = [worker.incidents.alerts(each.id) for each in found]
    troubles = {frozenset(each.entity for each in joined) for joined in alerts}
    assert troubles == {frozenset({"gateway", "cart", "store"}), frozenset({"warehouse"})}
    assert (sum(map(len, alerts)), {each.times for joined in alerts for each in joined}) == (204, {1})
    reports = noted(served_home / "told", "triage.report")
    assert sorted(each["incident"] for each in reports) == sorted(each.id for each in found)
    assert [each["what"] for each in noted(served_home / "told", "incident.status")] == ["opened", "opened"]
    assert "writing the report" in recording.steps
    assert cli("audit", "verify").code == 0


@pytest.mark.parametrize("strangers", [0, pytest.param(10, marks=pytest.mark.soak)])
def test_a_storm_costs_the_systems_little_more_than_one_triage(
    open_one: Open, served_home: Path, cli: Cli, strangers: int
) -> None:
    """200 alerts of services that call each other, and of others that nobody connects, counted on the wire."""
    now = datetime.now(UTC)
    rows = [
        {"ts": now - timedelta(seconds=20 * place), "entity": "cart", "level": "error", "body": f"refused {place}"}
        for place in range(600)
    ]
    spans: list[dict[str, Any]] = [
        {"trace_id": f"t{place}", "span_id": "a", "parent_id": None, "entity": "cart", "name": "add"}
        | {"start": row["ts"], "duration_us": 900, "status": "ERROR"}
        for place, row in enumerate(rows[::5])
    ]
    with closing(LokiServer(entries_of(rows))) as loki, closing(TempoServer(spans)) as tempo:
        file = served_home / "opswarden.toml"
        more = (("many", "loki", loki.url), ("requests", "tempo", tempo.url))
        file.write_text(
            file.read_text()
            + "".join(
                f'[systems.{name}]\nkind = "{kind}"\nenvironment = "prod"\nurl = "{url}"\n' for name, kind, url in more
            )
        )

        def asked() -> int:
            return len(loki.queries) + len(tempo.asked)

        _, worker = open_one()
        services = ["gateway", "cart", "store", *(f"stranger-{number}" for number in range(strangers))]
        for number in range(200):
            accept(worker.arrivals, services[number % len(services)], event=f"e{number}")
        wait_for(lambda: worker.arrivals.count_waiting() == 0 and reported(worker), timeout_s=400)
        storm, incidents = asked(), len(worker.incidents.listed())
        # Another time, so that nothing of the storm's answers serves it.
        alone = cli("triage", "--service", "cart", "--at", (now - timedelta(hours=1)).isoformat())
        assert alone.code == 0, alone.err
        one = asked() - storm
    assert incidents == 1 + strangers
    assert one >= 5
    assert storm <= 3 * one, (storm, one, incidents)


def test_a_run_that_is_handed_back_goes_on_elsewhere(
    open_one: Open, served_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stops: list[Worker] = []

    class Stopping(Recording):
        def progress(self, incident: Any, step: str) -> None:
            super().progress(incident, step)
            if "comparing" in step and stops:
                stops.pop()._stop.want()

    _, worker = open_one(recording=Stopping(served_home / "told"))
    stops.append(worker)
    accept(worker.arrivals, "gateway")
    wait_for(lambda: not stops)
    _, worker = open_one()
    wait_for(lambda: reported(worker))
    (incident,) = worker.incidents.listed()
    assert incident.leg == 2
    assert len(noted(served_home / "told", "triage.report")) == 1
    runs = sqlite3.connect(served_home / "state" / "opswarden.sqlite")
    assert runs.execute("SELECT count(*) FROM run_request").fetchone() == (1,)
    runs.close()


def test_waiting_for_people_takes_no_place_and_ends_with_their_answer(
    open_one: Open, served_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    legs: list[str] = []
    go_on = driving.go_on

    def waiting(installation: Any, request: Any, surface: Any, run_id: str = "") -> Outcome:
        driving.RunRequests(installation.database).remember(run_id, request)
        legs.append(run_id)
        return Outcome(run_id, approval_ids=("apr_1",))

    def going_on(installation: Any, run_id: str, request: Any, surface: Any) -> Outcome:
        legs.append(run_id)
        return replace(go_on(installation, run_id, request, surface))

    monkeypatch.setattr(driving, "start", waiting)
    monkeypatch.setattr(driving, "go_on", going_on)
    pending: list[Any] = [object()]
    answers = type("Pending", (), {"has_expired": staticmethod(lambda _now: False)})
    _, worker = open_one()
    store = worker._installation.approvals
    monkeypatch.setattr(store, "records", lambda **_: [answers()] if pending else [])
    accept(worker.arrivals, "gateway")
    wait_for(lambda: worker.incidents.in_run_state("waiting"))
    worker.sweep()
    assert worker._queue._active == 0
    assert legs == [worker.incidents.in_run_state("waiting")[0].run_id]
    wait_for(lambda: not worker.incidents.untold())
    told = [each["what"] for each in noted(served_home / "told", "incident.status")]
    assert told == ["opened", "waiting"]
    pending.clear()
    wait_for(lambda: reported(worker))
    assert legs == [legs[0]] * 2
    assert len(noted(served_home / "told", "triage.report")) == 1


def test_a_database_that_was_gone_for_a_moment_ends_no_triage(
    open_one: Open, served_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures: list[Exception] = [LedgerError("the connection has gone"), sqlite3.OperationalError("locked")]
    start = driving.start

    def interrupted(installation: Any, request: Any, surface: Any, run_id: str = "") -> Outcome:
        if failures:
            raise failures.pop()
        return start(installation, request, surface, run_id)

    monkeypatch.setattr(driving, "start", interrupted)
    monkeypatch.setattr(driving, "_LONGEST_PAUSE_S", 0.01)
    _, worker = open_one()
    accept(worker.arrivals, "gateway")
    wait_for(lambda: reported(worker))
    assert not failures
    assert len(noted(served_home / "told", "triage.report")) == 1


def test_a_cancelled_incident_has_no_report_and_a_defect_ends_in_a_message(
    open_one: Open, served_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cancelling(installation: Any, request: Any, surface: Any, run_id: str = "") -> TriageReport:
        incident = worker.incidents.of_run(run_id)
        assert incident is not None
        if incident.entity != "cancelled":
            raise RuntimeError("a defect with mia@example.com in its text")
        worker.incidents.cancel(incident.id, "person:ana")
        surface.on_step("x")
        raise AssertionError("it goes on")

    monkeypatch.setattr(driving, "start", cancelling)
    _, worker = open_one()
    accept(worker.arrivals, "cancelled", "defect")
    wait_for(
        lambda: (
            sorted(each.run_state for each in worker.incidents.listed(is_live=False)) == ["failed", "none"]
            and not worker.incidents.untold()
        )
    )
    assert noted(served_home / "told", "triage.report") == []
    told = sorted(each["what"] for each in noted(served_home / "told", "incident.status"))
    assert told == ["cancelled", "failed", "opened", "opened"]
    notes = " ".join(each.note for found in worker.incidents.listed() for each in worker.incidents.timeline(found.id))
    assert "internal error: RuntimeError" in notes
    assert "mia@example.com" not in notes


@pytest.mark.parametrize(
    "error",
    [
        BackendError("the far side does not answer"),
        LedgerError("the database of what is posted has gone for a moment"),
        StatementFailed("the connection has gone", "try again"),
    ],
)
def test_what_cannot_be_delivered_is_told_once_it_can(
    open_one: Open, served_home: Path, cli: Cli, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Also what nobody knows to have arrived, since a place where incidents are told has it once."""
    away, unopened = [True] * 2, [True]

    def on_send(kind: str) -> None:
        if kind == "triage.report" and away:
            away.pop()
            raise error
        if kind == "incident.status" and unopened:
            unopened.pop()
            raise error

    monkeypatch.setattr(driving, "_LONGEST_PAUSE_S", 0.1)
    monkeypatch.setattr(announcing, "_RETRY_S", 0.1)
    monkeypatch.setattr(service, "_SWEEP_S", 0.1)
    _, worker = open_one(recording=Recording(served_home / "told", on_send))
    accept(worker.arrivals, "gateway")
    wait_for(lambda: reported(worker))
    (incident,) = worker.incidents.listed()
    assert (incident.leg, away) == (3, [])
    assert len(noted(served_home / "told", "triage.report")) == 1
    assert [each["what"] for each in noted(served_home / "told", "incident.status")] == ["opened"]
    entries = cli("audit", "tail", "-n", "1000", "--run", incident.run_id, "--format", "json").json
    calls = [entry["body"]["call_id"] for entry in entries if entry["kind"] == "call.outcome"]
    assert len(calls) == len(set(calls))


def test_a_report_that_can_never_be_delivered_ends_as_failed(
    open_one: Open, served_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_send(kind: str) -> None:
        if kind == "triage.report":
            raise BackendError("the far side does not answer")

    monkeypatch.setattr(driving, "_LEGS", 1)
    _, worker = open_one(recording=Recording(served_home / "told", on_send))
    accept(worker.arrivals, "gateway")
    wait_for(lambda: bool(worker.incidents.in_run_state("failed")) and not worker.incidents.untold())
    (failed,) = [each for each in noted(served_home / "told", "incident.status") if each["what"] == "failed"]
    assert failed["incident"] == worker.incidents.listed()[0].id


def test_what_stays_clear_is_resolved_once_the_systems_confirm(
    open_one: Open, served_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = served_home / "opswarden.toml"
    settings.write_text(settings.read_text().replace("[service]", "[service]\nresolve_after_s = 60"))
    monkeypatch.setattr(driving.Driver, "drive", lambda driver, incident, leg: "stopped")
    answers = ["fires", "unknown", "over"]
    asked: list[str] = []

    def confirm(_installation: Any, incident: Any, _alerts: Any, by: str) -> Confirmation:
        asked.append(by)
        return Confirmation(answers.pop(0), "so it is")  # type: ignore[arg-type]

    monkeypatch.setattr(service, "confirm", confirm)
    installation, worker = open_one()
    accept(worker.arrivals, "gateway")
    wait_for(lambda: worker.incidents.in_run_state("queued"))
    (incident,) = worker.incidents.listed()
    alert = replace(worker.incidents.alerts(incident.id)[0], status="resolved")
    where = {"team": "platform", "environment": "prod", "by": "system:am", "telling": "recording"}
    worker.incidents.fold(alert, **where, neighbours=lambda _entity: (), rules=FoldingRules())
    worker.resolve_cleared()
    worker.incidents.ended(worker.incidents.get(incident.id), "reported")
    worker.resolve_cleared()
    assert asked == []  # a triage was under way, and then it was not clear for long
    later = FixedClock(installation.clock.now() + timedelta(seconds=90))
    monkeypatch.setattr(worker, "_installation", replace(installation, clock=later))
    for _ in range(2):
        worker.resolve_cleared()
        assert worker.incidents.get(incident.id).state == "open"
    worker.resolve_cleared()
    assert worker.incidents.get(incident.id).state == "resolved"
    assert asked == ["system:service"] * 3


def test_a_worker_that_is_asked_to_stop_ends_in_order(served_home: Path, workers: Workers) -> None:
    (served_home / "worker.err").touch()
    pid = workers.start(served_home)
    wait_for(lambda: "working" in (served_home / "worker.err").read_text())
    with open_installation() as installation:
        arrivals = Arrivals(installation.database, installation.keys, installation.clock, installation.ids)
        incidents = Incidents(installation.database, installation.clock, installation.ids)
        accept(arrivals, "gateway")
        wait_for(lambda: incidents.in_run_state("queued") and incidents.in_run_state("queued")[0].run_id)
        workers.kill(pid, signal.SIGTERM)
        assert "stopped" in (served_home / "worker.err").read_text()
        # Handed back between two steps, or finished before: never lost, never failed.
        (incident,) = incidents.listed()
        assert incident.run_state in ("queued", "reported")


def test_what_people_write_goes_to_whoever_works_it_off(open_one: Open, served_home: Path) -> None:
    done: list[str] = []

    def perform(_installation: Installation, arrival: Arrival) -> None:
        done.append(str(arrival.body["text"]))
        if arrival.body["text"] == "shaky" and done.count("shaky") == 1:
            raise BackendError("not now")

    _, worker = open_one({("slack", "mention"): perform, ("slack", "alert"): perform})
    for text in ("hello", "shaky"):
        worker.arrivals.accept("slack", text, "mention", {"text": text})
    worker.arrivals.accept("slack", "posted", "alert", {"text": "posted"})
    worker.arrivals.accept("pigeon", "p", "mention", {"text": "coo"})
    wait_for(lambda: worker.arrivals.count_waiting() == 0)
    assert sorted(done) == ["hello", "posted", "shaky", "shaky"]


def test_an_old_sqlite_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch, served_home: Path) -> None:
    monkeypatch.setitem(tellings.TELLINGS, "recording", lambda _installation: Recording(served_home / "told"))
    monkeypatch.setattr(queue.sys, "version_info", (3, 12, 1))
    monkeypatch.setattr(queue.sqlite3, "sqlite_version_info", (3, 40, 1))
    with open_installation() as installation, pytest.raises(ConfigError, match="too old") as caught:
        Worker(installation, Stop(), Performers({}))
    assert "PostgreSQL" in caught.value.remedy


def kill_at_random(home: Path, incidents: Incidents, seed: int, kills: int, workers: Workers) -> None:
    """Kill one worker after the other at moments of a seeded choice, until all is told."""
    chance = random.Random(seed)

    def is_done() -> bool:
        found = incidents.listed(is_live=False)
        settled = bool(found) and all(each.run_state == "reported" for each in found)
        return settled and not incidents.untold()

    for _ in range(kills):
        pid = workers.start(home)
        moment = chance.uniform(0.3, 2.5)
        try:
            wait_for(is_done, moment)
        except AssertionError:
            workers.kill(pid)
            continue
        break
    workers.start(home)
    wait_for(is_done, 120)


def test_two_workers_on_postgresql_share_the_work(
    served_home: Path, cli: Cli, postgres: PostgresPeer, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = postgres.new_database()
    monkeypatch.setenv("DATABASE_OWNER_URL", postgres.url(name).get_secret_value())
    monkeypatch.setenv("OPSWARDEN_DATABASE__URL", postgres.url(name, WRITER).get_secret_value())
    assert cli("database", "prepare", "--writer", WRITER).code == 0
    entities = ("gateway", "warehouse")
    with open_installation() as installation:
        incidents = Incidents(installation.database, installation.clock, installation.ids)
        arrivals = Arrivals(installation.database, installation.keys, installation.clock, installation.ids)
        first = workers.start(served_home)
        workers.start(served_home)
        accept(arrivals, *entities)
        wait_for(lambda: incidents.in_run_state("queued"))
        workers.kill(first)
        accept(arrivals, *entities)
        wait_for(lambda: len(incidents.in_run_state("reported")) == len(entities) and not incidents.untold(), 120)
        found = incidents.listed()
    reports = noted(served_home / "told", "triage.report")
    assert sorted(each["incident"] for each in reports) == sorted(each.id for each in found)
    assert not (served_home / "state" / "queue.sqlite").exists()
    assert cli("audit", "verify", "--format", "json").json["ok"] is True


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 14))])
def test_whoever_is_killed_every_incident_has_one_report(
    served_home: Path, cli: Cli, workers: Workers, seed: int
) -> None:
    entities = ("gateway", "warehouse")
    with open_installation() as installation:
        incidents = Incidents(installation.database, installation.clock, installation.ids)
        arrivals = Arrivals(installation.database, installation.keys, installation.clock, installation.ids)
        accept(arrivals, *entities)
        accept(arrivals, *entities)
        kill_at_random(served_home, incidents, seed, 2 if seed == 1 else 8, workers)
        found = incidents.listed(is_live=False)
    assert {each.entity for each in found} == set(entities)
    reports = noted(served_home / "told", "triage.report")
    assert sorted(each["incident"] for each in reports) == sorted(each.id for each in found)
    opened = [each for each in noted(served_home / "told", "incident.status") if each["what"] == "opened"]
    assert len(opened) == len(found)
    assert cli("audit", "verify").code == 0
