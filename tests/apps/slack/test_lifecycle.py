"""What people do with an incident where they read of it, and what a channel is counted for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from opswarden.apps.service.confirming import Confirmation
from opswarden.apps.service.incident_records import Incident
from opswarden.apps.slack.lifecycle import step_of
from opswarden.apps.slack.phrases import in_language

from .house import ANN, BO, CHANNEL, EVE, GUEST, House, house


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, per_person=100, channel={"services": ["checkout"]}) as opened:
        yield opened


def alert(house: House, text: str) -> None:
    message = {"type": "message", "subtype": "bot_message", "bot_id": "B0ALERTS", "channel": CHANNEL, "text": text}
    house.events.event({**message, "ts": house.slack.next_ts()})
    house.work(times=2)


def test_in_its_thread_people_take_rate_give_and_resolve_an_incident(
    fresh: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert(fresh, "[FIRING:1] Errors\nseverity: warning")
    (incident,) = fresh.incidents.listed()
    fresh.tell(incident, "opened")
    (head,) = fresh.ours()

    def said(text: str, user: str = ANN) -> tuple[str, Incident]:
        fresh.mention(text, user=user, thread_ts=head["ts"])
        fresh.work(times=2)
        return fresh.whispered()[-1], fresh.incidents.get(incident.id)

    answer, now = said("ack")
    assert (answer, now.state, now.assignee) == ("acknowledged by person:ann", "acknowledged", "person:ann")
    answer, now = said(f"assign <@{BO}>")
    assert (answer, now.assignee) == ("It is person:bo’s now.", "person:bo")
    assert said("assign me", user=EVE)[1].assignee == "person:eve"
    assert said("assign bo")[1].assignee == "person:bo"
    assert said("assign somebody")[0].startswith("Say who: ")
    answer, now = said("severity high")
    assert (answer, now.severity) == ("Its severity is high now.", "high")
    assert said("severity awful")[0].startswith("Say how bad: ")
    assert said("asignar mí")[1].assignee == "person:ann"

    answer, now = said("resolve rolled back")
    assert answer.startswith("It stays open: ")
    assert now.state == "acknowledged"
    answer, now = said("resolve anyway")
    assert (answer, now.state) == ("Say why: resolve anyway WHY", "acknowledged")
    over = Confirmation("over", "none of its alerts fires")
    asked_of: list[str] = []
    monkeypatch.setattr(
        "opswarden.apps.slack.lifecycle.confirm", lambda *asked: (asked_of.append(asked[1].id), over)[1]
    )
    answer, now = said("resolve rolled back for mia@example.com")
    assert (answer, now.state, asked_of) == ("resolved", "resolved", [incident.id])
    notes = [event.note for event in fresh.incidents.timeline(incident.id) if event.what == "resolved"]
    assert len(notes) == 1
    assert notes[0].startswith("none of its alerts fires; solved by: rolled back for ")
    assert "mia@example.com" not in notes[0]
    assert said("ack")[0] == "That did not work: the incident is resolved already"
    assert in_language("the incident is resolved already", "pt") == "o incidente já está resolvido"


def test_who_is_not_listed_takes_no_step_and_a_question_is_none(fresh: House) -> None:
    alert(fresh, "[FIRING:1] Errors\nseverity: warning")
    (incident,) = fresh.incidents.listed()
    fresh.tell(incident, "opened")
    (head,) = fresh.ours()
    fresh.slack.add_user("U0NEW")
    for user in ("U0NEW", GUEST):
        fresh.mention("ack", user=user, thread_ts=head["ts"])
        fresh.work()
    assert fresh.incidents.get(incident.id).state == "open"
    assert fresh.whispered()[-2].startswith("Nobody under")
    assert fresh.whispered()[-1].startswith("Guests")
    assert [step_of(text.split()) for text in ("ack the alert", "resolve this how?", "why", "")] == [None] * 4


def test_what_a_channel_finds_useful_and_how_often_it_was_muted_is_counted(fresh: House) -> None:
    for text in ("mute 2h", "unmute", "mute 30m"):
        fresh.mention(text)
        fresh.work(times=2)
        fresh.clock.advance(1)
    assert fresh.app.parts.book.usage(CHANNEL)["muted"] == 2
    fresh.mention("status")
    fresh.work()
    assert "Muted 2 times" in fresh.whispered()[-1]
    assert "muted until" in fresh.whispered()[-1]
    fresh.clock.advance(31 * 60)
    fresh.mention("status")
    fresh.work()
    assert "Automatic triage is on" in fresh.whispered()[-1]


def test_a_shortcut_triages_the_service_that_a_message_names(fresh: House) -> None:
    fresh.events.shortcut(ANN, CHANNEL, {"ts": "9.9", "text": "", "attachments": [{"title": "cart is slow"}]})
    fresh.work(times=2)
    assert not fresh.incidents.listed()
    assert "Name a service" in fresh.whispered()[-1]
    fresh.events.shortcut(ANN, CHANNEL, {"ts": "9.9", "text": "", "attachments": [{"title": "checkout is slow"}]})
    fresh.work(times=2)
    (incident,) = fresh.incidents.listed()
    assert (incident.entity, incident.title, incident.thread) == (
        "checkout",
        "checkout is slow",
        f"slack:{CHANNEL}:9.9",
    )
