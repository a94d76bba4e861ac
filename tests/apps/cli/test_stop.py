"""`opswarden stop` and `go`: at work in a triage, recorded where that is possible, and done where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from opswarden.evals.cases import Case
from opswarden.tests.apps.conftest import Cli


def test_a_stopped_tool_is_missing_in_a_triage_and_said(cli: Cli, home: Path, case: Case) -> None:
    said = cli("stop", "--tool", "logs.*", "--reason", "ask ann@example.com", "--format", "json")
    assert said.code == 0, said.err
    assert len(said.json["seqs"]) == 1
    text = (home / "state" / "stop").read_text()
    assert text.startswith("tool logs.* # person:")
    assert "ann@example.com" not in text
    assert cli("stop", "--show").out == text
    found = {item["name"]: item for item in cli("doctor", "--format", "json").json}
    assert (found["policies"]["state"], "stop file" in found["policies"]["text"]) == ("warning", True)
    report = cli("triage", case.snapshot, "--format", "json")
    assert report.code == 0, report.err
    entries = cli("audit", "tail", "-n", 500, "--tool", "logs.patterns", "--format", "json").json
    assert {one["body"].get("code") for one in entries} == {"stop-tool"}
    assert cli("go", "--tool", "logs", "--reason", "x").code == 2
    assert cli("go", "--tool", "logs.*", "--reason", "mended").code == 0
    assert cli("stop", "--show").out == "nothing is stopped\n"
    switched = [
        one["body"] for one in cli("audit", "tail", "-n", 500, "--format", "json").json if one["kind"] == "switch.set"
    ]
    assert [(one["switch"], one["is_on"]) for one in switched] == [("tool logs.*", True), ("tool logs.*", False)]


def test_it_is_done_without_a_database(cli: Cli, home: Path) -> None:
    state = home / "state"
    state.mkdir(mode=0o700)
    (state / "opswarden.sqlite").mkdir()
    said = cli("stop", "--all", "--reason", "everything is wrong")
    assert (said.code, said.out) == (0, "stopped: everything\n")
    assert "not recorded" in said.err
    assert (state / "stop").read_bytes() == b""
    assert "an operator has stopped everything" in cli("stop", "--show").out
    assert cli("go", "--all").code == 0
    assert not (state / "stop").exists()


def test_another_file_by_variable(cli: Cli, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPSWARDEN_STOP", str(home / "elsewhere"))
    assert cli("stop", "--team", "payments", "--tell", "slack/#ops").code == 0
    assert [line.split(" # ")[0] for line in (home / "elsewhere").read_text().splitlines()] == [
        "team payments",
        "tell slack/#ops",
    ]
    assert not (home / "state" / "stop").exists()


@pytest.mark.parametrize("argv", [("stop",), ("go",), ("stop", "--all", "--tool", "x"), ("go", "--all", "--team", "x")])
def test_it_must_be_named(cli: Cli, argv: tuple[str, ...]) -> None:
    assert cli(*argv).code == 2
