"""What is due is done once, late if need be, and only what went well leaves a sign of life."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from opswarden.apps.installation import Installation, open_installation
from opswarden.apps.runs import RunRequest, RunRequests
from opswarden.apps.service import tellings
from opswarden.apps.service.arrivals import Arrivals
from opswarden.apps.service.cron import parse_cron
from opswarden.apps.service.performing import Performers
from opswarden.apps.service.schedules import Schedules
from opswarden.apps.service.service import Worker
from opswarden.apps.service.settings import RecurringSettings
from opswarden.apps.service.tasks import TASKS
from opswarden.apps.settings import Settings
from opswarden.apps.stopping import Stop
from opswarden.core.clock import FixedClock
from opswarden.core.errors import BackendError
from opswarden.evals.cases import Case
from opswarden.policies.ledger.types import LedgerEntry
from opswarden.tests.apps.answers import PERSON
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.apps.service.recording import Recording, noted
from opswarden.tests.apps.service.workers import wait_for
from opswarden.tests.doubles import ailing_server as ailing
from opswarden.tests.doubles.ailing_server import AilingServer

NOON = datetime(2031, 5, 7, 12, 0, tzinfo=UTC)  # a Wednesday

LAST: list[tuple[str, str]] = [
    ("* * * * *", "2031-05-07 12:00"),
    ("1 * * * *", "2031-05-07 11:01"),
    ("15 3 * * *", "2031-05-07 03:15"),
    ("30 22 * * *", "2031-05-06 22:30"),
    ("*/25 1-2 * * *", "2031-05-07 02:50"),
    ("0 9 * * 1", "2031-05-05 09:00"),
    ("0 9 * * 0", "2031-05-04 09:00"),
    ("0 9 * * 7", "2031-05-04 09:00"),
    ("0 0 1 * *", "2031-05-01 00:00"),
    ("0 0 1 * 2", "2031-05-06 00:00"),
    ("0 0 29 2 *", "2028-02-29 00:00"),
    ("0 8,20 10-20/5 4 *", "2031-04-20 20:00"),
]


@pytest.mark.parametrize(("expression", "moment"), LAST, ids=[row[0] for row in LAST])
def test_when_it_was_due_last(expression: str, moment: str) -> None:
    found = parse_cron(expression).last(NOON)
    assert f"{found:%Y-%m-%d %H:%M}" == moment


def test_what_never_comes_is_never_due() -> None:
    assert parse_cron("0 0 30 2 *").last(NOON) is None


@pytest.mark.parametrize(
    "text",
    ["", "* * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "5-1 * * * *", "*/0 * * * *", "a * * * *", "1/2 * * * *"],
)
def test_what_is_no_cron_is_refused_at_the_start(text: str) -> None:
    with pytest.raises(ValidationError):
        RecurringSettings(do="doctor", cron=text)


class Shelf:
    """Schedules under a clock that stands still, with a task that notes when it was done."""

    def __init__(self, folder: Path, **schedules: RecurringSettings) -> None:
        self.clock = FixedClock(NOON)
        self.installation = open_installation(Settings(state_dir=folder / "state"), self.clock)
        self.done: list[datetime] = []
        self.fails = False
        self.schedules = Schedules(self.installation.database, self.clock, schedules, dict.fromkeys(TASKS, self._task))

    def _task(self, _installation: Installation, _settings: RecurringSettings, at: datetime) -> str:
        if self.fails:
            raise BackendError("no luck for mia@example.com")
        self.done.append(at)
        return "well"

    def round(self) -> list[str]:
        results = []
        for name, moment in self.schedules.due():
            self.schedules.queued(name, moment)
            results.append(self.schedules.do(self.installation, name, moment))
        return results


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Shelf]:
    monkeypatch.delenv("OPSWARDEN_SOAK", raising=False)
    return lambda **schedules: Shelf(tmp_path, **schedules)


def test_what_was_missed_is_caught_up_with_once(shelf: Callable[..., Shelf]) -> None:
    late = RecurringSettings(do="doctor", cron="0 * * * *")
    never_late = RecurringSettings(do="tidy", cron="0 * * * *", catch_up=False)
    one = shelf(late=late, prompt=never_late)
    assert one.round() == []  # nobody waits for the past of a new schedule
    one.clock.advance(3_600)
    assert one.round() == ["well", "well"]
    assert one.round() == []
    one.clock.advance(5 * 3_600 + 1_200)
    assert one.round() == ["well"]
    assert [at.hour for at in one.done] == [13, 13, 18]
    assert [(each.name, each.result) for each in one.schedules.standings()] == [("late", "well"), ("prompt", "well")]


def test_only_what_went_well_leaves_a_sign_of_life(shelf: Callable[..., Shelf], tmp_path: Path) -> None:
    server = AilingServer(ailing.answer(b"ok"), ailing.answer(status="500 Oops"))
    beat = tmp_path / "beat"
    settings = RecurringSettings.model_validate(
        {"do": "doctor", "cron": "* * * * *", "beat_file": beat, "beat_url": f"{server.url}/beat"}
    )
    one = shelf(one=settings)
    one.round()
    one.clock.advance(60)
    one.fails = True
    (result,) = one.round()
    assert (result.startswith("failed: no luck for"), "mia@example.com" in result) == (True, False)
    assert [each.result for each in one.schedules.standings()] == [result]
    assert (beat.exists(), server.requests) == (False, [])
    one.clock.advance(60)
    one.fails = False
    assert one.round() == ["well"]
    assert beat.read_text().startswith("2031-05-07T12:02:00")
    assert server.requests[0].startswith(b"GET /beat ")
    one.clock.advance(60)
    assert one.round() == ["failed: the receiver of the sign of life answered with status 500"]
    server.close()


def test_the_ledger_is_anchored_and_what_is_old_is_removed(cli: Cli, home: Path, write_settings: Any) -> None:
    write_settings(
        '[schedules.heads]\ndo = "anchor"\ncron = "0 3 * * *"\nanchor_to = "heads.txt"\n'
        '[schedules.sweep]\ndo = "tidy"\ncron = "0 4 * * *"\n'
        "[retention]\narrivals_days = 1\nlive_days = 1\n"
        f'[people.{PERSON}]\nroles = ["erase"]\n'
    )
    assert cli("schedules").code == 0
    with open_installation() as installation:
        arrivals = Arrivals(installation.database, installation.keys, FixedClock(NOON), installation.ids)
        old, _ = arrivals.accept("webhook/x", "old", "alert", {})
        arrivals.settle(old, "done")
        live = installation.state.live / "incident_1"
        live.mkdir(parents=True)
        until = datetime(2032, 1, 1, tzinfo=UTC)
        held = {"person": f"person:{PERSON}", "roles": frozenset({"erase"}), "reason": "an audit"}
        RunRequests(installation.database).remember("run_1", RunRequest(snapshot=live, on_behalf_of="person:ana"))
        later = FixedClock(datetime(2031, 5, 9, tzinfo=UTC))
        later_one = Installation(installation.settings, installation.state, later, installation.ids)
        schedules = Schedules(installation.database, later, installation.settings.schedules, TASKS)
        schedules.due()
        assert schedules.do(installation, "heads", NOON) == "empty: head over 0 entries"
        installation.switch.set(True, by="person:ana", reason="a test")
        assert schedules.do(installation, "heads", NOON).startswith("appended: head over")
        installation.ledger.append([LedgerEntry("run.started", "run_1", {})])
        later_one.holds.place("run_1", until, **held)
        assert schedules.do(later_one, "sweep", NOON) == "tidied"
        assert live.exists()
        assert arrivals.accept("webhook/x", "old", "alert", {})[1]  # it is not known any more
        later_one.holds.release("run_1", **held)
        schedules.do(later_one, "sweep", NOON)
        assert not live.exists()
        later_one.close()
    (heads, sweep) = cli("schedules", "--format", "json").json
    assert (heads["do"], sweep["result"]) == ("anchor", "tidied")


def test_a_rehearsal_goes_all_the_way_and_wakes_nobody(
    served_home: Path, case: Case, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(tellings.TELLINGS, "recording", lambda _installation: Recording(served_home / "told"))
    settings = (served_home / "opswarden.toml").read_text()
    rehearsal = '[schedules.hourly]\ndo = "rehearsal"\ncron = "0 * * * *"\nbeat_file = "beat"\n'
    (served_home / "opswarden.toml").write_text(settings + rehearsal)
    with open_installation() as installation:
        shutil.copytree(case.folder, installation.state.root / "rehearsal")
        worker = Worker(installation, Stop(), Performers({}))
        try:
            worker.start()
            worker._schedules.due()
            worker._queue.put_due("hourly", "2031-05-07T12:00:00.000000Z")
            worker._queue.put_due("hourly", "2031-05-07T12:00:00.000000Z")
            wait_for((served_home / "beat").exists)
        finally:
            worker.close()
        (incident,) = worker.incidents.listed(is_live=False)
    assert (incident.state, incident.run_state) == ("resolved", "reported")
    assert noted(served_home / "told") == []
    assert (served_home / "state" / "reports" / f"{incident.id}.md").exists()
    (standing,) = cli("schedules", "--format", "json").json
    assert standing["result"].startswith("reported in")
