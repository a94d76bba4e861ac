"""What Slack sends is proven, kept once and acknowledged; everything else is refused or left alone."""

from __future__ import annotations

import gzip
import json
import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opswarden.apps.http.guard import Guard
from opswarden.apps.http.server import HttpServer
from opswarden.apps.service.arrivals import Arrival, Arrivals
from opswarden.apps.slack.receiving import MOST_BYTES, Keeping, Receiving, slack_app
from opswarden.apps.slack.settings import ChannelSettings, SlackSettings
from opswarden.core.clock import FixedClock
from opswarden.core.errors import LedgerError
from opswarden.core.https import HttpPlace
from opswarden.core.ids import TimeOrderedIds
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.tests.doubles.slack_events import SECRET, SlackEvents
from opswarden.tests.doubles.slack_server import APP_ID, WORKSPACE

from .conftest import CHANNEL, USER
from .house import asked

MENTION = {"type": "app_mention", "user": USER, "text": "<@UBOT00001> triage checkout", "ts": "1.1", "channel": CHANNEL}


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> SlackSettings:
    monkeypatch.setenv("SIGNING", SECRET)
    channel = ChannelSettings(id=CHANNEL, alert_bots=("B0ALERTS",), language="es")
    return SlackSettings(workspace=WORKSPACE, token_env="T", signing_env="SIGNING", channels={"incidents": channel})


@pytest.fixture
def arrivals(tmp_path: Path, clock: FixedClock) -> Arrivals:
    return Arrivals(SqliteDatabase(tmp_path / "db"), FileKeys(tmp_path / "keys"), clock, TimeOrderedIds(clock))


class Application:
    """The ASGI application, asked in this process; it can be slow, or die before it answers."""

    def __init__(self, settings: SlackSettings, clock: FixedClock, arrivals: Arrivals) -> None:
        self.app = slack_app(Receiving(settings, clock), Keeping(arrivals))
        self.clock = clock
        self.slow: list[float] = []
        self.events = SlackEvents(self.post, clock)

    def post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, Mapping[str, str]]:
        answer = asked(self.app, body, headers)
        self.clock.advance(self.slow.pop(0) if self.slow else 0.0)
        return answer


@pytest.fixture
def application(settings: SlackSettings, clock: FixedClock, arrivals: Arrivals) -> Application:
    return Application(settings, clock, arrivals)


def kept(arrivals: Arrivals) -> list[Arrival]:
    return [arrivals.read(each) for each in arrivals.waiting()]


def test_the_address_is_verified_over_real_http(settings: SlackSettings, clock: FixedClock, arrivals: Arrivals) -> None:
    with HttpServer(slack_app(Receiving(settings, clock), Keeping(arrivals)), "127.0.0.1", 0) as server:
        place = HttpPlace("us", f"http://127.0.0.1:{server.port}")

        def post(body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, Mapping[str, str]]:
            answer = place.ask("POST", "/slack/events", body, headers)
            return answer.status, answer.content, answer.headers

        assert json.loads(SlackEvents(post, clock).verify_url()) == {"challenge": "3eZbrw1aB10"}
        assert SlackEvents(post, clock).event(MENTION).statuses == (200,)
    (arrival,) = kept(arrivals)
    assert (arrival.source, arrival.kind, arrival.body["text"]) == ("slack", "mention", MENTION["text"])


def test_an_event_that_was_acknowledged_too_late_is_kept_once(application: Application, arrivals: Arrivals) -> None:
    application.slow = [3.5, 4.0]
    assert application.events.event(MENTION).statuses == (0, 0, 200)
    assert application.events.event(MENTION, "Ev00000001").statuses == (200,)
    assert len(kept(arrivals)) == 1


def test_what_cannot_be_kept_is_not_acknowledged(
    application: Application, arrivals: Arrivals, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept, down = Arrivals.accept, [True]

    def failing(*args: Any, **named: Any) -> Any:
        if down and down.pop():
            raise LedgerError("the database is down")
        return accept(*args, **named)

    monkeypatch.setattr(Arrivals, "accept", failing)
    assert application.events.event(MENTION).statuses == (503, 200)
    assert len(kept(arrivals)) == 1


@pytest.mark.parametrize("how", ["none", "other", "old", "future", "body", "stamp", "unsigned"])
def test_what_slack_did_not_sign_now_is_refused(
    application: Application, arrivals: Arrivals, clock: FixedClock, how: str
) -> None:
    events = application.events
    body = json.dumps({"type": "url_verification", "challenge": "x"}).encode()
    headers = events.signed(body)
    if how == "none":
        headers.pop("X-Slack-Signature")
    elif how == "other":
        headers = SlackEvents(application.post, clock, "another secret of 16").signed(body)
    elif how in ("old", "future"):
        clock.advance(301 if how == "old" else -301)
    elif how == "body":
        body += b" "
    elif how == "stamp":
        headers["X-Slack-Request-Timestamp"] = "1e9"
    else:
        headers = {"Content-Type": "application/json"}
    assert application.post(body, headers)[0] == 401
    assert not kept(arrivals)


def test_another_workspace_or_app_is_acknowledged_and_left_alone(
    application: Application, arrivals: Arrivals, settings: SlackSettings
) -> None:
    ours = settings.model_copy(update={"app": APP_ID})
    application.app = slack_app(Receiving(ours, application.clock), Keeping(arrivals))
    events, payload = application.events, {"type": "view_submission", "user": {"id": USER}, "view": {"state": {}}}
    for team, app in (("T0OTHER", APP_ID), (WORKSPACE, "A0OTHER"), (WORKSPACE, None)):
        fields = {"team_id": team, "channel_id": CHANNEL, "user_id": USER, "command": "/opswarden", "trigger_id": "t"}
        assert events.form(fields | ({"api_app_id": app} if app else {})).statuses == (200,)
        told = {"team_id": team, "api_app_id": app, "type": "event_callback", "event": MENTION, "event_id": "Ev9"}
        body = json.dumps(told).encode()
        assert application.post(body, events.signed(body))[0] == 200
        more = {"team": {"id": team}, "api_app_id": app}
        assert events.press(USER, CHANNEL, "5.5", "approval.approve", "apr-1", **more).statuses == (200,)
        assert events.form({"payload": json.dumps({**payload, **more})}).statuses == (200,)
    assert not kept(arrivals)
    assert (
        events.form({"payload": json.dumps({**payload, "team": {"id": WORKSPACE}, "api_app_id": APP_ID})}).body == b""
    )
    assert not kept(arrivals)  # a view is none of ours
    events.press(USER, CHANNEL, "5.5", "approval.approve", "apr-1")
    assert len(kept(arrivals)) == 1


def test_odd_requests_over_a_socket_are_refused_and_keep_nobody_waiting(
    settings: SlackSettings, clock: FixedClock, arrivals: Arrivals
) -> None:
    app = Guard(slack_app(Receiving(settings, clock), Keeping(arrivals)), None, most_bytes=MOST_BYTES)
    events = SlackEvents(lambda *_: (0, b"", {}), clock)

    def wrapped(event_id: str) -> bytes:
        told = {"team_id": WORKSPACE, "type": "event_callback", "event": MENTION, "event_id": event_id}
        return json.dumps(told).encode()

    def chunks(body: bytes) -> bytes:
        pieces = (body[at : at + 11] for at in range(0, len(body), 11))
        return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"

    with HttpServer(app, "127.0.0.1", 0) as server:

        def status(body: bytes, *more: str, signed: bytes | None = None, in_chunks: bool = False) -> int:
            headers = [f"{name}: {text}" for name, text in events.signed(body if signed is None else signed).items()]
            size = "Transfer-Encoding: chunked" if in_chunks else f"Content-Length: {len(body)}"
            lines = ["POST /slack/events HTTP/1.1", "Host: 127.0.0.1", *headers, *more, "Connection: close", size]
            with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
                head = "\r\n".join(lines).encode() + b"\r\n\r\n"
                with suppress(ConnectionError):  # it may have been refused before all of it was sent
                    connection.sendall(head + (chunks(body) if in_chunks else body))
                return int(connection.makefile("rb").readline().split()[1])

        plain, huge = wrapped("Ev1"), b"x" * (MOST_BYTES + 1)
        unfinished = socket.create_connection(("127.0.0.1", server.port))
        unfinished.sendall(b"POST /slack/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{")
        assert status(gzip.compress(plain), "Content-Encoding: gzip", signed=plain) == 401
        assert status(gzip.compress(plain), "Content-Encoding: gzip") == 400
        assert (status(huge), status(huge, in_chunks=True)) == (413, 413)
        assert status(plain, "X-Slack-Signature: v0=00") == 401
        assert status(plain, f"X-Slack-Request-Timestamp: {clock.now().timestamp() - 900:.0f}") == 401
        assert status(plain, "Content-Type: application/x-www-form-urlencoded") == 401
        assert status(plain, "Content-Length: 3") == 400
        assert status(b"[" * 100_000) == 400
        assert not kept(arrivals)
        assert (status(plain, in_chunks=True), status(plain), status(wrapped("Ev2"))) == (200, 200, 200)
        unfinished.close()
    assert len(kept(arrivals)) == 2


def test_an_app_without_a_secret_answers_nobody(clock: FixedClock) -> None:
    receiving = Receiving(SlackSettings(), clock)
    body = b"{}"
    headers = {
        name.lower(): text for name, text in SlackEvents(lambda *_: (0, b"", {}), clock, "").signed(body).items()
    }
    assert receiving.handle(body, headers).status == 401
    assert receiving.handle(b"x" * (MOST_BYTES + 1), {}).status == 413


def test_buttons_menus_shortcuts_and_commands_are_kept(application: Application, arrivals: Arrivals) -> None:
    events = application.events
    events.press(USER, CHANNEL, "5.5", "approval.approve", "apr-1")
    events.press(USER, CHANNEL, "5.5", "evidence.show", "", selected="E3")
    events.press(USER, CHANNEL, "5.5", "feedback.useful", "run-1")
    events.shortcut(USER, CHANNEL, {"ts": "9.9", "text": "", "attachments": [{"title": "checkout down"}]})
    said = events.command(USER, CHANNEL, "triage checkout")
    assert json.loads(said.body) == {"response_type": "ephemeral", "text": "En eso."}
    assert "not set up" in json.loads(events.command(USER, "C0OTHER", "triage checkout").body)["text"]
    found = {(each.kind, each.body.get("action", each.body.get("text"))) for each in kept(arrivals)}
    assert found == {
        ("action", "approval.approve"), ("action", "evidence.show"), ("feedback", "feedback.useful"),
        ("mention", "checkout down"), ("command", "triage checkout"),
    }  # fmt: skip


def test_a_replayed_press_is_kept_once(application: Application, arrivals: Arrivals) -> None:
    caught: list[tuple[bytes, Mapping[str, str]]] = []
    post = application.post
    application.events = SlackEvents(
        lambda body, headers: (caught.append((body, headers)), post(body, headers))[1], application.clock
    )
    application.events.press(USER, CHANNEL, "5.5", "approval.approve", "apr-1")
    assert post(*caught[0])[0] == 200
    assert len(kept(arrivals)) == 1


def alert(**more: Any) -> dict[str, Any]:
    return {
        "type": "message",
        "subtype": "bot_message",
        "bot_id": "B0ALERTS",
        "channel": CHANNEL,
        "ts": "1.1",
        "text": "",
        "attachments": [{"title": "[FIRING:1] Errors", "fields": [{"title": "service", "value": "checkout"}]}],
        **more,
    }


@pytest.mark.parametrize(
    ("event", "is_kept"),
    [
        (alert(), True),
        (alert(bot_id="B0OTHER"), False),
        (alert(channel="C0OTHER"), False),
        (alert(app_id=APP_ID), False),
        (alert(subtype="message_changed"), False),
        (alert(thread_ts="0.9"), False),
        ({"type": "message", "user": USER, "channel": CHANNEL, "ts": "1.1", "text": "hello"}, False),
        ({**MENTION, "bot_id": "B1"}, False),
        ({"type": "reaction_added"}, False),
    ],
)
def test_alerts_are_those_of_listed_bots_in_watched_channels(
    application: Application, arrivals: Arrivals, event: dict[str, Any], is_kept: bool
) -> None:
    assert application.events.event(event).statuses == (200,)
    found = kept(arrivals)
    assert len(found) == is_kept
    assert not is_kept or (found[0].body["bot"], found[0].body["text"]) == (
        "B0ALERTS",
        "[FIRING:1] Errors\nservice\ncheckout",
    )


@pytest.mark.parametrize(
    "event", [MENTION, {**MENTION, "type": "message", "bot_id": "B0ALERTS"}], ids=["mention", "alert"]
)
def test_what_is_no_text_is_kept_as_text(
    application: Application, arrivals: Arrivals, event: Mapping[str, Any]
) -> None:
    hostile = {**event, "text": "why \ud800 is \0 slow", "ts": "1.\ud800"}
    assert application.events.event(hostile).statuses == (200,)
    (found,) = kept(arrivals)
    assert (found.body["text"], found.body["ts"]) == ("why ? is  slow", "1.?")


KEYS = st.sampled_from(["type", "event", "team", "team_id", "user", "actions", "id", "channel"])
anything = st.recursive(
    st.none() | st.text(max_size=8) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
)


@given(anything)
def test_whatever_is_signed_gets_an_answer(body: Any) -> None:
    os.environ["SIGNING"] = SECRET
    try:
        clock = FixedClock(datetime(2031, 5, 6, 12, tzinfo=UTC))
        receiving = Receiving(SlackSettings(workspace=WORKSPACE, signing_env="SIGNING"), clock)
        raw = json.dumps(body).encode()
        headers = {n.lower(): t for n, t in SlackEvents(lambda *_: (0, b"", {}), clock).signed(raw).items()}
        assert receiving.handle(raw, headers).status in (200, 400)
    finally:
        del os.environ["SIGNING"]
