"""Three workers on PostgreSQL, killed again and again while everything around them fails now and then.

Every incident ends with one report in Slack, and what a person agreed to happens once, counted where it happens.
"""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.installation import Installation, open_installation
from opswarden.apps.service.arrivals import Arrivals
from opswarden.apps.service.incidents import Incidents
from opswarden.core.clock import SystemClock
from opswarden.policies.unknowns import Unknowns
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.apps.models import KEY, asks, diagnosis, endpoint_settings
from opswarden.tests.apps.packages.levers import EFFECTS_VARIABLE
from opswarden.tests.apps.service.conftest import accept, write_home
from opswarden.tests.apps.service.workers import Workers, wait_for
from opswarden.tests.doubles.openai_server import OpenAIServer, Step
from opswarden.tests.doubles.slack_events import SECRET
from opswarden.tests.doubles.slack_server import TOKEN, WORKSPACE, SlackServer
from opswarden.tests.postgres_peer import WRITER, PostgresPeer

_KILLS = int(os.environ.get("CHAOS_KILLS", "100"))
_SEED = int(os.environ.get("CHAOS_SEED", "7"))
_KILLS_PER_INCIDENT, _WORKERS, _SKEW_S = 4, 3, 45.0
_CHANNEL = "C0INCIDENTS"
_FAULTS = ("429", "500", "500-after")
_METHODS = ("chat.postMessage", "chat.update", "files.completeUploadExternal")
_SETTINGS = """
[people.bo]
roles = ["oncall"]
[gate.stages.platform.production]
"levers.pull" = "act"
[slack]
workspace = "{workspace}"
url = "{slack}"
token_env = "BOT_TOKEN"
signing_env = "SIGNING"
per_channel = 9999
[slack.channels.incidents]
id = "{channel}"
environment = "production"
automatic = true
floor = "info"
"""


def pulls_its_lever(body: Mapping[str, Any]) -> Step:
    """A model that wants one effect for each incident, named as its entity, and then has no more to say."""
    if any(message["role"] == "tool" for message in body["messages"]):
        return diagnosis("healthy")
    entity = re.search(r"service-\d+", str(body["messages"]))
    return asks(("levers.pull", {"lever": entity[0] if entity else "none"}))


@dataclass
class Chaos:
    """What everything happens to."""

    home: Path
    workers: Workers
    postgres: PostgresPeer
    slack: SlackServer
    chance: random.Random

    def start(self) -> None:
        self.workers.start(self.home, skew_s=self.chance.uniform(-_SKEW_S, _SKEW_S))

    def strike(self, number: int) -> None:
        """Kill one worker; Slack and the database fail now and then."""
        time.sleep(self.chance.uniform(0.1, 1.5))
        self.workers.kill(self.chance.choice(self.workers.pids))
        self.start()
        self.slack.faults[self.chance.choice(_METHODS)].append(self.chance.choice(_FAULTS))
        if number in (_KILLS // 3, _KILLS // 2):
            self.postgres.stop()
            self.postgres.start()


def agree(installation: Installation) -> None:
    """Bo agrees to what waits."""
    for each in installation.approvals.records(state="pending"):
        installation.approvals.answer(each.id, "approve", approver="person:bo", roles=frozenset({"oncall"}))


@pytest.mark.soak
@pytest.mark.timeout(3_600)
def test_whatever_fails_each_incident_has_one_report_and_each_effect_happens_once(
    home: Path, cli: Cli, postgres: PostgresPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = postgres.new_database()
    for variable, value in {
        "DATABASE_OWNER_URL": postgres.url(name).get_secret_value(),
        "OPSWARDEN_DATABASE__URL": postgres.url(name, WRITER).get_secret_value(),
        "HOOK_TOKEN": "t" * 32, "BOT_TOKEN": TOKEN, "SIGNING": SECRET, "HOUSE_KEY": KEY,
        EFFECTS_VARIABLE: str(home / "effects"),
    }.items():  # fmt: skip
        monkeypatch.setenv(variable, value)
    with (
        SlackServer(SystemClock()) as slack,
        OpenAIServer(responder=pulls_its_lever, api_key=KEY) as model,
        Workers() as workers,
    ):
        slack.add_channel(_CHANNEL, "incidents")
        write_home(home, 'packages = ["levers:register"]')
        file = home / "opswarden.toml"
        more = _SETTINGS.format(workspace=WORKSPACE, slack=slack.url, channel=_CHANNEL) + endpoint_settings(model)
        file.write_text(file.read_text().replace('"prod"', '"production"').replace('"recording"', '"slack"') + more)
        monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "packages"))
        assert cli("database", "prepare", "--writer", WRITER).code == 0
        chaos = Chaos(home, workers, postgres, slack, random.Random(_SEED))
        with open_installation() as installation:
            entities = _struck(chaos, installation)
            incidents = Incidents(installation.database, installation.clock, installation.ids)
            found = incidents.listed(is_live=False)
            agreed = sum(each.state in ("approved", "consumed") for each in installation.approvals.records())
            unknowns = Unknowns(installation.database, installation.ledger, installation.clock, str)
            unknown = [each for each in unknowns.open() if each.tool == "levers.pull"]
        workers.kill_all()
        if os.environ.get("CHAOS_EVIDENCE"):
            _keep_evidence(Path(os.environ["CHAOS_EVIDENCE"]) / f"seed-{_SEED}.json", slack, home)
        slots = Counter(
            each.get("metadata", {}).get("event_payload", {}).get("slot", "") for each in slack.messages[_CHANNEL]
        )
    pulled = Counter((home / "effects").read_text().split("\n")[:-1])
    once, lost = sum(count == 1 for count in pulled.values()), agreed - len(pulled)
    assert {each.entity for each in found} == entities
    assert all(each.run_state == "reported" for each in found)
    told = {each.entity: (slots[each.id], slots[f"{each.id}/report"]) for each in found}
    assert {entity: counts for entity, counts in told.items() if counts != (1, 1)} == {}
    assert max(pulled.values()) == 1
    assert lost <= len(unknown)
    assert cli("audit", "verify", "--format", "json").json["ok"] is True
    print(  # noqa: T201 - the figures of `make soak`
        f"{_KILLS} kills, {len(found)} incidents, {agreed} effects agreed to: {once} happened once, "
        f"{sum(count > 1 for count in pulled.values())} twice, {lost} not known to have happened "
        f"({len(unknown)} told as unknown)"
    )


def _keep_evidence(file: Path, slack: SlackServer, home: Path) -> None:
    """What stood in Slack in the end, and every call that led to it, for whoever has to explain a failed run."""
    file.parent.mkdir(parents=True, exist_ok=True)
    calls = list(zip(slack.called_at, slack.calls, slack.answered, strict=True))
    kept = {"messages": slack.messages[_CHANNEL], "calls": calls}
    file.write_text(json.dumps(kept, indent=1))
    shutil.copyfile(home / "worker.err", file.with_suffix(".err"))


def _struck(chaos: Chaos, installation: Installation) -> set[str]:
    """Alerts come in, people agree, and everything fails; until all is told. Which entities."""
    incidents = Incidents(installation.database, installation.clock, installation.ids)
    arrivals = Arrivals(installation.database, installation.keys, installation.clock, installation.ids)
    entities = set[str]()
    for _ in range(_WORKERS):
        chaos.start()
    for number in range(_KILLS):
        if number % _KILLS_PER_INCIDENT == 0:
            entities.add(f"service-{number}")
            for _ in range(2):
                accept(arrivals, f"service-{number}", environment="production")
        agree(installation)
        chaos.strike(number)

    def is_over() -> bool:
        agree(installation)
        return len(incidents.in_run_state("reported")) == len(entities) and not incidents.untold()

    def still() -> list[tuple[str, str, int, str]]:
        open_ones = [each for each in incidents.listed() if each.run_state != "reported"]
        return [
            (each.entity, each.run_state, each.leg, str([event.note for event in incidents.timeline(each.id)][-3:]))
            for each in open_ones
        ]

    wait_for(is_over, 1_200, still)
    return entities
