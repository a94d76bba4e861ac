"""The whole way of an incident in Slack: asked for, told in one message, reported, asked about, judged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.service.incident_records import Incident
from opswarden.core.errors import BackendError, CallDenied
from opswarden.evals.cases import Case
from opswarden.policies.approvals import Binding, Question
from opswarden.policies.stop_file import Stop
from opswarden.policies.types import Ask, Principal, Run
from opswarden.tests.doubles.slack_server import WORKSPACE

from .house import ANN, BO, CHANNEL, EVE, GUEST, OTHER, STRANGER, House, asked, house, shown


class Triaged(House):
    """A house in which an incident was asked for, triaged and told."""

    incident: Incident
    report: Any
    ts: str


@pytest.fixture(scope="module")
def triaged(case: Case, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Triaged]:
    with house(tmp_path_factory.mktemp("slack")) as opened:
        opened.__class__ = Triaged
        assert isinstance(opened, Triaged)
        opened.ts = opened.mention("triage checkout")
        opened.work(times=2)
        (opened.incident,) = opened.incidents.listed()
        opened.tell(opened.incident, "opened")
        opened.first = [dict(each) for each in opened.ours()]  # type: ignore[attr-defined]
        opened.report = opened.triage(opened.incident, case.snapshot)
        yield opened


def test_what_a_person_asks_for_is_one_incident_told_in_their_thread(triaged: Triaged) -> None:
    incident = triaged.incident
    assert (incident.entity, incident.environment, incident.asked_by, incident.telling) == (
        "checkout", "sandbox", "person:ann", "slack",
    )  # fmt: skip
    (head,) = triaged.first  # type: ignore[attr-defined]
    assert (head["thread_ts"], "investigating" in shown(head)) == (triaged.ts, True)


def test_the_one_message_says_what_was_found_and_the_report_is_beside_it(triaged: Triaged) -> None:
    head = triaged.ours()[0]
    text = shown(head)
    assert text.count("\n") <= 4  # six lines with the title
    first = triaged.report.ranking[0]
    assert f"Likely cause: {first.entity}" in text
    assert "Impact: " in text
    reports = [each for each in triaged.ours() if "Suspects" in shown(each)]
    assert [each["thread_ts"] for each in reports] == [triaged.ts]
    chart, whole = (each for each in triaged.slack.files.values() if each["name"].startswith("triage-"))
    assert (chart["name"], whole["name"]) == tuple(f"triage-{triaged.report.run_id}.{kind}" for kind in ("png", "html"))
    assert chart["content"].startswith(b"\x89PNG\r\n")
    assert "before" in chart["alternative"]
    edits = [each for each in triaged.slack.called("chat.update") if each["ts"] == head["ts"]]
    assert any("comparing series" in shown(each) for each in edits)
    kinds = [entry.body.get("kind") for entry in triaged.installation.ledger.of_run(triaged.report.run_id)]
    assert "triage.report" in kinds


def test_a_question_in_the_thread_is_answered_once_and_gives_no_leave(
    triaged: Triaged, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up: list[Any] = []
    monkeypatch.setattr("opswarden.apps.wiring.requester_roles", lambda *asked: looked_up.append(asked))
    before = len(triaged.ours())
    triaged.mention(f"since when does {triaged.report.ranking[0].entity} fail?", user=ANN, thread_ts=triaged.ts)
    triaged.work(times=2)
    (answer,) = triaged.ours()[before:]
    assert answer["thread_ts"] == triaged.ts
    assert "E" in shown(answer)
    assert not looked_up, "what somebody writes in Slack is no leave, even in a run of their own"


def test_evidence_is_told_on_demand(triaged: Triaged) -> None:
    report = next(each for each in triaged.ours() if "Suspects" in shown(each))
    wanted = triaged.report.evidence[1]
    for _ in range(2):
        triaged.events.press(EVE, CHANNEL, report["ts"], "evidence.show", "", selected=wanted.id)
        triaged.work()
    found = [each for each in triaged.ours() if shown(each).startswith(f"{wanted.id} {wanted.tool}")]
    assert [each["thread_ts"] for each in found] == [triaged.ts]
    triaged.events.press(EVE, CHANNEL, report["ts"], "evidence.show", "", selected="E999")
    triaged.events.press(EVE, CHANNEL, "1.1", "evidence.show", "", selected=wanted.id)
    triaged.work()
    assert set(triaged.whispered()[-2:]) == {
        "That evidence can no longer be read.", "That is none of our questions. Nothing was done.",
    }  # fmt: skip


def test_an_opinion_becomes_a_label(triaged: Triaged) -> None:
    report = next(each for each in triaged.ours() if "Suspects" in shown(each))
    triaged.events.press(EVE, CHANNEL, report["ts"], "feedback.wrong", triaged.report.run_id)
    triaged.work()
    assert not triaged.installation.incident_labels.all()
    triaged.events.press(ANN, CHANNEL, report["ts"], "feedback.useful", "run-of-somebody-else")
    triaged.work(times=2)
    (label,) = triaged.installation.incident_labels.all()
    first = triaged.report.ranking[0]
    assert (label.run_id, label.causes, label.by) == (triaged.report.run_id, (first.entity,), "person:ann")
    triaged.mention("status", user=BO)
    triaged.work()
    assert "1 incidents told here" in triaged.whispered()[-1]
    assert "1 right, 0 partly, 1 wrong" in triaged.whispered()[-1]


@pytest.mark.parametrize("user", [GUEST, STRANGER, "U0NOBODY"])
def test_guests_and_strangers_get_nothing(triaged: Triaged, user: str) -> None:
    triaged.slack.users.setdefault("U0NOBODY", {"id": "U0NOBODY"})
    before, incidents = len(triaged.ours()), len(triaged.incidents.listed())
    report = next(each for each in triaged.ours() if "Suspects" in shown(each))
    triaged.mention("what is E1?", user=user, thread_ts=triaged.ts)
    triaged.events.press(user, CHANNEL, report["ts"], "evidence.show", "", selected="E1")
    triaged.events.command(user, CHANNEL, "triage checkout")
    triaged.work()
    assert (len(triaged.ours()), len(triaged.incidents.listed())) == (before, incidents)
    assert set(triaged.whispered()[-3:]) == {"Guests, apps and deactivated people get no evidence and decide nothing."}


def test_channels_that_are_not_set_up_get_nothing(triaged: Triaged) -> None:
    triaged.mention("triage checkout", channel=OTHER)
    triaged.work()
    assert "not set up" in triaged.whispered()[-1]
    assert not triaged.ours(OTHER)


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path, per_person=3) as opened:
        yield opened


def alert(house: House, text: str) -> None:
    house.events.event({"type": "message", "subtype": "bot_message", "bot_id": "B0ALERTS", "channel": CHANNEL,
                        "ts": house.slack.next_ts(), "text": text})  # fmt: skip
    house.work(times=2)


def waiting(house: House) -> str:
    """A question of some run; its id."""
    asked = Ask("writes.approved", ("oncall",), "a write needs somebody")
    look: dict[str, Any] = {"args": {"service": "checkout"}, "effect": "write"}
    wanted = Question("call", "c1", "rollouts.rollback", "production", asked, look, look, Binding("h", "p", "t", ()))
    run = Run(house.installation.ids.new("run"), Principal("triage", "person:ann", "platform"), "slack")
    with house.installation.database.transaction() as connection:
        return house.installation.approvals.request(connection, run, wanted).id


def test_alerts_of_bots_become_incidents_unless_the_channel_wants_quiet(tmp_path: Path) -> None:
    channel = {"services": ["checkout", "checkout-db"], "maintenance": [{"start": "02:00", "end": "04:00"}]}
    with house(tmp_path, channel=channel) as opened:
        alert(opened, "[FIRING:1] Too many errors\nservice: checkout-db\nseverity: info")
        assert not opened.incidents.listed()
        alert(opened, "[FIRING:1] Too many errors\nservice: checkout-db\nseverity: critical mia@example.com")
        alert(opened, "[FIRING:1] Too many errors\nservice: checkout-db\nseverity: critical")
        (incident,) = opened.incidents.listed()
        assert (incident.title, incident.entity, incident.severity) == ("Too many errors", "checkout-db", "critical")
        opened.tell(incident, "opened")
        (head,) = opened.ours()
        assert "thread_ts" not in head
        assert not any(b"mia@example.com" in path.read_bytes() for path in (tmp_path / "state").glob("*.sqlite*"))
        opened.mention("mute 2h")
        opened.work()
        alert(opened, "[FIRING:1] Other trouble\nservice: checkout\nseverity: critical")
        assert len(opened.incidents.listed()) == 1
        opened.clock.advance(7_201)
        alert(opened, "[FIRING:1] Other trouble\nservice: checkout\nseverity: critical")
        assert len(opened.incidents.listed()) == 2
        opened.clock.advance(12.5 * 3_600)  # 02:30
        alert(opened, "[FIRING:1] At night\nservice: checkout\nseverity: critical")
        assert len(opened.incidents.listed()) == 2


def test_what_becomes_of_an_incident_is_told_in_its_message(fresh: House) -> None:
    alert(fresh, "[FIRING:1] Errors\nseverity: critical")
    (incident,) = fresh.incidents.listed()
    for what, by in (("opened", ""), ("acknowledged", "person:bo"), ("resolved", "person:bo")):
        fresh.tell(incident, what, by=by)
        fresh.clock.advance(2)
    (head,) = fresh.ours()
    assert "State: resolved" in shown(head)


def test_what_waits_for_people_is_asked_in_the_thread(fresh: House) -> None:
    alert(fresh, "[FIRING:1] Errors\nseverity: critical")
    (incident,) = fresh.incidents.listed()
    fresh.tell(incident, "opened")
    fresh.clock.advance(2)
    approval = waiting(fresh)
    for _ in range(2):
        fresh.tell(incident, "waiting", approval_ids=(approval,))
        fresh.clock.advance(2)
    head, asked = fresh.ours()
    assert "State: waits for a decision" in shown(head)
    assert (asked["thread_ts"], approval in shown(asked)) == (head["ts"], True)


def test_a_channel_that_becomes_shared_is_told_nothing_more(fresh: House) -> None:
    alert(fresh, "[FIRING:1] Errors\nseverity: critical")
    (incident,) = fresh.incidents.listed()
    fresh.tell(incident, "opened")
    fresh.slack.channels[CHANNEL]["is_ext_shared"] = True
    fresh.clock.advance(61)
    with pytest.raises(Exception, match="shared with others"):
        fresh.tell(incident, "acknowledged", by="person:bo")
    fresh.clock.advance(200)
    fresh.app.parts.refresh()
    assert "acknowledged" not in shown(fresh.ours()[0])
    alert(fresh, "[FIRING:1] More\nseverity: critical")
    assert len(fresh.incidents.listed()) == 1


def test_an_event_that_says_its_channel_is_shared_is_believed_at_once(fresh: House) -> None:
    fresh.mention("status")
    fresh.work()
    assert "incidents told here" in fresh.whispered()[-1]
    event = {"type": "app_mention", "channel": CHANNEL, "user": ANN, "text": "triage checkout", "ts": "7.7"}
    told = {"team_id": WORKSPACE, "type": "event_callback", "event": event, "event_id": "Ev1"}
    alerted = {**event, "type": "message", "bot_id": "B0ALERTS", "text": "[FIRING:1] Errors\nseverity: critical"}
    for name, sent in (("Ev1", event), ("Ev2", alerted)):
        body = json.dumps({**told, "event": sent, "event_id": name, "is_ext_shared_channel": True}).encode()
        asked(fresh.app.app, body, fresh.events.signed(body))
    fresh.work()
    assert "shared with others" in fresh.whispered()[-1]
    assert not fresh.incidents.listed()


def test_what_an_operator_stops_is_not_told_in_any_way(fresh: House) -> None:
    alert(fresh, "[FIRING:1] Errors\nseverity: critical")
    (incident,) = fresh.incidents.listed()
    fresh.tell(incident, "opened")
    before = len(fresh.slack.called("chat.update"))
    fresh.installation.stop.add([Stop("tell", "slack/inc*")])
    told = fresh.incidents.told_as(incident)
    with suppress(BackendError):
        fresh.app.telling.progress(told, "writing the report")
    fresh.mention("status")
    fresh.work()
    with pytest.raises(CallDenied):
        fresh.tell(incident, "acknowledged", by="person:bo")
    assert (len(fresh.slack.called("chat.update")), fresh.whispered()) == (before, [])
    fresh.installation.stop.remove_all()
    fresh.mention("status")
    fresh.work()
    assert len(fresh.whispered()) == 1


def test_one_person_cannot_ask_without_end(fresh: House) -> None:
    for _ in range(5):
        fresh.events.command(ANN, CHANNEL, "triage checkout")
    fresh.work()
    assert len(fresh.incidents.listed()) == 3
    assert len([text for text in fresh.whispered() if "That is a lot at once" in text]) == 2
    fresh.clock.advance(61)
    fresh.events.command(ANN, CHANNEL, "triage <http://checkout.example|checkout>; rm")
    fresh.work()
    assert "Name a service" in fresh.whispered()[-1]


def test_a_runbook_asked_for_in_the_thread_is_drafted_once_as_a_file(triaged: Triaged) -> None:
    before, files = len(triaged.ours()), len(triaged.slack.files)
    triaged.mention("please write the runbook for this", user=ANN, thread_ts=triaged.ts)
    triaged.work(times=2)
    (answer,) = triaged.ours()[before:]
    assert answer["thread_ts"] == triaged.ts
    assert "every statement names its own" in shown(answer)
    assert "In force is" in shown(answer), "the page of the snapshot, and what differs from it"
    assert "opswarden runbook publish" in shown(answer)
    (file,) = list(triaged.slack.files.values())[files:]
    assert "draft: true" in str(file)
    triaged.mention("write the runbook", user=ANN)
    triaged.work()
    assert len(triaged.ours()) == before + 1, "outside of a thread there is no incident to write about"
