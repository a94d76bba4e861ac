"""`opswarden audit`: what a triage left in the ledger, and what happens when somebody changes it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from opswarden.tests.apps.conftest import Cli, Triaged


def change(state: Path, sql: str, *values: Any) -> None:
    """What somebody with the file and without the gate can do."""
    with sqlite3.connect(state / "opswarden.sqlite") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute(sql, values)
    connection.close()


class TestTail:
    def test_it_shows_the_run_from_start_to_end_in_order(self, cli: Cli, triaged: Triaged) -> None:
        entries = cli("audit", "tail", "-n", 500, "--format", "json").json
        assert [entry["seq"] for entry in entries] == list(range(len(entries)))
        assert (entries[0]["kind"], entries[-1]["kind"]) == ("run.started", "run.ended")
        assert {entry["run_id"] for entry in entries} == {triaged.report["run_id"]}
        assert entries[-1]["body"]["outcome"] == "reported"
        tools = [entry["body"]["tool"] for entry in entries if entry["kind"] == "call.outcome"]
        assert sorted(tools) == sorted(item["tool"] for item in triaged.report["evidence"])

    def test_every_effect_is_decided_before_it_has_an_outcome(self, cli: Cli, triaged: Triaged) -> None:
        entries = cli("audit", "tail", "-n", 500, "--format", "json").json
        decided = {}
        for entry in entries:
            verb, _, moment = entry["kind"].partition(".")
            if moment == "decided":
                decided[verb, entry["body"]["call_id"]] = entry["seq"]
            elif moment == "outcome":
                assert decided[verb, entry["body"]["call_id"]] < entry["seq"]

    def test_it_can_be_narrowed(self, cli: Cli, triaged: Triaged) -> None:
        two = cli("audit", "tail", "-n", 2, "--tool", "logs.patterns", "--format", "json").json
        assert [entry["kind"] for entry in two] == ["call.decided", "call.outcome"]
        assert cli("audit", "tail", "--run", "run_other", "--format", "json").json == []

    def test_the_table_has_a_line_for_each(self, cli: Cli, triaged: Triaged) -> None:
        said = cli("audit", "tail", "-n", 5)
        assert said.code == 0
        assert "run.ended" in said.out
        assert "people.tell" in said.out


def test_show_gives_one_entry_whole(cli: Cli, triaged: Triaged) -> None:
    (ranked,) = (item for item in triaged.report["evidence"] if item["tool"] == "attribution.rank")
    entry = cli("audit", "show", ranked["seq"], "--format", "json").json
    assert entry["body"]["tool"] == "attribution.rank"
    assert entry["body"]["summary"] == ranked["summary"]
    said = cli("audit", "show", ranked["seq"])
    assert said.code == 0
    assert "attribution.rank" in said.out


TAMPERED: dict[str, tuple[str, int | None]] = {
    "a changed body": ("UPDATE entry SET body = replace(body, 'allow', 'deny') WHERE seq = 3", 3),
    "a changed time": ("UPDATE entry SET body = replace(body, '20', '19') WHERE seq = 5", 5),
    "an entry taken out": ("DELETE FROM entry WHERE seq = 4", 4),
    "the end cut off": ("DELETE FROM entry WHERE seq > 6", None),
}


class TestVerify:
    def test_an_untouched_ledger_is_whole(self, cli: Cli, triaged: Triaged) -> None:
        said = cli("audit", "verify")
        assert said.code == 0
        assert "no trusted head covers" in said.out
        found = cli("audit", "verify", "--format", "json").json
        assert (found["ok"], found["first_bad"], found["anchored"], found["missing_outcomes"]) == (
            True,
            None,
            False,
            [],
        )
        assert found["entries"] == len(cli("audit", "tail", "-n", 500, "--format", "json").json)

    @pytest.mark.parametrize("how", TAMPERED)
    def test_whatever_was_changed_is_found(self, cli: Cli, triaged: Triaged, how: str) -> None:
        sql, first_bad = TAMPERED[how]
        change(triaged.state, sql)
        said = cli("audit", "verify", "--format", "json")
        assert said.code == 1
        assert said.json["ok"] is False
        assert said.json["problem"]
        if first_bad is not None:
            assert said.json["first_bad"] == first_bad
        plain = cli("audit", "verify")
        assert plain.code == 1
        assert "Traceback" not in plain.err

    def test_a_head_kept_elsewhere_finds_a_ledger_that_was_started_anew(
        self, cli: Cli, triaged: Triaged, home: Path
    ) -> None:
        said = cli("audit", "verify", "--save-head", "head.txt")
        assert said.code == 0
        assert (home / "head.txt").read_text().startswith("opswarden")
        assert cli("audit", "verify", "--trusted-head", "head.txt", "--format", "json").json["anchored"] is True

        for path in triaged.state.glob("opswarden.sqlite*"):
            path.unlink()
        assert cli("audit", "verify").code == 0
        assert cli("audit", "verify", "--trusted-head", "head.txt").code == 1

    def test_a_head_that_somebody_wrote_is_refused(self, cli: Cli, triaged: Triaged, home: Path) -> None:
        cli("audit", "verify", "--save-head", "head.txt")
        forged = (home / "head.txt").read_text().splitlines(keepends=True)
        forged[1] = "3\n"
        (home / "head.txt").write_text("".join(forged))
        said = cli("audit", "verify", "--trusted-head", "head.txt")
        assert (said.code, said.out) == (2, "")
        assert "no signed head of this ledger" in said.err
