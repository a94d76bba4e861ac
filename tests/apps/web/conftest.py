"""An installation with one ended triage, four people, and what waits for them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.installation import Installation, open_installation
from opswarden.apps.settings import IdentitySettings, OidcSettings, PersonSettings, Settings
from opswarden.apps.web.app import app_of
from opswarden.apps.web.records import WebRecords
from opswarden.apps.web.settings import WebSettings
from opswarden.core.clock import FixedClock
from opswarden.policies.approvals import Approval, Binding, Question
from opswarden.policies.types import Ask, Principal, Run
from opswarden.tests.apps.cli.test_approval_page import PREVIEW
from opswarden.tests.apps.conftest import Triaged
from opswarden.tests.apps.web.browser import Browser

PEOPLE = {
    "ana": PersonSettings(roles=("oncall",), known_as=("ana@example.com",)),
    "bo": PersonSettings(roles=("oncall", "auditor"), known_as=("bo@example.com",)),
    "cy": PersonSettings(roles=("spectator",)),
    "eve": PersonSettings(roles=("oncall",), teams=("fraud",)),
}


class Office:
    """The web view of one installation, and ways to use it."""

    def __init__(self, installation: Installation, clock: FixedClock, run_id: str) -> None:
        self.installation = installation
        self.clock = clock
        self.run_id = run_id
        self.app = app_of(installation)
        own = installation.settings.web
        self.records = WebRecords(
            installation.database, installation.ledger, clock, session_s=own.session_s, idle_s=own.idle_s
        )

    def token(self, name: str, by: str = "person:root") -> str:
        return self.records.make_token(name, by, timedelta(hours=12))

    def as_person(self, name: str, by: str = "person:root") -> tuple[Browser, str]:
        """A browser in which somebody has signed in, and their token."""
        browser, token = Browser(self.app), self.token(name, by)
        assert browser.sign_in(token).status == 303
        return browser, token

    def asks(
        self, environment: str = "staging", *, requester: str = "person:kim", two_person: bool = False, **args: Any
    ) -> Approval:
        """A question of the run that waits."""
        run = Run(self.run_id, Principal("triage", requester, "platform"), "cli")
        preview = {**PREVIEW, "args": {**PREVIEW["args"], **args}}
        ask = Ask("taint.args", ("oncall",), "an argument derives from outside", two_person=two_person)
        binding = Binding("a", "b", "c", ("contact",))
        call_id = self.installation.ids.new("call")
        question = Question("call", call_id, "services.scale", environment, ask, preview, {}, binding)
        with self.installation.database.transaction() as connection:
            return self.installation.approvals.request(connection, run, question)

    def answers(self, approval_id: str) -> list[dict[str, Any]]:
        """What the ledger says was answered."""
        entries = [entry for entry in self.installation.ledger.entries() if entry.kind == "approval.answered"]
        return [dict(entry.body) for entry in entries if entry.body["approval_id"] == approval_id]


Opened = Callable[..., Office]


@pytest.fixture
def opened(ended_triage: Triaged, home: Path) -> Iterator[Opened]:
    """Opens an installation of this test; keywords are settings of the section `web`."""
    shutil.copytree(ended_triage.state, home / "state")
    installations: list[Installation] = []

    def open_one(oidc: OidcSettings | None = None, **own: Any) -> Office:
        settings = Settings(
            state_dir=home / "state",
            people=PEOPLE,
            web=WebSettings(**own),
            identity=IdentitySettings(oidc=oidc or OidcSettings()),
        )
        clock = FixedClock(datetime.now(UTC).replace(microsecond=0))
        installation = open_installation(settings, clock)
        installations.append(installation)
        return Office(installation, clock, ended_triage.report["run_id"])

    yield open_one
    for installation in installations:
        installation.close()


@pytest.fixture
def office(opened: Opened) -> Office:
    return opened()
