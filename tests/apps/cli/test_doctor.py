"""`opswarden doctor`: what is fit to use, what is not, and what to do about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from opswarden.tests.apps.answers import Answer
from opswarden.tests.apps.conftest import Cli, Triaged

Write = Callable[[str], Path]


def findings(said: Answer) -> dict[str, Any]:
    return {item["name"]: item for item in said.json}


def test_a_fresh_installation_is_fit(cli: Cli) -> None:
    said = cli("doctor", "--format", "json")
    assert said.code == 0
    assert {item["state"] for item in said.json} <= {"ok", "warning"}
    assert set(findings(said)) == {
        "python",
        "settings",
        "state",
        "keys",
        "database",
        "ledger",
        "policies",
        "boundaries",
        "stages",
        "mcp servers",
        "emergency",
        "redaction",
        "runner",
        "extras",
    }
    plain = cli("doctor")
    assert plain.code == 0
    assert "FAILED" not in plain.out


def test_a_ledger_that_was_changed_is_found(cli: Cli, triaged: Triaged) -> None:
    assert cli("doctor").code == 0
    with closing(sqlite3.connect(triaged.state / "opswarden.sqlite")) as connection, connection:
        connection.execute("UPDATE entry SET body = replace(body, 'allow', 'deny') WHERE seq = 3")
    said = cli("doctor", "--format", "json")
    assert said.code == 1
    assert findings(said)["ledger"]["state"] == "failed"


def test_a_broken_policy_is_found_and_the_rest_is_still_looked_at(cli: Cli, home: Path, write_settings: Write) -> None:
    (home / "rules").mkdir()
    (home / "rules" / "mine.cedar").write_text("forbid everything;")
    write_settings('version = 1\n[gate]\npolicy_folders = ["rules"]\n')
    said = cli("doctor", "--format", "json")
    assert said.code == 1
    found = findings(said)
    assert found["policies"]["state"] == "failed"
    assert "mine.cedar" in found["policies"]["text"]
    assert found["ledger"]["state"] == found["redaction"]["state"] == "ok"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda home: (home / "opswarden.toml").write_text("tema = 1\n"),
        lambda home: (home / "state").mkdir(mode=0o755),
        lambda home: (home / "state").write_text("a file"),
    ],
    ids=["settings", "an open folder", "a file for a folder"],
)
def test_what_nothing_works_without_is_named_and_mended(cli: Cli, home: Path, spoil: Callable[[Path], object]) -> None:
    spoil(home)
    said = cli("doctor")
    assert said.code == 1
    assert "FAILED" in said.out
    assert "fix: " in said.out
    assert "internal error" not in said.err


def test_a_database_that_is_none_is_named(cli: Cli, triaged: Triaged) -> None:
    for path in triaged.state.glob("opswarden.sqlite*"):
        path.unlink()
    (triaged.state / "opswarden.sqlite").write_bytes(b"this is no database" * 100)
    said = cli("doctor", "--format", "json")
    assert said.code == 1
    assert findings(said)["ledger"]["state"] == "failed"


def test_the_kill_switch_is_a_warning(cli: Cli) -> None:
    cli("approvals", "stop-writes", "--reason", "a drill")
    said = cli("doctor", "--format", "json")
    assert said.code == 0
    assert findings(said)["policies"]["state"] == "warning"
