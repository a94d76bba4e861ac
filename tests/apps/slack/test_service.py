"""Slack inside of the service: its path, its performers, its telling, driven as a worker drives them."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from opswarden.apps.service.announcing import Announcer
from opswarden.apps.service.driving import Driver
from opswarden.apps.service.front import Front
from opswarden.apps.service.performers import PERFORMERS
from opswarden.apps.service.performing import Performers
from opswarden.apps.service.tellings import Tellings
from opswarden.apps.slack import opening
from opswarden.apps.slack.opening import mounted
from opswarden.apps.slack.telling import Background
from opswarden.apps.stopping import Stop
from opswarden.core.errors import BackendError
from opswarden.tests.doubles.ailing_server import AilingServer, answer

from .house import ANN, CHANNEL, asked, house, shown


def test_a_worker_triages_what_somebody_asks_for_in_slack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = AilingServer(answer(b"{}", "500 Internal Server Error"))
    systems = {"prometheus": {"kind": "prometheus", "url": dead.url, "environment": "sandbox"}}
    with house(tmp_path, systems=systems) as opened:
        monkeypatch.setattr(opening, "_opened", [(opened.installation, opened.app)])
        front = Front(opened.installation, more=mounted(opened.installation)).app()
        opened.events._post = lambda body, headers: asked(
            front, body, {**headers, "Host": "127.0.0.1", "Content-Length": str(len(body))}, "/slack/events"
        )
        assert opened.events.event({"type": "reaction_added", "padding": "x" * 300_000}).statuses == (200,)
        opened.mention("triage checkout")
        performers = Performers(PERFORMERS)
        (arrival,) = [opened.arrivals.read(each) for each in opened.arrivals.waiting()]
        perform = performers.of(arrival)
        assert perform is not None
        perform(opened.installation, arrival)
        tellings, incidents, stop = Tellings(opened.installation), opened.incidents, Stop()
        assert tellings.of("slack") is opened.app.telling
        (incident,) = incidents.listed()
        announcer = Announcer(opened.installation, incidents, tellings.of)
        incidents.queue(incident)
        announcer.announce()
        assert "State: investigating" in shown(opened.ours()[0])
        driver = Driver(opened.installation, incidents, tellings.of, stop, leg_s=60)
        assert driver.drive(incident.id, incident.leg) == "reported"
        head = opened.ours()[0]
        assert "Inconclusive" in shown(head)
        assert len([each for each in opened.ours() if "Not looked at" in shown(each)]) == 1
        incidents.acknowledge(incident.id, "person:ann")
        announcer.announce()
        assert "acknowledged by person:ann" in shown(opened.ours()[0])
        assert "Inconclusive" in shown(opened.ours()[0])
        opened.events.command(ANN, CHANNEL, "status")
        opened.work()
        assert opened.whispered()[-1].startswith("Automatic triage is on. 1 incidents told here")
    dead.close()


def test_what_need_not_be_waited_for_runs_beside_and_a_failure_ends_nothing() -> None:
    idle, done = threading.Event(), threading.Event()

    def fail() -> None:
        raise BackendError("Slack does not answer")

    beside = Background(idle.set, every_s=0.01)
    beside.later(fail)
    beside.later(done.set)
    assert done.wait(10)
    assert idle.wait(10)
