"""`opswarden slack`: the manifest asks for the least, and what is wrong with the set-up is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from opswarden.apps.slack.manifest import SCOPES, manifest
from opswarden.apps.slack.settings import SlackSettings
from opswarden.core.clock import SystemClock
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.doubles.slack_events import SECRET
from opswarden.tests.doubles.slack_server import TOKEN, WORKSPACE, SlackServer

from .conftest import CHANNEL

SCOPE_OF = {
    "chat.postMessage": "chat:write", "chat.update": "chat:write", "chat.postEphemeral": "chat:write", "auth.test": "",
    "conversations.history": "channels:history", "conversations.replies": "channels:history",
    "conversations.info": "channels:read", "users.info": "users:read", "files.getUploadURLExternal": "files:write",
    "files.completeUploadExternal": "files:write",
}  # fmt: skip
"""docs.slack.dev, "Methods": what each method that we call needs."""


@pytest.fixture
def workspace(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackServer]:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("SIGNING", SECRET)
    with SlackServer(SystemClock()) as server:
        server.add_channel(CHANNEL, "incidents")
        channel = f'[slack.channels.incidents]\nid = "{CHANNEL}"\nalert_bots = ["B0ALERTS"]\n'
        head = f'[slack]\nworkspace = "{WORKSPACE}"\nurl = "{server.url}"\n'
        (home / "opswarden.toml").write_text(f'{head}token_env = "BOT_TOKEN"\nsigning_env = "SIGNING"\n{channel}')
        yield server


def test_the_manifest_is_within_slacks_limits_and_asks_for_what_is_used(cli: Cli, workspace: SlackServer) -> None:
    found = json.loads(cli("slack", "manifest", "--address", "https://ops.example/").out)
    assert found["settings"]["event_subscriptions"] == {
        "request_url": "https://ops.example/slack/events",
        "bot_events": ["app_mention", "message.channels", "message.groups"],
    }
    (command,), (shortcut,) = found["features"]["slash_commands"], found["features"]["shortcuts"]
    assert len(found["display_information"]["name"]) <= 35
    assert len(found["display_information"]["description"]) <= 140
    assert len(shortcut["name"]) <= 24
    assert len(command["description"]) <= 2_000
    assert set(found["oauth_config"]["scopes"]["bot"]) == set(SCOPES)
    source = "".join(path.read_text() for path in (Path(__file__).parents[3] / "apps" / "slack").glob("*.py"))
    assert all(f'"{method}"' in source for method in SCOPE_OF)
    assert {scope for scope in SCOPE_OF.values() if scope} <= set(SCOPES)
    assert manifest(SlackSettings(), "https://x")["settings"]["event_subscriptions"]["bot_events"] == ["app_mention"]
    assert cli("slack", "manifest", "--address", "http://ops.example").code == 2
    assert cli("slack", "manifest").code == 2
    socket = cli("slack", "manifest", "--socket-mode").json
    assert socket["settings"]["socket_mode_enabled"] is True
    assert "http" not in json.dumps(socket)


def test_what_is_in_the_way_is_said(cli: Cli, workspace: SlackServer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli("slack", "check").code == 0
    workspace.channels[CHANNEL]["is_member"] = False
    told = cli("slack", "check", "--format", "json")
    assert (told.code, [each["ok"] for each in told.json]) == (1, [True, True, False])
    assert "invite it" in told.json[2]["told"]
    workspace.channels[CHANNEL] |= {"is_member": True, "is_ext_shared": True}
    assert "shared with others" in cli("slack", "check").out
    monkeypatch.setenv("BOT_TOKEN", "xoxb-old")
    assert "does not accept the bot token" in cli("slack", "check").out
    assert cli("slack", "refresh").out == "looked at 0 messages\n"
    assert cli("slack", "usage", "--format", "json").json == {
        "incidents": {"told": 0, "muted": 0, "useful": 0, "partly": 0, "wrong": 0}
    }


def test_a_set_up_that_cannot_work_is_refused(cli: Cli, home: Path) -> None:
    assert "list one under" in cli("slack", "check").err
    channel = f'[slack.channels.incidents]\nid = "{CHANNEL}"\n'
    (home / "opswarden.toml").write_text(f'[slack]\nworkspace = "T0X"\n{channel}')
    assert "token_env" in cli("slack", "check").err
    (home / "opswarden.toml").write_text(
        f'[slack]\nworkspace = "T0X"\ntoken_env = "A"\nsigning_env = "NOT_SET"\n{channel}'
    )
    assert "signing secret" in cli("slack", "check").err
