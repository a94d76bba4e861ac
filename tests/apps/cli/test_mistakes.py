"""What the command line says when it is used wrongly: two lines on stderr, nothing on stdout, exit 2, a suggestion."""

from __future__ import annotations

from pathlib import Path

import pytest

from opswarden.tests.apps.answers import Answer
from opswarden.tests.apps.conftest import Cli


def assert_two_lines(said: Answer, code: int) -> None:
    assert said.code == code
    assert said.out == ""
    what, fix = said.err.splitlines()
    assert what.startswith("error: ")
    assert fix.startswith("  fix: ")
    assert "Traceback" not in said.err
    assert "internal error" not in said.err


USAGE = [
    (["triag", "x"], "Did you mean 'triage'?"),
    (["zzzqq"], "There is no command 'zzzqq'"),
    (["--formt"], "--formt"),
    (["triage", "--formt", "json"], "--format"),
    (["triage"], "Name a SNAPSHOT, an --alert or a --service"),
    (["triage", "a", "--format", "xml"], "'terminal', 'json', 'markdown', 'html'"),
    (["triage", "a", "b"], "unexpected extra argument"),
    (["audit", "tial"], "tail"),
    (["audit", "tail", "-n", "0"], "0 is not in the range"),
    (["audit", "show", "first"], "'first' is not a valid integer"),
    (["import", "pet", "a", "b"], "'petshop'"),
    (["demo", "--fault", "gremlins"], "bad_model_promotion"),
    (["approvals", "stop-writes"], "--reason"),
]


@pytest.mark.parametrize(("line", "hint"), USAGE, ids=[" ".join(line) for line, _ in USAGE])
def test_a_mistyped_line_is_named_and_mended(cli: Cli, line: list[str], hint: str) -> None:
    said = cli(*line)
    assert_two_lines(said, 2)
    assert hint in said.err


UNUSABLE = [
    (["triage", "nowhere"], "is no snapshot"),
    (["triage", "."], "it has no snapshot.json"),
    (["resume", "run_nobody"], "no such run"),
    (["approvals", "show", "apr_nobody"], "no approval of this id"),
    (["approvals", "approve", "apr_nobody"], "no approval of this id"),
    (["audit", "show", "9"], "no entry 9"),
    (["audit", "verify", "--trusted-head", "garbage"], "no signed head"),
    (["policy", "explain", "logs.serch"], "did you mean logs.search?"),
    (["policy", "explain", "logs.search", "--args", "{"], "--args is no JSON"),
    (["policy", "explain", "logs.search", "--args", "[]"], "no JSON object"),
    (["redact", "nowhere"], "cannot be read"),
    (["eval", "run", "nope", "--sandbox", "1"], "suites: rca"),
    (["eval", "run", "rca"], "--data DIR or --sandbox N"),
    (["eval", "compare", "garbage", "garbage"], "no result of an evaluation"),
    (["import", "petshop", "nowhere", "there"], "folder"),
    (["triage", ".", "--model", "gpt"], "snapshot.json"),
]


@pytest.mark.parametrize(("line", "hint"), UNUSABLE, ids=[" ".join(line) for line, _ in UNUSABLE])
def test_what_cannot_be_used_is_named(cli: Cli, home: Path, line: list[str], hint: str) -> None:
    (home / "garbage").write_text("no JSON, no signature")
    said = cli(*line)
    assert_two_lines(said, 2)
    assert hint in said.err


@pytest.mark.parametrize("group", ["audit", "policy", "approvals", "eval"])
def test_a_group_alone_shows_what_it_can_do(cli: Cli, group: str) -> None:
    said = cli(group)
    assert said.code == 2
    assert f"Usage: opswarden {group}" in said.err


def test_a_defect_of_ours_shows_its_place_and_never_its_text(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("card 4111 1111 1111 1111")

    monkeypatch.setattr("opswarden.apps.settings.load_settings", broken)
    said = cli("config")
    assert_two_lines_of_a_defect = said.err.splitlines()
    assert said.code == 3
    assert len(assert_two_lines_of_a_defect) == 2
    assert "RuntimeError at test_mistakes.py" in said.err
    assert "4111" not in said.err


def test_an_error_text_passes_redaction(capsys: pytest.CaptureFixture[str]) -> None:
    from opswarden.apps.cli.main import main

    assert main(["triage", "reports-of-ana.souza@example.com"]) == 2
    said = capsys.readouterr().err
    assert "ana.souza" not in said
    assert "<EMAIL_ADDRESS>" in said
