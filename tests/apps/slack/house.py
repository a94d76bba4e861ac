"""An installation with the Slack app, the double of Slack beside it, and the service's part done by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from opswarden.agents.triage.types import TriageReport
from opswarden.apps.installation import Installation
from opswarden.apps.runs import RunRequest
from opswarden.apps.service.arrivals import Arrivals
from opswarden.apps.service.incident_records import Incident
from opswarden.apps.service.incidents import Incidents
from opswarden.apps.service.telling import STATUS, IncidentStatus
from opswarden.apps.settings import Settings
from opswarden.apps.slack.opening import SlackApp, open_slack
from opswarden.apps.slack.telling_once import tell_once
from opswarden.apps.triage import Surface, start
from opswarden.core.clock import FixedClock
from opswarden.core.ids import TimeOrderedIds
from opswarden.core.state import open_state
from opswarden.policies.types import Notice
from opswarden.tests.doubles.slack_events import SECRET, SlackEvents
from opswarden.tests.doubles.slack_server import TOKEN, WORKSPACE, SlackServer

CHANNEL, OTHER = "C0INCIDENTS", "C0ELSEWHERE"
ANN, BO, EVE, GUEST, STRANGER = "U0ANN", "U0BO", "U0EVE", "U0GUEST", "U0STRANGER"


def settings_of(folder: Path, url: str, ids: tuple[str, str, str] = (ANN, BO, EVE), **slack: Any) -> Settings:
    """The settings of a house: three people, two of them on call, and one channel.

    Args:
        folder: for its state.
        url: of Slack.
        ids: of the people there.
        slack: more settings of the section `slack`.
    """
    systems, more = slack.pop("systems", {}), slack.pop("more", {})
    channel = {
        "id": CHANNEL,
        "environment": "sandbox",
        "automatic": True,
        "floor": "warning",
        "alert_bots": ["B0ALERTS"],
    }
    return Settings(
        state_dir=folder / "state",
        systems=systems,
        **more,
        people={
            "ann": {"roles": ["oncall"], "known_as": [ids[0]]},
            "bo": {"roles": ["oncall", "risk"], "known_as": [ids[1]]},
            "eve": {"roles": ["spectator"], "known_as": [ids[2]]},
        },  # type: ignore[arg-type]  # pydantic makes sections of them
        slack={
            "workspace": WORKSPACE,
            "url": url,
            "token_env": "BOT_TOKEN",
            "signing_env": "SIGNING",
            "channels": {"incidents": {**channel, **slack.pop("channel", {})}},
            **slack,
        },  # type: ignore[arg-type]  # the same
    )


@dataclass
class House:
    """Everything of one installation; Slack's requests go to the application in this process."""

    installation: Installation
    slack: SlackServer
    clock: FixedClock
    app: SlackApp
    events: SlackEvents
    arrivals: Arrivals
    incidents: Incidents

    def work(self, times: int = 1) -> None:
        """Work off what waits; more than once each, as after a crash, if wanted."""
        for arrival_id in self.arrivals.waiting():
            arrival = self.arrivals.read(arrival_id)
            for _ in range(times):
                self.app.performer.perform(self.installation, arrival)
            self.arrivals.settle(arrival_id, "done")

    def mention(self, text: str, user: str = ANN, channel: str = CHANNEL, thread_ts: str = "") -> str:
        """Somebody writes to the app; the `ts` of what they wrote."""
        ts = self.slack.next_ts()
        wrote = {"ts": ts, "user": user, "text": text, **({"thread_ts": thread_ts} if thread_ts else {})}
        self.slack.messages[channel].append(wrote)
        self.events.event({"type": "app_mention", "channel": channel, **wrote, "text": f"<@UBOT00001> {text}"})
        return ts

    def whispered(self) -> list[str]:
        return [each["text"] for each in self.slack.ephemerals]

    def ours(self, channel: str = CHANNEL) -> list[dict[str, Any]]:
        return [each for each in self.slack.messages[channel] if "app_id" in each]

    def tell(self, incident: Incident, what: str, **more: Any) -> None:
        """What the service tells of an incident, through the gate."""
        told = self.incidents.told_as(self.incidents.get(incident.id))
        status = IncidentStatus(incident=told, what=what, **more)  # type: ignore[arg-type]
        telling = self.app.telling
        notice = Notice(STATUS, status.model_dump(mode="json"))
        tell_once(self.installation, told.asked_by, telling.sender(told), telling.audience(told), notice)

    def triage(self, incident: Incident, snapshot: Path) -> TriageReport:
        """What a worker of the service does with an incident."""
        run_id = self.installation.ids.new("run")
        request = RunRequest(snapshot=snapshot, on_behalf_of=incident.asked_by)
        incident = self.incidents.begin(incident.id, run_id, str(snapshot))
        told, telling = self.incidents.told_as(incident), self.app.telling

        def on_step(step: str) -> None:
            self.clock.advance(6)
            telling.progress(told, step)

        surface = Surface(telling.sender(told), telling.audience(told), on_step, trigger="service")
        outcome = start(self.installation, request, surface, run_id)
        assert outcome.report is not None
        return outcome.report


@contextmanager
def house(folder: Path, **slack_settings: Any) -> Iterator[House]:
    """An installation of its own."""
    clock = FixedClock(datetime(2031, 5, 6, 12, tzinfo=UTC))
    with pytest.MonkeyPatch.context() as patch, SlackServer(clock) as slack:
        patch.setenv("BOT_TOKEN", TOKEN)
        patch.setenv("SIGNING", SECRET)
        for user in (ANN, BO, EVE):
            slack.add_user(user)
        slack.add_user(GUEST, is_restricted=True)
        slack.add_user(STRANGER, team_id="T0OTHER")
        slack.add_channel(CHANNEL, "incidents")
        slack.add_channel(OTHER, "elsewhere")
        with opened(settings_of(folder, slack.url, **slack_settings), slack, clock) as found:
            yield found


@contextmanager
def opened(settings: Settings, slack: Any, clock: FixedClock, workspace: str = WORKSPACE) -> Iterator[House]:
    """An installation with these settings, and Slack beside it; its token and secret are in the environment."""
    ids = TimeOrderedIds(clock)
    with Installation(settings, open_state(settings.state_dir), clock, ids) as installation:
        app = open_slack(installation, later=lambda work: work(), sleep=clock.advance)
        assert app is not None
        arrivals = Arrivals(installation.database, installation.keys, clock, ids)
        incidents = Incidents(installation.database, clock, ids)
        events = SlackEvents(lambda body, headers: asked(app.app, body, headers), clock, workspace=workspace)
        yield House(installation, slack, clock, app, events, arrivals, incidents)


def asked(app: Any, body: bytes, headers: Mapping[str, str], path: str = "/") -> tuple[int, bytes, Mapping[str, str]]:
    """Ask an ASGI application in this process."""
    said: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        said.append(message)

    raw = [(name.lower().encode(), text.encode()) for name, text in headers.items()]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": raw, "root_path": ""}
    asyncio.run(app(scope, receive, send))
    return said[0]["status"], b"".join(each.get("body", b"") for each in said[1:]), {}


def shown(message: Mapping[str, Any]) -> str:
    """All text of a message."""
    found: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if isinstance(part.get("text"), str):
                found.append(part["text"])
            for value in part.values():
                walk(value)
        elif isinstance(part, list):
            for each in part:
                walk(each)

    walk(message["blocks"])
    return "".join(found)
