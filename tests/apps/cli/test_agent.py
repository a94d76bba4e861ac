"""`opswarden agent NAME`: a graph of a package, behind the same gate."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from opswarden.tests.apps.conftest import Cli
from opswarden.tests.apps.staging import PACKAGES

ACT = '[gate.stages.platform.production]\n"levers.pull" = "act"\n'


@pytest.fixture
def effects(
    home: Path, monkeypatch: pytest.MonkeyPatch, write_settings: Callable[[str], Path]
) -> Callable[[], list[str]]:
    """What was done to the levers."""
    monkeypatch.syspath_prepend(str(PACKAGES))
    monkeypatch.setenv("LEVERS_FILE", str(home / "effects"))
    write_settings('version = 1\npackages = ["pullers:register"]\n' + ACT)
    path = home / "effects"
    return lambda: path.read_text().splitlines() if path.exists() else []


def test_an_agent_runs_and_its_state_is_one_document(cli: Cli, effects: Callable[[], list[str]]) -> None:
    said = cli("agent", "triage", "--input", '{"lever": "bo@example.org"}')
    assert said.code == 0, said.err
    assert set(said.json) == {"run_id", "agent", "state"}
    assert json.loads(said.json["state"]["answer"])["status"] == "ok"
    assert "bo@example.org" not in said.out
    assert effects() == ["looked bo@example.org"]
    assert cli("audit", "verify").code == 0


def test_an_effect_that_needs_a_person_ends_with_5_and_does_not_happen(
    cli: Cli, effects: Callable[[], list[str]]
) -> None:
    said = cli("agent", "puller", "--input", '{"lever": "left"}')
    assert (said.code, said.out) == (5, "")
    assert "levers.pull" in said.err
    assert effects() == []


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        (("pullr",), "did you mean puller?"),
        (("puller", "--input", "{"), "no JSON"),
        (("puller", "--input", "[]"), "no JSON object"),
        (("puller", "--snapshot", "nowhere"), "no snapshot"),
    ],
)
def test_what_cannot_be_used_is_named(
    cli: Cli, effects: Callable[[], list[str]], line: tuple[str, ...], hint: str
) -> None:
    said = cli("agent", *line)
    assert (said.code, said.out) == (2, "")
    assert hint in said.err
    assert len(said.err.splitlines()) == 2


def test_an_agent_for_another_environment_asks_nobody(cli: Cli, effects: Callable[[], list[str]]) -> None:
    there = cli("agent", "puller", "--input", '{"lever": "left"}', "--environment", "production")
    assert there.code == 5, there.err
    elsewhere = cli("agent", "puller", "--input", '{"lever": "left"}', "--environment", "staging")
    assert elsewhere.code != 5
    entries = cli("audit", "tail", "-n", 1000, "--format", "json").json
    codes = [entry["body"]["code"] for entry in entries if entry["kind"] == "call.decided"]
    assert codes == ["taint.args", "environments.foreign"]
    assert effects() == []
