"""Whoever takes over reads what is open and whose, what ended, what waits; outsiders' texts have no power there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opswarden.apps.installation import Installation
from opswarden.apps.service.handing_over import hand_over
from opswarden.apps.service.handover import handover, handover_markdown
from opswarden.apps.service.incidents import Incidents
from opswarden.apps.service.settings import RecurringSettings
from opswarden.apps.settings import Settings
from opswarden.core.clock import FixedClock
from opswarden.core.errors import BackendError, CallDenied, InputError
from opswarden.core.ids import CountedIds
from opswarden.core.state import open_state
from opswarden.policies.stop_file import Stop
from opswarden.tests.apps.slack.house import CHANNEL, House, house, shown

NOON = datetime(2031, 5, 6, 12, tzinfo=UTC)
HOSTILE = "<!channel> ![x](http://evil.example) @everyone"


@dataclass
class Home:
    installation: Installation
    clock: FixedClock
    incidents: Incidents

    def open(self, title: str, entity: str) -> str:
        return self.incidents.open_one(
            team="platform", environment="prod", title=title, entity=entity, began=self.clock.now(),
            by="person:ann", telling="reports", thread="",
        ).id  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    clock, settings = FixedClock(NOON), Settings(state_dir=tmp_path / "state")
    with Installation(settings, open_state(settings.state_dir), clock, CountedIds()) as installation:
        yield Home(installation, clock, Incidents(installation.database, clock, installation.ids))


def test_what_is_open_comes_with_whose_it_is_and_what_ended_with_how(home: Home) -> None:
    slow, old, fine = home.open("slow checkout", "checkout"), home.open("old", "cart"), home.open("noise", "login")
    home.incidents.resolve(old, "person:bo", "the alerts are over")
    home.clock.advance(13 * 3_600)
    home.incidents.rate(slow, "critical", "person:ann")
    home.incidents.assign(slow, "person:bo", "person:ann")
    home.incidents.cancel(fine, "person:ann", "a test")
    made = handover(home.installation, timedelta(hours=12))
    assert [(each.id, each.assignee, each.severity) for each in made.open] == [(slow, "person:bo", "critical")]
    assert [(each.id, each.how) for each in made.ended] == [(fine, "cancelled by person:ann: a test")]
    longer = handover(home.installation, timedelta(hours=14))
    assert {each.id for each in longer.ended} == {fine, old}
    assert not handover(home.installation, timedelta(hours=12), "another-team").open
    with pytest.raises(InputError):
        home.incidents.assign(fine, "person:bo", "person:ann")


def test_acknowledging_takes_what_is_nobodys_and_leaves_what_is_somebodys(home: Home) -> None:
    mine, theirs = home.open("a", "checkout"), home.open("b", "cart")
    home.incidents.assign(theirs, "person:bo", "person:bo")
    taken = [home.incidents.acknowledge(each, "person:ann").assignee for each in (mine, theirs)]
    assert taken == ["person:ann", "person:bo"]


def test_the_page_of_a_schedule_is_told_through_the_gate_and_obeys_a_stop(home: Home) -> None:
    home.open(HOSTILE, "checkout")
    settings = RecurringSettings(do="handover", cron="0 8 * * *")
    home.installation.stop.add([Stop("tool", "models.rollback")])
    assert hand_over(home.installation, settings, NOON) == "1 open, 0 over, 0 wait for people"
    page = (home.installation.state.reports / "handover-20310506T1200.md").read_text()
    assert "**nobody's**" in page
    assert "models.rollback" in page
    assert page.count("![x](") == page.count("`![x](") == 1
    assert handover_markdown(handover(home.installation, timedelta(hours=12))).count("\n## ") == 4
    entries = list(home.installation.ledger.of_run("handover-20310506T1200"))
    assert [each.kind for each in entries] == ["run.started", "tell.decided", "tell.outcome", "run.ended"]
    home.installation.stop.add([Stop("tell", "file/*")])
    with pytest.raises((CallDenied, BackendError)):
        hand_over(home.installation, settings, NOON + timedelta(hours=12))


@pytest.fixture
def slack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    with house(tmp_path) as opened:
        monkeypatch.setattr("opswarden.apps.slack.opening.slack_of", lambda _installation: opened.app)
        yield opened


def test_a_channel_is_told_once_and_in_plain_text(slack: House) -> None:
    opened = slack.incidents.open_one(
        team="platform", environment="sandbox", title=HOSTILE, entity="checkout", began=NOON,
        by="person:ann", telling="reports", thread="",
    )  # fmt: skip
    settings = RecurringSettings(do="handover", cron="0 8 * * *", channel="incidents")
    for _ in range(2):
        hand_over(slack.installation, settings, NOON)
    (told,) = slack.ours(CHANNEL)
    assert "Hand-over at" in shown(told)
    assert opened.entity in shown(told)
    assert "<!channel>" not in json.dumps(told["text"])
