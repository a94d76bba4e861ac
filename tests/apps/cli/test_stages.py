"""`opswarden stages`: from recorded proposals to a step that holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from opswarden.apps.catalogue import declared_tools
from opswarden.apps.installation import open_installation
from opswarden.apps.wiring import gate_factory
from opswarden.policies.types import Principal, Run
from opswarden.tests.apps.answers import PERSON
from opswarden.tests.apps.conftest import Cli

PACKAGES = Path(__file__).parents[1] / "packages"
SETTINGS = (
    'version = 1\npackages = ["levers:register"]\n[gate]\nraise_after = 2\n'
    f'[people.{PERSON}]\nroles = ["stage-owner"]\n[people.bo]\nroles = ["stage-owner"]\n'
)


@pytest.fixture
def home_with_levers(
    write_settings: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, home: Path
) -> Callable[[str], Path]:
    monkeypatch.syspath_prepend(str(PACKAGES))
    monkeypatch.setenv("LEVERS_FILE", str(home / "effects"))
    write_settings(SETTINGS)
    return write_settings


def propose_calls(n: int = 2) -> list[int]:
    with open_installation() as installation:
        tools = declared_tools(installation, "production")
        run = Run("run_1", Principal("triage", f"person:{PERSON}", "platform"), "cli")
        gate = gate_factory(installation, tools).open_run(run)
        results = [gate.call("levers.pull", {"lever": str(i)}, call_id=f"c{i}") for i in range(n)]
    return [result.seq for result in results]


def stage_of(cli: Cli) -> tuple[str, str]:
    listed = cli("stages", "list", "--format", "json").json
    (found,) = [one for one in listed if one["tool"] == "levers.pull"]
    return found["stage"], found["source"]


def work_as(monkeypatch: pytest.MonkeyPatch, person: str) -> None:
    monkeypatch.setattr("opswarden.apps.installation.current_person", lambda: person)


def test_a_tool_is_raised_on_the_record_and_lowered_at_once(
    cli: Cli, home_with_levers: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stage_of(cli) == ("observe", "default")
    seqs = propose_calls()
    early = cli("stages", "propose", "levers.pull", "--to", "act", "--reason", "it was right")
    assert (early.code, "0" in early.err) == (2, True)
    for seq in seqs:
        assert cli("stages", "outcome", seq, "--did", "same", "--note", "CHG-7").code == 0
    told = cli("stages", "report", "levers.pull")
    assert "2 proposals, 2 judged: people did the same 2" in told.out
    assert "agreement 100%, between 34% and 100%" in told.out

    asked = cli("stages", "propose", "levers.pull", "--to", "act", "--reason", "it was right")
    assert asked.code == 5
    approval_id = asked.out.split()[-1]
    own = cli("approvals", "approve", approval_id)
    assert (own.code, stage_of(cli)) == (4, ("observe", "default"))
    shown = cli("approvals", "show", approval_id, "--format", "json").json
    assert shown["preview"]["report"]["judged_by_proposer"] == 2
    work_as(monkeypatch, "bo")
    approved = cli("approvals", "approve", approval_id)
    assert approved.code == 0
    assert "levers.pull of platform in production is at act" in approved.out
    assert stage_of(cli) == ("act", "record")
    assert cli("policy", "explain", "levers.pull", "--format", "json").json["stage"] == "act"

    assert cli("stages", "lower", "levers.pull", "--reason", "it went wrong").code == 0
    assert stage_of(cli) == ("observe", "record")
    kinds = [entry["kind"] for entry in cli("audit", "tail", "-n", 100, "--format", "json").json]
    assert kinds.count("stage.set") == 2
    assert cli("audit", "verify").code in (0, 1)


def test_approved_elsewhere_it_is_applied_here(
    cli: Cli, home_with_levers: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for seq in propose_calls():
        cli("stages", "outcome", seq, "--did", "same")
    approval_id = cli("stages", "propose", "levers.pull", "--to", "recommend", "--reason", "x").out.split()[-1]
    with open_installation() as installation:
        installation.approvals.answer(approval_id, "approve", approver="bo", roles=frozenset({"stage-owner"}))
    assert stage_of(cli)[0] == "observe"
    assert cli("stages", "apply", approval_id).code == 0
    assert stage_of(cli) == ("recommend", "record")
    assert cli("stages", "apply", approval_id).code == 4


def test_what_acts_by_the_file_alone_is_said_and_can_be_refused(
    cli: Cli, home_with_levers: Callable[[str], Path]
) -> None:
    line = '[gate.stages.platform.production]\n"levers.pull" = "act"\n'
    home_with_levers(SETTINGS + line)
    assert stage_of(cli) == ("act", "configuration")
    checked = cli("policy", "check")
    assert (checked.code, "acts by the configuration alone" in checked.out) == (0, True)
    found = {item["name"]: item for item in cli("doctor", "--format", "json").json}
    assert found["stages"]["state"] == "warning"
    home_with_levers('environment = "production"\n' + SETTINGS + line)
    found = {item["name"]: item for item in cli("doctor", "--format", "json").json}
    assert found["stages"]["state"] == "failed"
    home_with_levers(SETTINGS.replace("raise_after", 'raise_stages = "recorded"\nraise_after') + line)
    refused = cli("stages", "list")
    assert (refused.code, "levers.pull (platform, production)" in refused.err) == (2, True)


def test_a_mistake_is_told(cli: Cli, home_with_levers: Callable[[str], Path]) -> None:
    assert cli("stages", "outcome", 99, "--did", "same").code == 2
    assert cli("stages", "lower", "levers.pusch", "--reason", "x").code == 2
    assert cli("stages", "apply", "apr_none").code == 2
