"""`opswarden database backup|restore|status` and versions forward and back."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from opswarden.apps.databases import COMPONENTS, known_numbers
from opswarden.apps.installation import open_installation
from opswarden.apps.releases import Release, in_use, obstacles, this_release
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.evals.cases import Case
from opswarden.policies.ledger.sqlite import MIGRATIONS as SQLITE_LEDGER
from opswarden.policies.ledger.types import LedgerEntry
from opswarden.redaction.vault import Entry
from opswarden.tests.apps.conftest import Cli, Triaged
from opswarden.tests.postgres_peer import WRITER, PostgresPeer, programs

ANA = Entry("EMAIL_ADDRESS", "ana@example.com", "ana@example.com")


def lose(state: Path, *, keys: bool = False) -> None:
    """The disk is gone, but for the keys."""
    for path in state.iterdir():
        if keys or path.name != "keys.json":
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def altered(file: Path, out: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    """The backup with one of its files changed, renamed or left out."""
    with tarfile.open(file) as reading, tarfile.open(out, "w") as writing:
        for member in reading:
            inner = reading.extractfile(member)
            assert inner is not None
            changed = change(member.name, inner.read())
            if changed is not None:
                told = tarfile.TarInfo(changed[0])
                told.size = len(changed[1])
                writing.addfile(told, io.BytesIO(changed[1]))
    return out


@pytest.fixture
def backed_up(cli: Cli, triaged: Triaged) -> Path:
    with open_installation() as installation:
        installation.vault.numbers(triaged.report["run_id"], [ANA])
    said = cli("database", "backup", "--out", "b.tar")
    assert said.code == 0, said.err
    return Path("b.tar").resolve()


class TestBackup:
    def test_everything_comes_back(self, cli: Cli, triaged: Triaged, backed_up: Path) -> None:
        run_id = triaged.report["run_id"]
        assert backed_up.stat().st_mode & 0o777 == 0o600
        with tarfile.open(backed_up) as archive:
            assert not [name for name in archive.getnames() if "keys" in name]
        artifacts = sorted(path.name for path in (triaged.state / "artifacts").iterdir())
        lose(triaged.state)
        said = cli("database", "restore", backed_up, "--format", "json")
        assert said.code == 0, said.err
        assert "nobody can tell" in said.err
        assert sorted(path.name for path in (triaged.state / "artifacts").iterdir()) == artifacts
        with open_installation() as installation:
            (place,) = installation.vault.holding(ANA.value)
            assert installation.vault.value(*place) == ANA.value
        assert cli("audit", "verify").code == 0
        assert cli("resume", run_id).code == 0
        (last,) = [one for one in cli("audit", "tail", "--format", "json").json if one["kind"] == "ledger.restored"]
        assert (last["seq"], last["body"]["entries"]) == (said.json["seq"], said.json["entries"])
        assert cli("audit", "rerun", run_id).code == 0

    def test_an_older_ledger_is_noticed(self, cli: Cli, triaged: Triaged, backed_up: Path) -> None:
        with open_installation() as installation:
            for _ in range(3):
                installation.ledger.append([LedgerEntry("keys.changed", "installation", {"act": "rotate"})])
        assert cli("audit", "anchor", "--to", "heads.txt").code == 0
        lose(triaged.state)
        said = cli("database", "restore", backed_up, "--trusted-head", "heads.txt")
        assert (said.code, "OLDER" in said.out, "at least 3 are lost" in said.out) == (1, True, True)
        assert cli("audit", "verify").code == 0
        assert cli("audit", "verify", "--trusted-head", "heads.txt").code == 1

    def test_keys_only_on_request(self, cli: Cli, triaged: Triaged, backed_up: Path) -> None:
        lose(triaged.state, keys=True)
        said = cli("database", "restore", backed_up)
        assert (said.code, "keys" in said.err) == (2, True)
        assert not (triaged.state / "keys.json").exists()
        assert not (triaged.state / "opswarden.sqlite").exists()

    def test_with_keys(self, cli: Cli, triaged: Triaged) -> None:
        assert cli("database", "backup", "--out", "k.tar", "--with-keys").code == 0
        assert cli("audit", "tail", "-n", 1, "--format", "json").json[0]["kind"] == "keys.changed"
        lose(triaged.state, keys=True)
        assert cli("database", "restore", "k.tar").code == 0
        assert (triaged.state / "keys.json").stat().st_mode & 0o777 == 0o600
        assert cli("audit", "verify").code == 0

    def test_keys_of_a_backup_that_is_refused_are_not_put_in_place(self, cli: Cli, triaged: Triaged) -> None:
        """Whoever made the backup would know every key of what begins here afterwards."""
        assert cli("database", "backup", "--out", "k.tar", "--with-keys").code == 0

        other = Path("other-keys.json").resolve()
        FileKeys(other)

        def strange(name: str, content: bytes) -> tuple[str, bytes]:
            keys = other.read_bytes()
            if name == "backup.json":
                facts = json.loads(content)
                facts["files"] |= {"keys.json": hashlib.sha256(keys).hexdigest()}
                return name, json.dumps(facts).encode()
            return name, keys if name == "keys.json" else content

        bad = altered(Path("k.tar"), Path("strange.tar"), strange)
        lose(triaged.state, keys=True)
        said = cli("database", "restore", bad)
        assert (said.code, "does not verify" in said.err) == (2, True), said.err
        assert not [path.name for path in triaged.state.iterdir() if path.is_file()]

    def test_a_file_that_unpacks_to_more_than_it_holds_is_not_unpacked(
        self, cli: Cli, triaged: Triaged, backed_up: Path
    ) -> None:
        lose(triaged.state)
        apparent = 300_000_000
        with tarfile.open(backed_up) as reading, tarfile.open("sparse.tar", "w", format=tarfile.PAX_FORMAT) as writing:
            for member in reading:
                inner = reading.extractfile(member)
                assert inner is not None
                content = inner.read()
                told = tarfile.TarInfo(member.name)
                if member.name == "backup.json":
                    facts = json.loads(content)
                    facts["files"]["reports/big"] = hashlib.sha256(bytes(apparent)).hexdigest()
                    content = json.dumps(facts).encode()
                told.size = len(content)
                writing.addfile(told, io.BytesIO(content))
            told = tarfile.TarInfo("reports/big")
            told.pax_headers = {"GNU.sparse.map": f"{apparent - 1},1", "GNU.sparse.size": str(apparent)}
            told.size = 1
            writing.addfile(told, io.BytesIO(b"\0"))
        assert Path("sparse.tar").stat().st_size < apparent / 10
        said = cli("database", "restore", "sparse.tar")
        assert (said.code, "no whole backup" in said.err) == (2, True), said.err

    def test_neither_replaces_anything(self, cli: Cli, triaged: Triaged, backed_up: Path) -> None:
        assert cli("database", "backup", "--out", backed_up).code == 2
        assert cli("database", "restore", backed_up).code == 2
        assert sorted(path.name for path in backed_up.parent.glob("*b.tar*")) == ["b.tar"]

    def test_what_is_no_whole_backup_changes_nothing(self, cli: Cli, triaged: Triaged, backed_up: Path) -> None:
        def cut(name: str, content: bytes) -> tuple[str, bytes] | None:
            return None if name.startswith("artifacts/") else (name, content)

        def swap(name: str, content: bytes) -> tuple[str, bytes]:
            return name, content.replace(b"logs", b"lags") if name == "opswarden.sqlite" else content

        def climb(name: str, content: bytes) -> tuple[str, bytes]:
            if name == "backup.json":
                facts = json.loads(content)
                facts["files"]["../../evil"] = facts["files"].pop("checkpoints.sqlite")
                return name, json.dumps(facts).encode()
            return ("../../evil" if name == "checkpoints.sqlite" else name), content

        def rewrite(name: str, content: bytes) -> tuple[str, bytes]:
            """An entry changed, and the hash of the file with it."""
            changed = forged(backed_up)
            if name == "backup.json":
                facts = json.loads(content)
                facts["files"]["opswarden.sqlite"] = hashlib.sha256(changed).hexdigest()
                return name, json.dumps(facts).encode()
            return name, changed if name == "opswarden.sqlite" else content

        lose(triaged.state)
        Path("junk.tar").write_bytes(os.urandom(4_000))
        Path("empty.tar").write_bytes(b"")
        Path("torn.tar").write_bytes(backed_up.read_bytes()[:200_000])
        bad = [altered(backed_up, Path(f"{one.__name__}.tar"), one) for one in (cut, swap, climb, rewrite)]
        for file in (*bad, Path("junk.tar"), Path("empty.tar"), Path("torn.tar")):
            said = cli("database", "restore", file)
            assert said.code in (2, 3), (file, said.out)
            assert sorted(path.name for path in triaged.state.iterdir()) in (
                ["keys.json"],
                ["artifacts", "keys.json", "reports"],
            ), file
        assert not list(Path().rglob("evil"))


def forged(backup: Path) -> bytes:
    with tarfile.open(backup) as archive:
        inner = archive.extractfile("opswarden.sqlite")
        assert inner is not None
        path = Path("forged.sqlite")
        path.write_bytes(inner.read())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE entry SET body = replace(body, 'triage', 'triagf') WHERE seq = 3")
        connection.commit()
    return path.read_bytes()


class TestVersions:
    def test_status_shows_every_component(self, cli: Cli, triaged: Triaged) -> None:
        found = {one["component"]: one for one in cli("database", "status", "--format", "json").json["components"]}
        assert set(found) == {component for component, _ in COMPONENTS}
        assert found["ledger"] == {"component": "ledger", "here": 1, "known": 1, "state": "current"}
        assert found["emergencies"]["state"] in ("current", "none")

    def test_tables_of_every_previous_number_come_forward(
        self, cli: Cli, home: Path, case: Case, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An installation as the version before each last step left it."""
        state = home / "state"
        state.mkdir(mode=0o700)
        database = SqliteDatabase(state / "opswarden.sqlite")
        older = {}
        for component, migrations in COMPONENTS:
            steps = SQLITE_LEDGER if component == "ledger" else migrations
            if len(steps) > 1:
                database.migrate(component, steps[:-1])
                older[component] = steps[-2][0]
        assert older
        database.close()
        found = {
            one["component"]: one["here"] for one in cli("database", "status", "--format", "json").json["components"]
        }
        assert {name: found[name] for name in older} == older
        said = cli("triage", case.snapshot, "--format", "json")
        assert said.code == 0, said.err
        assert cli("incidents", "list").code == 0
        assert cli("schedules").code == 0
        monkeypatch.setenv("NO_TOKEN", "xoxb-nobody")
        monkeypatch.setenv("NO_SECRET", "s" * 32)
        slack = '[slack]\nworkspace = "T0WORKSPACE"\ntoken_env = "NO_TOKEN"\nsigning_env = "NO_SECRET"\n'
        channel = '[slack.channels.incidents]\nid = "C0INCIDENTS"\nenvironment = "sandbox"\n'
        (home / "opswarden.toml").write_text("version = 1\n" + slack + channel)
        refreshed = cli("slack", "refresh")
        assert refreshed.code == 0, refreshed.err
        said = cli("database", "status", "--format", "json")
        states = {one["component"]: one["state"] for one in said.json["components"]}
        assert {name: states[name] for name in older} == dict.fromkeys(older, "current")
        assert cli("audit", "verify").code == 0

    @pytest.mark.parametrize("argv", [("audit", "tail"), ("data", "inventory"), ("approvals", "list"), ("doctor",)])
    def test_an_older_program_does_nothing_with_newer_tables(
        self, cli: Cli, triaged: Triaged, argv: tuple[str, ...]
    ) -> None:
        with closing(sqlite3.connect(triaged.state / "opswarden.sqlite")) as connection:
            connection.execute("UPDATE schema_version SET number = 99 WHERE component = 'vault'")
            connection.commit()
        before = (triaged.state / "opswarden.sqlite").read_bytes()
        said = cli(*argv)
        assert "newer opswarden" in said.out + said.err
        assert said.code != 0
        assert (triaged.state / "opswarden.sqlite").read_bytes() == before
        status = cli("database", "status", "--format", "json")
        assert status.code == 1
        assert [one["component"] for one in status.json["components"] if one["state"] == "newer"] == ["vault"]

    def test_a_component_of_a_newer_version_rests(self, cli: Cli, triaged: Triaged) -> None:
        with closing(sqlite3.connect(triaged.state / "opswarden.sqlite")) as connection:
            connection.execute("INSERT INTO schema_version VALUES ('weather', 2)")
            connection.commit()
        assert cli("audit", "tail").code == 0
        assert "weather" in cli("database", "status").out

    def test_check_for_a_version(self, cli: Cli, triaged: Triaged, write_settings: Any) -> None:
        write_settings('version = 1\n[retention.classes]\npersonal = 20\n[people.ann]\nroles = ["oncall"]\n')
        said = cli("config", "check", "--for", this_release().version, "--format", "json")
        assert (said.code, said.json) == (0, [])
        assert cli("config", "check", "--for", "9.9.9").code == 2
        with closing(sqlite3.connect(triaged.state / "opswarden.sqlite")) as connection:
            connection.execute("UPDATE schema_version SET number = 99 WHERE component = 'vault'")
            connection.commit()
        said = cli("config", "check", "--for", this_release().version)
        assert (said.code, "'vault' have version 99" in said.out) == (1, True)

    def test_what_an_older_version_would_stumble_over(self) -> None:
        known = this_release()
        numbers = {name: number for name, number in known_numbers().items() if name != "data_holds"}
        older = Release(
            "0.0.9",
            frozenset(key for key in known.settings if not key.startswith("retention.")),
            {**numbers, "vault": 1},
        )
        settings = in_use({"team": "x", "retention": {"live_days": 3}, "gate": {"stages": {}}})
        found = obstacles(older, settings, known_numbers())
        assert [(one.state, one.what.split(":")[0]) for one in found] == [
            ("failed", "it does not know the setting `retention.live_days`"),
            ("warning", "it knows nothing of 'data_holds'"),
            ("failed", "tables of 'vault' have version 3, it knows 1"),
        ]
        assert obstacles(known, settings, known_numbers()) == []


def test_a_dump_of_postgresql_restores_and_verifies(
    cli: Cli, case: Case, postgres: PostgresPeer, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    folder = programs()
    assert folder is not None
    first, second = postgres.new_database(), postgres.new_database()
    monkeypatch.setenv("DATABASE_OWNER_URL", postgres.url(first).get_secret_value())
    monkeypatch.setenv("OPSWARDEN_DATABASE__URL", postgres.url(first, WRITER).get_secret_value())
    assert cli("database", "prepare", "--writer", WRITER).code == 0
    said = cli("triage", case.snapshot, "--format", "json")
    assert said.code == 0, said.err
    assert cli("audit", "anchor", "--to", "heads.txt").code == 0
    refused = cli("database", "backup", "--out", "x.tar")
    assert (refused.code, "pg_dump" in refused.err) == (2, True)

    def tool(name: str, *arguments: str) -> None:
        subprocess.run([str(folder / name), *arguments], check=True, capture_output=True, timeout=60)

    dump = str(home / "opswarden.dump")
    tool("pg_dump", "--format=custom", "--no-owner", f"--file={dump}", postgres.url(first).get_secret_value())
    tool("pg_restore", "--no-owner", f"--dbname={postgres.url(second).get_secret_value()}", dump)
    monkeypatch.setenv("DATABASE_OWNER_URL", postgres.url(second).get_secret_value())
    monkeypatch.setenv("OPSWARDEN_DATABASE__URL", postgres.url(second, WRITER).get_secret_value())
    assert cli("database", "prepare", "--writer", WRITER).code == 0
    assert cli("audit", "verify", "--trusted-head", "heads.txt").out.startswith("OK: ")
    assert {one["state"] for one in cli("database", "status", "--format", "json").json["components"]} == {"current"}
    assert cli("resume", said.json["run_id"]).code == 0
    stores = {one["store"]: one for one in cli("data", "inventory", "--format", "json").json["stores"]}
    assert stores["ledger"]["count"] > 40
    assert stores["ledger"]["oldest"].startswith("20")
    monkeypatch.setenv("OPSWARDEN_LEDGER__ERASE_ROLES", '["erase"]')
    monkeypatch.setenv("OPSWARDEN_PEOPLE", json.dumps({"tester": {"roles": ["erase"]}}))
    monkeypatch.setattr("opswarden.apps.people.roles.current_person", lambda: "tester", raising=False)
    monkeypatch.setattr("opswarden.apps.installation.current_person", lambda: "tester")
    erased = cli("data", "erase", "--value-file", "-", "--reason", "asked", "--format", "json", stdin=b"Zoe Quintero")
    assert erased.code == 0, erased.err
    erased = cli("data", "erase", "--run", said.json["run_id"], "--reason", "asked", "--format", "json")
    assert erased.code == 0, erased.err
    assert cli("audit", "verify", "--trusted-head", "heads.txt").code == 0
