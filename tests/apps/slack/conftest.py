"""What the tests of Slack share: the double, its clock, and a client that waits on that clock."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from opswarden.apps.slack.settings import SlackSettings
from opswarden.apps.slack.web_api import WebApi
from opswarden.core.clock import FixedClock
from opswarden.tests.doubles.slack_server import TOKEN, SlackServer
from opswarden.tests.emulate_peer import why_missing

# In CI, where a skip is a failure, it is left out where it cannot be had; `.ci/run` says so.
collect_ignore = ["test_second_opinion.py"] if os.environ.get("CI") and why_missing() else []

CHANNEL, USER = "C0INCIDENTS", "U0ANN"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2031, 5, 6, 12, tzinfo=UTC))


@pytest.fixture
def slack(clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackServer]:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    with SlackServer(clock) as server:
        server.add_channel(CHANNEL, "incidents")
        server.add_user(USER)
        yield server


@pytest.fixture
def api(slack: SlackServer, clock: FixedClock) -> WebApi:
    return WebApi(SlackSettings(url=slack.url, token_env="BOT_TOKEN").http(), clock, clock.advance)
