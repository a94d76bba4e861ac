"""Who answers, and with which roles at that moment: the user of the machine, schedules, identity tokens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.catalogue import declared_tools
from opswarden.apps.installation import open_installation
from opswarden.apps.wiring import gate_factory
from opswarden.policies.types import Principal, Run
from opswarden.tests.apps.answers import PERSON
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.doubles.oidc_issuer import OidcIssuer
from opswarden.tests.doubles.oncall_servers import TOKEN, PagerDutyServer

PACKAGES = Path(__file__).parents[1] / "packages"


@pytest.fixture
def write(write_settings: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, home: Path) -> Callable[[str], None]:
    monkeypatch.syspath_prepend(str(PACKAGES))
    monkeypatch.setenv("LEVERS_FILE", str(home / "effects"))
    monkeypatch.setenv("SCHEDULE_TOKEN", TOKEN)

    def settings(more: str) -> None:
        write_settings(
            'version = 1\npackages = ["levers:register"]\n[gate.stages.platform.production]\n"levers.lift" = "act"\n'
            + more
        )

    return settings


@pytest.fixture
def pagerduty() -> Iterator[PagerDutyServer]:
    with PagerDutyServer() as server:
        yield server


@pytest.fixture(scope="module")
def issuer() -> Iterator[OidcIssuer]:
    with OidcIssuer() as server:
        yield server


def question() -> str:
    """A two-person call that waits for somebody on call."""
    with open_installation() as installation:
        run = Run("run_1", Principal("triage", f"person:{PERSON}", "platform"), "cli")
        gate = gate_factory(installation, declared_tools(installation, "production")).open_run(run)
        return gate.call("levers.lift", {"lever": "left"}, call_id="c").approval_id or ""


def answered(cli: Cli) -> list[dict[str, Any]]:
    entries = cli("audit", "tail", "-n", 100, "--format", "json").json
    return [entry["body"] for entry in entries if entry["kind"] == "approval.answered"]


def by_schedule(server: PagerDutyServer, people: str) -> str:
    return (
        f'[[identity.schedules]]\nsystem = "pagerduty"\nschedule = "P1"\ntoken_env = "SCHEDULE_TOKEN"\n'
        f'endpoint = "{server.url}"\ntimeout_s = 0.6\n{people}'
    )


def test_whoever_is_on_call_now_may_answer(
    cli: Cli, write: Callable[[str], None], pagerduty: PagerDutyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(by_schedule(pagerduty, '[people.bo]\nroles = ["oncall"]\nknown_as = ["PBO"]\n'))
    approval_id = question()
    monkeypatch.setattr("opswarden.apps.installation.current_person", lambda: "bo")
    pagerduty.turns = [("P1", "PANN", "ann@example.org", None, None)]
    refused = cli("approvals", "approve", approval_id)
    assert (refused.code, "another role" in refused.err) == (4, True)

    pagerduty.fault = "500"
    refused = cli("approvals", "approve", approval_id)
    assert (refused.code, "warning: pagerduty:P1" in refused.err) == (4, True)
    assert TOKEN not in refused.err

    pagerduty.fault = ""
    pagerduty.turns = [("P1", "PBO", "", None, None)]
    assert cli("approvals", "approve", approval_id).code == 0
    (body,) = answered(cli)
    assert body["approver"] == "person:bo"
    assert body["identified_by"] == "os-user"
    assert body["role_sources"] == {"oncall": ["pagerduty:P1"]}


def settings_of(issuer: OidcIssuer) -> str:
    return (
        f'[identity.oidc]\nissuer = "{issuer.url}"\n[identity.oidc.roles]\nsre = ["oncall"]\n'
        f'[people.{PERSON}]\nknown_as = ["{PERSON}@example.org"]\n[people.bo]\nknown_as = ["bo@example.org"]\n'
    )


def token_file(home: Path, issuer: OidcIssuer, who: str, **more: Any) -> Path:
    now = int(time.time())
    claims = {"iss": issuer.url, "aud": "opswarden", "iat": now, "exp": now + 300, "groups": ["sre"]}
    path = home / "token"
    path.write_text(
        issuer.token({**claims, "email": f"{who}@example.org", "email_verified": True, **more}), encoding="ascii"
    )
    return path


def test_an_identity_token_names_the_person_and_gives_roles(
    cli: Cli, write: Callable[[str], None], issuer: OidcIssuer, home: Path
) -> None:
    write(settings_of(issuer))
    approval_id = question()
    assert cli("approvals", "approve", approval_id).code == 4

    own = cli("approvals", "approve", approval_id, "--token-file", token_file(home, issuer, PERSON))
    assert (own.code, "somebody other than whoever started" in own.err) == (4, True)
    stranger = cli("approvals", "approve", approval_id, "--token-file", token_file(home, issuer, "eve"))
    assert (stranger.code, "known_as" in stranger.err) == (2, True)
    old = cli("approvals", "approve", approval_id, "--token-file", token_file(home, issuer, "bo", exp=5))
    assert (old.code, "expired" in old.err) == (4, True)

    path = token_file(home, issuer, "bo")
    assert cli("approvals", "approve", approval_id, "--token-file", path).code == 0
    (body,) = answered(cli)
    assert (body["approver"], body["identified_by"]) == ("person:bo", f"oidc:{issuer.url}")
    assert body["role_sources"] == {"oncall": [f"oidc:{issuer.url}"]}
    everything = b"".join(item.read_bytes() for item in (home / "state").rglob("*") if item.is_file())
    assert path.read_bytes().split(b".")[2] not in everything


def test_a_token_without_an_issuer_or_no_token_at_all(cli: Cli, write: Callable[[str], None], home: Path) -> None:
    write("")
    approval_id = question()
    (home / "token").write_text("a.b.c")
    assert cli("approvals", "approve", approval_id, "--token-file", home / "token").code == 2
    write('[identity.oidc]\nissuer = "https://127.0.0.1:1"\n')
    assert cli("approvals", "approve", approval_id, "--token-file", home / "missing").code == 2
    assert cli("approvals", "approve", approval_id, "--token-file", home / "token").code == 4


def test_two_people_of_one_name_are_refused(cli: Cli, write: Callable[[str], None]) -> None:
    write('[people.a]\nknown_as = ["x@example.org"]\n[people.b]\nknown_as = ["X@example.org"]\n')
    said = cli("approvals", "approve", "apr_x")
    assert (said.code, "known by one name" in said.err) == (2, True)
