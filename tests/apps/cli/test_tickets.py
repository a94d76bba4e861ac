"""Naming a change ticket for a run, and what the gate makes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opswarden.apps.catalogue import declared_tools
from opswarden.apps.installation import open_installation
from opswarden.apps.wiring import gate_factory
from opswarden.policies.types import CallResult, Principal, Run
from opswarden.tests.apps.answers import PERSON
from opswarden.tests.apps.conftest import Cli
from opswarden.tests.docs.marked import ROOT

PACKAGES = Path(__file__).parents[1] / "packages"


def pull() -> CallResult:
    with open_installation() as installation:
        run = Run("run_1", Principal("triage", f"person:{PERSON}", "platform"), "cli")
        gate = gate_factory(installation, declared_tools(installation, "production")).open_run(run)
        return gate.call("levers.pull", {"lever": "left"}, call_id="c")


def test_a_write_waits_for_a_ticket_that_a_person_names(
    cli: Cli, write_settings: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.syspath_prepend(str(PACKAGES))
    monkeypatch.setenv("LEVERS_FILE", str(home / "effects"))
    rules = json.dumps(str(ROOT / "docs" / "examples" / "ticket_rules"))
    write_settings(
        f'version = 1\npackages = ["levers:register"]\n[gate]\npolicy_folders = [{rules}]\n'
        '[gate.tickets]\nsystem = "folder"\nfolder = "tickets"\ncache_s = 0\n'
        '[gate.stages.platform.production]\n"levers.pull" = "act"\n'
    )
    folder = home / "tickets"
    folder.mkdir()
    now = datetime.now(UTC)
    ticket = {
        "state": "Implement",
        "approved": True,
        "covers": ["levers"],
        "team": "platform",
        "start": (now - timedelta(hours=1)).isoformat(),
        "end": (now + timedelta(hours=1)).isoformat(),
    }
    assert cli("approvals", "ticket", "run_1", "CHG1").code == 2
    assert "nobody named a change ticket" in pull().message
    assert cli("approvals", "ticket", "run_1", "CHG 1").code == 2
    assert cli("approvals", "ticket", "run_1", "CHG1").code == 0
    assert "knows no such ticket" in pull().message
    (folder / "CHG1.json").write_text(json.dumps(ticket), encoding="utf-8")
    assert pull().approval_id is not None
