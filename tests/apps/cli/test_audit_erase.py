"""`opswarden audit erase|retain`: what records say at length goes, and everything that rests on them stays honest."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from opswarden.tests.apps.answers import PERSON
from opswarden.tests.apps.conftest import Cli, Triaged

Write = Callable[[str], Path]


@pytest.fixture
def eraser(write_settings: Write) -> None:
    write_settings(f'version = 1\n[people.{PERSON}]\nroles = ["erase"]\n')


@pytest.mark.usefixtures("eraser")
class TestErase:
    def test_a_run(self, cli: Cli, triaged: Triaged) -> None:
        run_id = triaged.report["run_id"]
        cli("audit", "verify", "--save-head", "head.txt")
        said = cli("audit", "erase", "--run", run_id, "--reason", "the customer asked for it", "--format", "json")
        assert said.code == 0, said.err
        erased = said.json
        assert (erased["count"] > 20, erased["reports"]) == (True, 1)
        with closing(sqlite3.connect(triaged.state / "opswarden.sqlite")) as database:
            assert database.execute("SELECT * FROM kept_report").fetchall() == []
        found = cli("audit", "verify", "--trusted-head", "head.txt", "--format", "json").json
        assert (found["ok"], found["payloads"], found["erased"]) == (True, 0, erased["count"])
        assert f"{erased['count']} payloads were erased" in cli("audit", "verify").out
        (ranked,) = (item for item in triaged.report["evidence"] if item["tool"] == "attribution.rank")
        entry = cli("audit", "show", ranked["seq"], "--format", "json").json
        assert (entry["body"]["summary"], entry["erased_by"]) == (f"[erased: entry {erased['seq']}]", erased["seq"])

    def test_what_rests_on_records_says_so(self, cli: Cli, triaged: Triaged) -> None:
        run_id = triaged.report["run_id"]
        assert cli("audit", "erase", "--run", run_id, "--reason", "asked for").code == 0
        again = cli("audit", "rerun", run_id, "--format", "json")
        assert again.code == 0
        standings = {(step["standing"], step["why"]) for step in again.json["steps"] if step["kind"] == "call.decided"}
        assert standings == {("undecidable", "its arguments were erased")}
        assert any("was erased" in line for line in again.json["missing"])
        assert "its arguments were erased" in cli("policy", "re-decide").out
        assert cli("audit", "rerun", run_id).code == 0
        for style in ("jsonl", "ocsf", "otlp"):
            assert cli("audit", "export", "--format", style).code == 0
        assert cli("audit", "prove", 3, "--out", "p", "--save-key", "k").code == 0
        assert cli("audit", "check-proof", "p", "--key", "k").code == 0

    def test_before_a_date(self, cli: Cli, triaged: Triaged) -> None:
        assert cli("audit", "erase", "--before", "2020-01-31", "--reason", "old").out == "there was nothing to erase\n"
        assert cli("audit", "erase", "--before", "2099-01-31", "--reason", "old").code == 2
        assert cli("audit", "erase", "--before", "yesterday", "--reason", "old").code == 2
        assert cli("audit", "erase", "--reason", "old").code == 2


def test_without_the_role_it_is_denied_and_recorded(cli: Cli, triaged: Triaged) -> None:
    run_id = triaged.report["run_id"]
    said = cli("audit", "erase", "--run", run_id, "--reason", "let me")
    assert said.code == 4
    (last,) = cli("audit", "tail", "-n", 1, "--format", "json").json
    assert (last["kind"], last["body"]["outcome"], last["body"]["by"]) == (
        "payload.erased",
        "denied",
        f"person:{PERSON}",
    )
    assert cli("audit", "verify").code == 0


def test_retention_needs_a_setting_and_keeps_what_is_young(cli: Cli, triaged: Triaged, write_settings: Write) -> None:
    said = cli("audit", "retain")
    assert said.code == 2
    assert "ledger.payload_days" in said.err
    write_settings("version = 1\n[ledger]\npayload_days = 30\n")
    assert cli("audit", "retain").out == "there was nothing to erase\n"
