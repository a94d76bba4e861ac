"""Our own figures: right, whole, readable by Prometheus, and bounded."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opswarden.apps import own_metrics
from opswarden.apps.installation import Installation, open_installation
from opswarden.apps.keeping.reports import KeptReports
from opswarden.apps.own_metrics import FAMILIES, OwnMetrics
from opswarden.apps.service.arrivals import Arrivals
from opswarden.apps.service.incidents import Incidents
from opswarden.apps.service.schedules import Schedules
from opswarden.apps.service.settings import RecurringSettings
from opswarden.apps.settings import Settings
from opswarden.core.clock import FixedClock
from opswarden.core.errors import BackendError
from opswarden.policies.ledger.types import LedgerEntry
from opswarden.tests.prometheus_peer import why_missing


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))


@pytest.fixture
def installation(tmp_path: Path, clock: FixedClock) -> Iterator[Installation]:
    with open_installation(Settings(state_dir=tmp_path / "state"), clock) as opened:
        KeptReports(opened.database)
        yield opened


def values(text: str) -> dict[str, float]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z_]+(\{([a-z]+=\"[^\n]*\",?)*\})? -?[0-9.e+-]+", line) for line in lines), text
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def fill(installation: Installation, clock: FixedClock) -> None:
    ledger = installation.ledger
    ledger.append([LedgerEntry("run.started", "run_1", {"role": "triage", "is_resumed": False})])
    ledger.append([LedgerEntry("call.decided", "run_1", {"call_id": "c1", "tool": "t", "decision": "allow"})])
    clock.advance(2)
    outcome = {"call_id": "c1", "tool": "t", "status": "ok", "summary": "<EMAIL_ADDRESS_1·k3f9> and <PHONE_2·k3f9>"}
    ledger.append([LedgerEntry("call.outcome", "run_1", {**outcome, "withheld": {"too-large": 2}})])
    ledger.append([LedgerEntry("call.decided", "run_1", {"call_id": "c2", "tool": "t", "decision": "deny"})])
    ledger.append([LedgerEntry("approval.requested", "run_1", {"approval_id": "a1", "call_id": "c3", "tool": "t"})])
    clock.advance(120)
    ledger.append([LedgerEntry("approval.answered", "run_1", {"approval_id": "a1", "answer": "deny"})])
    ledger.append([LedgerEntry("run.ended", "run_1", {"outcome": "reported"})])


def test_figures_are_those_of_the_records(installation: Installation, clock: FixedClock) -> None:
    metrics = OwnMetrics(installation)
    empty = values(metrics.text())
    assert empty["opswarden_ledger_entries"] == 0
    assert not [name for name in empty if "queue" in name]
    fill(installation, clock)
    arrivals = Arrivals(installation.database, installation.keys, clock, installation.ids)
    arrivals.accept("hook", "e1", "alert", {})
    clock.advance(7)
    arrivals.accept("hook", "e2", "alert", {})
    installation.switch.set(True, by="person:ana", reason="a drill")
    found = values(metrics.text())
    expected = {
        'opswarden_runs_started_total{role="triage"}': 1,
        'opswarden_runs_ended_total{outcome="reported"}': 1,
        'opswarden_decisions_total{decision="allow",verb="call"}': 1,
        'opswarden_decisions_total{decision="deny",verb="call"}': 1,
        'opswarden_outcomes_total{status="ok",verb="call"}': 1,
        'opswarden_approvals_answered_total{answer="deny"}': 1,
        'opswarden_redactions_total{type="EMAIL_ADDRESS"}': 1,
        'opswarden_redactions_total{type="PHONE"}': 1,
        'opswarden_texts_withheld_total{reason="too-large"}': 2,
        'opswarden_stage_duration_seconds_bucket{stage="call",le="1"}': 0,
        'opswarden_stage_duration_seconds_bucket{stage="call",le="5"}': 1,
        'opswarden_stage_duration_seconds_bucket{stage="call",le="+Inf"}': 1,
        'opswarden_stage_duration_seconds_sum{stage="call"}': 2,
        'opswarden_stage_duration_seconds_sum{stage="approval"}': 120,
        'opswarden_stage_duration_seconds_sum{stage="run"}': 122,
        'opswarden_stage_duration_seconds_count{stage="run"}': 1,
        "opswarden_queue_waiting": 2,
        "opswarden_queue_oldest_seconds": 7,
        "opswarden_writes_stopped": 1,
        "opswarden_ledger_entries": 8,
        "opswarden_ledger_unread_entries": 0,
    }
    assert {name: found.get(name) for name in expected} == expected
    # Neither another process nor a second look counts anything twice.
    assert values(metrics.text()) == found
    assert values(OwnMetrics(installation).text()) == found


def test_one_answer_reads_for_a_bounded_time_and_says_what_it_has_not_read(
    installation: Installation, clock: FixedClock
) -> None:
    fill(installation, clock)
    metrics = OwnMetrics(installation, read_s=0.0)
    left = [values(metrics.text())["opswarden_ledger_unread_entries"] for _ in range(8)]
    assert left == [6, 5, 4, 3, 2, 1, 0, 0]
    assert values(metrics.text()) == values(OwnMetrics(installation).text())


def test_what_a_value_holds_changes_no_line_and_there_are_few_of_them(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_metrics, "_MOST_VALUES", 5)
    odd = ['a"} 1\nevil_total 7', "back\\slash", "ä\u2028", *(f"r{number}" for number in range(20))]
    installation.ledger.append(
        [LedgerEntry("run.started", f"run_{number}", {"role": role}) for number, role in enumerate(odd)]
    )
    text = OwnMetrics(installation).text()
    assert "\nevil_total" not in text
    started = [line for line in text.split("\n") if line.startswith("opswarden_runs_started_total{")]
    assert len(started) == 6
    assert 'opswarden_runs_started_total{role="other"} 18' in started


def test_names_follow_the_conventions() -> None:
    for name, (kind, told) in FAMILIES.items():
        assert name.startswith("opswarden_")
        assert name.endswith("_total") == (kind == "counter"), name
        assert told.endswith(".")


def test_prometheus_reads_it(installation: Installation, clock: FixedClock) -> None:
    if why := why_missing():
        pytest.skip(why)
    fill(installation, clock)
    tool = shutil.which("promtool")
    assert tool is not None
    text = OwnMetrics(installation).text()
    done = subprocess.run([tool, "check", "metrics"], input=text, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_triages_that_are_due_and_schedules_that_went_well_are_seen(
    installation: Installation, clock: FixedClock
) -> None:
    metrics = OwnMetrics(installation)
    Arrivals(installation.database, installation.keys, clock, installation.ids)
    incidents = Incidents(installation.database, clock, installation.ids)
    assert values(metrics.text())["opswarden_incidents_queued"] == 0
    incident = incidents.open_one(
        team="platform", environment="prod", title="t", entity="gateway", began=clock.now(), by="person:ana",
        telling="reports", thread="",
    )  # fmt: skip
    incidents.queue(incident)
    clock.advance(40)
    settings = RecurringSettings(do="doctor", cron="* * * * *")
    works: list[str] = ["", "no"]

    def task(*_: object) -> str:
        if works.pop():
            raise BackendError("it does not work")
        return "well"

    schedules = Schedules(installation.database, clock, {"hourly": settings}, {"doctor": task})
    schedules.queued("hourly", clock.now())
    name = 'opswarden_schedule_success_timestamp_seconds{schedule="hourly"}'
    schedules.do(installation, "hourly", clock.now())
    found = values(metrics.text())
    assert name not in found
    assert found["opswarden_incidents_queued"] == 1
    assert found["opswarden_incidents_oldest_queued_seconds"] >= 40
    schedules.do(installation, "hourly", clock.now())
    assert values(metrics.text())[name] == int(clock.now().timestamp())


def test_prometheus_takes_the_rules_of_the_docs(tmp_path: Path) -> None:
    if why := why_missing():
        pytest.skip(why)
    tool = shutil.which("promtool")
    assert tool is not None
    page = (Path(__file__).parents[2] / "docs" / "service.md").read_text()
    (rules,) = re.findall(r"```yaml\n(groups:.*?)```", page, re.DOTALL)
    (tmp_path / "rules.yml").write_text(rules)
    done = subprocess.run(
        [tool, "check", "rules", str(tmp_path / "rules.yml")], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, "2 rules found" in done.stdout) == (0, True), done.stdout + done.stderr
    assert set(re.findall(r"opswarden_\w+", rules)) <= set(FAMILIES)
