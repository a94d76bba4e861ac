"""The same way through somebody else's Slack: the npm package `emulate`, and where it and our double disagree.

Slack's own documentation decides (docs.slack.dev, methods and limits): each row says who is right by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, Literal

import httpx2
import pytest

from opswarden.apps.slack.manifest import SCOPES
from opswarden.core.clock import FixedClock, SystemClock
from opswarden.evals.cases import Case
from opswarden.policies.approvals import Approval, Binding, Question
from opswarden.policies.types import Ask, Principal, Run
from opswarden.tests.doubles.slack_events import SECRET
from opswarden.tests.doubles.slack_server import APP_ID, TOKEN, SlackServer
from opswarden.tests.emulate_peer import WORKSPACE, EmulatePeer, why_missing

from .house import CHANNEL, House, opened, settings_of, shown

pytestmark = pytest.mark.skipif(bool(why_missing()), reason=why_missing())

LOW = "rollouts.pause"
Right = Literal["both", "ours", "theirs"]
SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}
LONG = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3_001}}

DISAGREE: list[tuple[str, str, dict[str, Any], str, str, Right]] = [
    ("a channel that is not there", "chat.postMessage", {"channel": "C0NOWHERE", "text": "x"},
     "channel_not_found", "channel_not_found", "both"),
    ("nothing to say", "chat.postMessage", {}, "no_text", "no_text", "both"),
    ("50 blocks", "chat.postMessage", {"text": "x", "blocks": [SECTION] * 50}, "", "", "both"),
    ("51 blocks", "chat.postMessage", {"text": "x", "blocks": [SECTION] * 51}, "invalid_blocks", "", "ours"),
    ("a section of 3,001 characters", "chat.postMessage", {"text": "x", "blocks": [LONG]},
     "invalid_blocks", "", "ours"),
    ("blocks that are none", "chat.postMessage", {"text": "x", "blocks": ["x"]},
     "invalid_blocks", "invalid_blocks", "both"),
    ("a change to what is not there", "chat.update", {"ts": "1.000001", "text": "x"},
     "message_not_found", "message_not_found", "both"),
    ("a change to what somebody else wrote", "chat.update", {"ts": "THEIRS", "text": "x"},
     "cant_update_message", "cant_update_message", "both"),
    ("a thread that is not there", "conversations.replies", {"ts": "1.000001"}, "thread_not_found", "", "ours"),
    ("whispering to nobody", "chat.postEphemeral", {"user": "U0NOBODY", "text": "x"},
     "user_not_in_channel", "user_not_found", "ours"),
    ("a person that is not there", "users.info", {"user": "U0NOBODY"}, "user_not_found", "user_not_found", "both"),
    ("no such method", "chat.shout", {"text": "x"}, "unknown_method", "HTTP 404", "ours"),
    ("a stream, which it does not have", "chat.startStream", {"thread_ts": "THEIRS"}, "", "HTTP 404", "ours"),
]  # fmt: skip
"""What is asked, and what our double and `emulate` answer: an error, or nothing where it is done."""


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatePeer]:
    with closing(EmulatePeer(tmp_path_factory.mktemp("emulate"), ("ann", "bo", "eve"), tuple(SCOPES))) as found:
        yield found


@pytest.fixture(scope="module")
def home(peer: EmulatePeer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    channel = {"id": peer.channel}
    ids = (peer.users["ann"], peer.users["bo"], peer.users["eve"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BOT_TOKEN", TOKEN)
        patch.setenv("SIGNING", SECRET)
        folder = tmp_path_factory.mktemp("slack")
        settings = settings_of(folder, peer.url, ids, workspace=WORKSPACE, channel=channel, low_risk=[LOW])
        with opened(settings, peer, FixedClock(datetime.now(UTC)), WORKSPACE) as found:
            yield found


def wrote(peer: EmulatePeer, name: str, text: str, **more: Any) -> dict[str, Any]:
    """What somebody writes in the channel, as it stands there."""
    posted = peer.ask("chat.postMessage", {"channel": peer.channel, "text": text, **more}, token=f"xoxp-{name}")
    assert posted["ok"], posted
    message: dict[str, Any] = posted["message"]
    return message


def question(house: House) -> Approval:
    asked = Ask("writes.approved", ("oncall",), "a write needs somebody")
    look = {"status": "ok", "what": f"{LOW} checkout", "where": "production", "changes": []}
    preview = {"args": {"service": "checkout"}, "effect": "write", "resource": "checkout", "look": look}
    run = Run(house.installation.ids.new("run"), Principal("triage", "person:bo", "platform"), "slack")
    wanted = Question("call", "c1", LOW, "production", asked, preview, preview, Binding("h", "p", "t", ()))
    with house.installation.database.transaction() as connection:
        return house.installation.approvals.request(connection, run, wanted)


def test_from_a_mention_to_the_button_through_it(home: House, peer: EmulatePeer, case: Case) -> None:
    """What the app's scopes allow is enough for all of it: the token has no others."""
    mention = wrote(peer, "ann", "triage checkout")
    event = {"type": "app_mention", "channel": peer.channel, "user": mention["user"], "ts": mention["ts"]}
    assert home.events.event({**event, "text": "<@UBOT00001> triage checkout"}).statuses == (200,)
    home.work(times=2)
    (incident,) = home.incidents.listed()
    home.tell(incident, "opened")
    (head,) = peer.thread(mention["ts"])
    assert "investigating" in shown(head)
    assert head["app_id"] == APP_ID if "app_id" in head else head["user"] == "UBOT00001"
    report = home.triage(incident, case.snapshot)
    thread = peer.thread(mention["ts"])
    assert f"Likely cause: {report.ranking[0].entity}" in shown(thread[0])
    assert (thread[0]["ts"], "edited" in thread[0]) == (head["ts"], True)
    reports = [each for each in thread if "Suspects" in shown({"blocks": each.get("blocks", [])})]
    assert [each["thread_ts"] for each in reports] == [mention["ts"]]
    names = {file["name"] for each in thread for file in each.get("files", ())}
    assert names == {f"triage-{report.run_id}.png", f"triage-{report.run_id}.html"}

    approval = question(home)
    home.clock.advance(2)
    home.app.parts.show_approval(approval.id, peer.channel, mention["ts"], "en")
    asked = peer.thread(mention["ts"])[-1]
    assert asked["metadata"]["event_payload"]["slot"] == f"approval/{approval.id}"
    buttons = [each for block in asked["blocks"] if block["type"] == "actions" for each in block["elements"]]
    assert [each["action_id"] for each in buttons] == ["approval.approve", "approval.deny"]
    for person, state in (("eve", "pending"), ("ann", "approved"), ("ann", "approved")):
        home.events.press(
            peer.users[person], peer.channel, asked["ts"], buttons[0]["action_id"], buttons[0]["value"],
            thread_ts=mention["ts"],
        )  # fmt: skip
        home.work(times=2)
        assert home.installation.approvals.get(approval.id).state == state
    decided = next(each for each in peer.thread(mention["ts"]) if each["ts"] == asked["ts"])
    assert "Approved by person:ann" in shown(decided)
    assert not [block for block in decided["blocks"] if block["type"] == "actions"]


def test_an_answer_that_was_lost_is_looked_for_in_its_threads(home: House, peer: EmulatePeer) -> None:
    posts, mention = home.app.parts.posts, wrote(peer, "bo", "look")
    shown_first = posts.ensure("lost/1", peer.channel, _saying("one"), mention["ts"])
    with home.installation.database.transaction() as connection:
        connection.execute("UPDATE slack_post SET ts = '' WHERE slot = 'lost/1'")
    found = posts.ensure("lost/1", peer.channel, _saying("two"), mention["ts"])
    assert found.ts == shown_first.ts
    assert [each["text"] for each in peer.thread(mention["ts"])] == ["two"]


def _saying(text: str) -> Any:
    from opswarden.apps.slack.texts import Words, message, paragraph

    return message(text, [paragraph([[Words(text)]])])


@pytest.fixture(scope="module")
def ours() -> Iterator[SlackServer]:
    with SlackServer(SystemClock()) as slack:
        slack.add_channel(CHANNEL, "incidents")
        slack.messages[CHANNEL].append({"ts": "2.000001", "user": "U0ANN", "text": "x"})
        yield slack


def asked(url: str, method: str, args: Mapping[str, Any]) -> httpx2.Response:
    """What either answers to the app."""
    return httpx2.post(f"{url}/{method}", json=args, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30)


def answered(url: str, method: str, args: Mapping[str, Any]) -> str:
    """The error of an answer; empty where it was done."""
    answer = asked(url, method, args)
    return f"HTTP {answer.status_code}" if answer.status_code != 200 else str(answer.json().get("error", ""))


@pytest.mark.parametrize(
    ("method", "args", "ours_says", "theirs_says", "right"),
    [row[1:] for row in DISAGREE],
    ids=[row[0] for row in DISAGREE],
)
def test_who_is_right(
    peer: EmulatePeer,
    ours: SlackServer,
    method: str,
    args: dict[str, Any],
    ours_says: str,
    theirs_says: str,
    right: Right,
) -> None:
    theirs_ts = wrote(peer, "ann", "x")["ts"] if "THEIRS" in args.values() else ""
    ours._spent.clear()  # its limits of rate are no part of this

    def said(url: str, channel: str, ts: str) -> str:
        own = {name: ts if value == "THEIRS" else value for name, value in args.items()}
        return answered(url, method, {"channel": channel, **own})

    found = (said(ours.url, CHANNEL, "2.000001"), said(peer.url, peer.channel, theirs_ts))
    assert found == (ours_says, theirs_says)
    assert (ours_says == theirs_says) == (right == "both")


def test_both_drop_the_blocks_of_a_message_that_is_changed_to_text_alone(peer: EmulatePeer, ours: SlackServer) -> None:
    ours._spent.clear()
    left = []
    for url, channel in ((ours.url, CHANNEL), (peer.url, peer.channel)):
        posted = asked(url, "chat.postMessage", {"channel": channel, "text": "a", "blocks": [SECTION]})
        ts = posted.json()["ts"]
        assert asked(url, "chat.update", {"channel": channel, "ts": ts, "text": "b"}).json()["ok"]
        left += [each for each in ours.messages[CHANNEL] if each["ts"] == ts] if url == ours.url else []
        if url == peer.url:
            history = peer.ask("conversations.history", {"channel": channel}, token="xoxp-ann")["messages"]
            left += [each for each in history if each["ts"] == ts]
    assert [("blocks" in each, each["text"]) for each in left] == [(False, "b")] * 2
