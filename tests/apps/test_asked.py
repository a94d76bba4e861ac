"""What a person asks for with the incident: `triage --ask`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.installation import open_installation
from opswarden.apps.people.roles import requester_roles
from opswarden.policies.ledger.types import StoredEntry
from opswarden.tests.apps.conftest import PERSON, Case, Cli

MAIL = "zoe.quist@example.org"


def started(run_id: str) -> StoredEntry:
    with open_installation() as installation:
        return next(entry for entry in installation.ledger.of_run(run_id) if entry.kind == "run.started")


def test_the_request_is_recorded_redacted_with_the_roles_of_who_asked(cli: Cli, case: Case, home: Path) -> None:
    (home / "opswarden.toml").write_text(f'version = 1\n[people.{json.dumps(PERSON)}]\nroles = ["oncall"]\n')
    said = cli("triage", str(case.snapshot), "--ask", f"find out why, and write to {MAIL}", "--format", "json")
    assert said.code == 0, said.err
    body: dict[str, Any] = dict(started(said.json["run_id"]).body)
    assert body["request"].startswith("find out why, and write to <EMAIL_ADDRESS_")
    assert body["requester_roles"] == ["oncall"]
    assert cli("resume", said.json["run_id"], "--format", "json").code in (0, 2)
    state = [path.read_bytes() for path in (home / "state").rglob("*") if path.is_file()]
    assert state
    assert not any(MAIL.encode() in content for content in state)


def test_without_words_nobody_is_looked_up(cli: Cli, case: Case) -> None:
    said = cli("triage", str(case.snapshot), "--format", "json")
    body = started(said.json["run_id"]).body
    assert (body["request"], body["requester_roles"]) == ("", [])


def test_a_schedule_decides_who_holds_its_role_now(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever the settings list for a role that a schedule gives does not hold it by that."""
    me = PERSON
    monkeypatch.setenv("PD_TOKEN", "t0ken")
    (home / "opswarden.toml").write_text(
        f'version = 1\n[people.{json.dumps(me)}]\nroles = ["oncall", "dev"]\n'
        '[[identity.schedules]]\nsystem = "pagerduty"\nschedule = "PABC123"\nrole = "oncall"\n'
        'token_env = "PD_TOKEN"\nendpoint = "http://127.0.0.1:9"\ntimeout_s = 0.5\n'
    )
    assert cli("approvals", "list").code == 0
    with open_installation() as installation:
        from opswarden.policies import runs

        installation.database.migrate("runs", runs.MIGRATIONS)
        assert requester_roles(installation, "run_1", f"person:{me}", "pause it") == frozenset({"dev"})
        assert requester_roles(installation, "run_1", "system:alert", "pause it") == frozenset()
