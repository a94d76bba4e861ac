"""`opswarden audit prove|check-proof|anchor|export`: what leaves the ledger, and what somebody without it can tell."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from opswarden.tests.apps.conftest import Cli, Triaged


def change(state: Path, sql: str) -> None:
    with sqlite3.connect(state / "opswarden.sqlite") as connection:
        connection.execute(sql)
    connection.close()


def grow(cli: Cli) -> None:
    assert cli("approvals", "stop-writes", "--reason", "a drill").code == 0


class TestProve:
    def test_an_entry_is_proven_to_somebody_who_has_nothing_but_the_key(
        self, cli: Cli, triaged: Triaged, home: Path
    ) -> None:
        said = cli("audit", "prove", 3, "--out", "three.tlog-proof", "--save-key", "ledger.key")
        assert (said.code, said.out) == (0, "")
        entry = cli("audit", "show", 3, "--format", "json").json
        entries = cli("audit", "verify", "--format", "json").json["entries"]
        shutil.rmtree(triaged.state)
        said = cli("audit", "check-proof", "three.tlog-proof", "--key", "ledger.key")
        assert said.code == 0
        assert said.out.startswith(f"OK: entry 3 is in opswarden/ledger under its signed head over {entries} entries")
        found = cli("audit", "check-proof", "three.tlog-proof", "--key", "ledger.key", "--format", "json").json
        assert found == {"ok": True, "origin": "opswarden/ledger", "size": entries, "entry": entry}
        assert not triaged.state.exists()

    def test_stdout_is_the_file_itself(self, cli: Cli, triaged: Triaged, home: Path) -> None:
        said = cli("audit", "prove", 0)
        cli("audit", "prove", 0, "--out", "zero")
        assert (home / "zero").read_text(encoding="utf-8") == said.out
        assert said.out.startswith("c2sp.org/tlog-proof@v1\nextra ")

    def test_an_older_head_proves_older_entries_and_is_continued(self, cli: Cli, triaged: Triaged, home: Path) -> None:
        cli("audit", "verify", "--save-head", "old.txt")
        old = cli("audit", "verify", "--format", "json").json["entries"]
        grow(cli)
        assert cli("audit", "prove", 3, "--head", "old.txt", "--out", "p", "--save-key", "key").code == 0
        found = cli("audit", "check-proof", "p", "--key", "key", "--format", "json").json
        assert found["size"] == old
        said = cli("audit", "prove", old, "--head", "old.txt")
        assert (said.code, said.out) == (2, "")
        assert cli("audit", "prove", "--from", "old.txt", "--out", "grown").code == 0
        said = cli("audit", "check-proof", "grown", "--key", "key")
        assert said.code == 0
        assert f"over {old + 1} entries continues the one over {old}" in said.out
        found = cli("audit", "check-proof", "grown", "--key", "key", "--format", "json").json
        assert found["old_note"] == (home / "old.txt").read_text(encoding="utf-8")

    def test_a_bent_proof_is_bad_and_says_why(self, cli: Cli, triaged: Triaged, home: Path) -> None:
        cli("audit", "prove", 3, "--out", "p", "--save-key", "key")
        content = bytearray((home / "p").read_bytes())
        content[content.index(b"index 3") + 6] ^= 1
        (home / "p").write_bytes(content)
        said = cli("audit", "check-proof", "p", "--key", "key")
        assert said.code == 1
        assert said.out.startswith("BAD: the proof does not lead")
        said = cli("audit", "check-proof", "p", "--key", "key", "--format", "json")
        assert (said.code, said.json["ok"]) == (1, False)

    def test_a_ledger_that_was_rewritten_proves_no_continuation(self, cli: Cli, triaged: Triaged, home: Path) -> None:
        cli("audit", "verify", "--save-head", "old.txt")
        for path in triaged.state.glob("opswarden.sqlite*"):
            path.unlink()
        for _ in range(64):
            grow(cli)
        said = cli("audit", "prove", "--from", "old.txt")
        assert (said.code, said.out) == (3, "")
        assert "rewritten" in said.err

    @pytest.mark.parametrize(
        "line", [[], [3, "--from", "head.txt"], ["--head", "head.txt"], [100_000], [3, "--head", "key"]]
    )
    def test_impossible_requests_are_refused(self, cli: Cli, triaged: Triaged, home: Path, line: list[object]) -> None:
        cli("audit", "verify", "--save-head", "head.txt")
        cli("audit", "prove", "--save-key", "key")
        said = cli("audit", "prove", *line)
        assert (said.code, said.out) == (2, "")
        assert "fix: " in said.err

    def test_an_empty_ledger_proves_nothing(self, cli: Cli, home: Path) -> None:
        said = cli("audit", "prove", 0)
        assert (said.code, said.out) == (2, "")
        assert "empty" in said.err

    @pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"x" * 5_000, b"a+b+c\n"])
    def test_what_is_no_key_is_refused(self, cli: Cli, home: Path, content: bytes) -> None:
        (home / "key").write_bytes(content)
        (home / "p").write_bytes(b"c2sp.org/tlog-proof@v1\n")
        said = cli("audit", "check-proof", "p", "--key", "key")
        assert (said.code, said.out) == (2, "")

    def test_a_proof_of_gigabytes_is_not_read(self, cli: Cli, triaged: Triaged, home: Path) -> None:
        cli("audit", "prove", "--save-key", "key")
        with (home / "large").open("wb") as file:
            file.truncate(8 * 2**30)
        said = cli("audit", "check-proof", "large", "--key", "key")
        assert (said.code, said.out) == (2, "")
        assert "larger than" in said.err


class TestAnchor:
    def test_heads_go_in_and_verify_takes_the_file(self, cli: Cli, triaged: Triaged, home: Path) -> None:
        (home / "outside").mkdir()
        said = cli("audit", "anchor", "--to", "outside/heads.txt")
        assert said.code == 0
        assert said.out.startswith("began outside/heads.txt: head over ")
        assert cli("audit", "anchor", "--to", "outside/heads.txt").out.startswith("nothing new")
        grow(cli)
        assert cli("audit", "anchor", "--to", "outside/heads.txt").out.startswith("appended to ")
        found = cli("audit", "verify", "--trusted-head", "outside/heads.txt", "--format", "json").json
        assert (found["ok"], found["anchored"]) == (True, True)

    def test_every_head_in_the_file_counts(self, cli: Cli, triaged: Triaged, home: Path) -> None:
        """The first head alone would show the rewriting: it must not hide behind a later one."""
        cli("audit", "anchor", "--to", "ours.txt")
        for path in triaged.state.glob("opswarden.sqlite*"):
            path.unlink()
        for _ in range(64):
            grow(cli)
        cli("audit", "anchor", "--to", "anew.txt")
        both = (home / "ours.txt").read_text() + "\n" + (home / "anew.txt").read_text()
        (home / "both.txt").write_text(both)
        assert cli("audit", "verify", "--trusted-head", "anew.txt").code == 0
        assert cli("audit", "verify", "--trusted-head", "both.txt").code == 1
        said = cli("audit", "anchor", "--to", "ours.txt")
        assert said.code == 1
        assert said.out.startswith("REFUSED: the ledger does not continue the last head in the file")

    def test_a_ledger_that_was_cut_is_refused(self, cli: Cli, triaged: Triaged, home: Path) -> None:
        cli("audit", "anchor", "--to", "heads.txt")
        for path in triaged.state.glob("opswarden.sqlite*"):
            path.unlink()
        said = cli("audit", "anchor", "--to", "heads.txt")
        assert said.code == 1
        assert "the ledger is empty" in said.out
        grow(cli)
        said = cli("audit", "anchor", "--to", "heads.txt")
        assert said.code == 1
        assert "cut off" in said.out

    def test_an_unfinished_head_is_told_by_verify_and_mended_by_anchor(
        self, cli: Cli, triaged: Triaged, home: Path
    ) -> None:
        cli("audit", "anchor", "--to", "heads.txt")
        grow(cli)
        cli("audit", "anchor", "--to", "heads.txt")
        whole = (home / "heads.txt").read_bytes()
        (home / "heads.txt").write_bytes(whole[:-20])
        said = cli("audit", "verify", "--trusted-head", "heads.txt")
        assert said.code == 0
        assert "UNANCHORED" in said.out
        assert "an unfinished head at the end is left out" in said.err
        assert (home / "heads.txt").read_bytes() == whole[:-20]
        said = cli("audit", "anchor", "--to", "heads.txt")
        assert said.code == 0
        assert "an unfinished head at the end was cut off" in said.err
        assert (home / "heads.txt").read_bytes() == whole
        (home / "torn.txt").write_bytes(whole[:30])
        assert cli("audit", "verify", "--trusted-head", "torn.txt").code == 2

    def test_another_file_stays_as_it_is(self, cli: Cli, triaged: Triaged, home: Path) -> None:
        (home / "notes.txt").write_text("buy milk\n")
        said = cli("audit", "anchor", "--to", "notes.txt")
        assert (said.code, said.out) == (2, "")
        assert (home / "notes.txt").read_text() == "buy milk\n"

    def test_a_folder_that_is_not_there_is_not_made(self, cli: Cli, triaged: Triaged, home: Path) -> None:
        said = cli("audit", "anchor", "--to", "not-mounted/heads.txt")
        assert (said.code, said.out) == (3, "")
        assert "mounted" in said.err
        assert not (home / "not-mounted").exists()

    def test_an_empty_ledger_has_no_head(self, cli: Cli, home: Path) -> None:
        said = cli("audit", "anchor", "--to", "heads.txt")
        assert said.code == 0
        assert "no head yet" in said.out

    def test_changed_entries_get_no_head_in(self, cli: Cli, triaged: Triaged) -> None:
        change(triaged.state, "UPDATE entry SET leaf = zeroblob(32) WHERE seq = 3")
        said = cli("audit", "anchor", "--to", "heads.txt")
        assert said.code == 1
        assert "do not lead to the newest signed head" in said.out


class TestExport:
    @pytest.mark.parametrize("style", ["jsonl", "ocsf", "otlp"])
    def test_the_file_holds_what_stdout_shows(self, cli: Cli, triaged: Triaged, home: Path, style: str) -> None:
        said = cli("audit", "export", "--format", style)
        assert said.code == 0
        wrote = cli("audit", "export", "--format", style, "--out", "far/away.jsonl")
        assert (wrote.code, wrote.out) == (0, "")
        assert (home / "far" / "away.jsonl").read_text(encoding="ascii") == said.out
        assert [path.name for path in (home / "far").iterdir()] == ["away.jsonl"]
        assert [json.loads(line) for line in said.out.splitlines()]

    def test_jsonl_is_what_tail_shows(self, cli: Cli, triaged: Triaged) -> None:
        lines = cli("audit", "export").out.splitlines()
        assert [json.loads(line) for line in lines] == cli("audit", "tail", "-n", 500, "--format", "json").json

    def test_a_real_triage_names_its_tools_and_its_agent(self, cli: Cli, triaged: Triaged) -> None:
        events = [json.loads(line) for line in cli("audit", "export", "--format", "ocsf").out.splitlines()]
        assert {event["actor"]["app_name"] for event in events} == {"triage"}
        assert {"incidents.describe", "people.tell", "run.ended"} <= {event["api"]["operation"] for event in events}
        reads = [event for event in events if event["metadata"]["event_code"] == "call.outcome"]
        assert {event["activity_id"] for event in reads} == {2}

    def test_it_can_be_narrowed(self, cli: Cli, triaged: Triaged) -> None:
        entries = cli("audit", "tail", "-n", 500, "--format", "json").json
        lines = cli("audit", "export", "--since", entries[-1]["ts"]).out.splitlines()
        assert json.loads(lines[-1])["seq"] == entries[-1]["seq"]
        assert len(lines) < len(entries)
        assert cli("audit", "export", "--run", "run_other").out == ""
        assert len(cli("audit", "export", "--run", entries[0]["run_id"]).out.splitlines()) == len(entries)
        said = cli("audit", "export", "--since", "yesterday")
        assert (said.code, said.out) == (2, "")

    def test_an_altered_entry_leaves_no_file(self, cli: Cli, triaged: Triaged, home: Path) -> None:
        (home / "out").mkdir()
        (home / "out" / "kept.jsonl").write_text("before\n")
        change(triaged.state, "UPDATE entry SET body = replace(body, 'allow', 'deny') WHERE seq = 3")
        said = cli("audit", "export", "--out", "out/kept.jsonl")
        assert said.code == 3
        assert "entry 3 was altered" in said.err
        assert (home / "out" / "kept.jsonl").read_text() == "before\n"
        assert [path.name for path in (home / "out").iterdir()] == ["kept.jsonl"]

    def test_a_folder_that_cannot_be_written_is_named(self, cli: Cli, triaged: Triaged, home: Path) -> None:
        (home / "file").write_text("")
        said = cli("audit", "export", "--out", "file/lines")
        assert (said.code, said.out) == (3, "")
        assert "cannot be written" in said.err
