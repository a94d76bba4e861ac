"""Over a socket of ours the same is kept, and only what is kept is acknowledged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.service.arrivals import Arrivals
from opswarden.apps.slack.receiving import Keeping, Receiving
from opswarden.apps.slack.settings import ChannelSettings, SlackSettings
from opswarden.apps.slack.socket_mode import listening
from opswarden.core.clock import FixedClock
from opswarden.core.errors import BackendError, ConfigError
from opswarden.core.ids import TimeOrderedIds
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.tests.doubles.slack_server import APP_TOKEN, WORKSPACE, SlackServer
from opswarden.tests.doubles.slack_socket import SlackSocket

from .conftest import CHANNEL, USER

EVENT = {"type": "app_mention", "user": USER, "text": "hello", "ts": "1.1", "channel": CHANNEL}
COMMAND = {
    "team_id": WORKSPACE, "channel_id": CHANNEL, "user_id": USER, "command": "/opswarden", "text": "status",
    "trigger_id": "t1",
}  # fmt: skip


@pytest.fixture
def socket(slack: SlackServer) -> Iterator[SlackSocket]:
    opened = SlackSocket()
    slack.socket_url = opened.url
    yield opened
    opened.close()


def settings_of(slack: SlackServer) -> SlackSettings:
    channels = {"incidents": ChannelSettings(id=CHANNEL)}
    return SlackSettings(
        workspace=WORKSPACE, url=slack.url, token_env="BOT_TOKEN", app_token_env="APP_TOKEN", channels=channels
    )


def test_envelopes_are_kept_once_and_then_acknowledged(
    slack: SlackServer, socket: SlackSocket, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP_TOKEN", APP_TOKEN)
    arrivals = Arrivals(SqliteDatabase(tmp_path / "db"), FileKeys(tmp_path / "keys"), clock, TimeOrderedIds(clock))
    full: list[bool] = []
    settings = settings_of(slack)
    told: dict[str, Any] = {"team_id": WORKSPACE, "type": "event_callback", "event": EVENT, "event_id": "Ev1"}
    with listening(settings, Receiving(settings, clock), Keeping(arrivals, lambda: bool(full))):
        assert socket.wait_for(opened=1)
        socket.send("events_api", told, "e1")
        assert socket.wait_for(acknowledged=1)
        full.append(True)
        socket.send("events_api", {**told, "event_id": "Ev2"}, "e2")
        socket.send("hello-from-the-future", {}, "e3")  # not ours, and answered after the one before
        assert socket.wait_for(acknowledged=2)
        full.clear()
        socket.hang_up()
        assert socket.wait_for(opened=2)
        socket.send("events_api", told, "e4")
        socket.send("slash_commands", COMMAND, "e5", accepts=True)
        assert socket.wait_for(acknowledged=4)
    by_id = {each["envelope_id"]: each.get("payload") for each in socket.acknowledged}
    assert set(by_id) == {"e1", "e3", "e4", "e5"}
    assert by_id["e5"] == {"response_type": "ephemeral", "text": "On it."}
    assert sorted(arrivals.read(each).kind for each in arrivals.waiting()) == ["command", "mention"]


def test_without_a_token_that_is_taken_nothing_starts(
    slack: SlackServer, socket: SlackSocket, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(slack)
    nothing: Any = None
    with pytest.raises(ConfigError, match="not set"), listening(settings, nothing, nothing):
        pass
    monkeypatch.setenv("APP_TOKEN", "xapp-old")
    with pytest.raises(BackendError, match="open no socket") as caught, listening(settings, nothing, nothing):
        pass
    assert "xapp-old" not in str(caught.value)
