"""Vault and key versions: numbers stay, values open, old versions go when nothing needs them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opswarden.core.clock import FixedClock
from opswarden.core.errors import BackendError, InputError
from opswarden.core.keys import FileKeys, KeyRing
from opswarden.core.sqlite import SqliteDatabase
from opswarden.redaction.engine import Redaction
from opswarden.redaction.types import TextWithheld
from opswarden.redaction.vault import Entry, SqliteVault
from opswarden.redaction.vault_seals import Place, Seals

TTL_S = 3600.0
ANA = Entry("EMAIL_ADDRESS", "ana@example.com", "Ana@example.com")
BOB = Entry("EMAIL_ADDRESS", "bob@example.com", "bob@example.com")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 23, tzinfo=UTC))


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    return FileKeys(tmp_path / "keys.json")


@pytest.fixture
def reopened(tmp_path: Path, clock: FixedClock) -> Callable[[], SqliteVault]:
    """The same vault as a new process would open it."""

    def reopen() -> SqliteVault:
        return SqliteVault(
            SqliteDatabase(tmp_path / "vault.sqlite"), FileKeys(tmp_path / "keys.json"), clock, ttl_s=TTL_S
        )

    return reopen


def versions(tmp_path: Path) -> list[tuple[int, int]]:
    with closing(sqlite3.connect(tmp_path / "vault.sqlite")) as connection:
        return connection.execute("SELECT number, key_version FROM vault_values ORDER BY number").fetchall()


def test_new_values_are_sealed_with_the_newest_key_and_old_ones_open(
    reopened: Callable[[], SqliteVault], keys: FileKeys, tmp_path: Path
) -> None:
    vault = reopened()
    vault.numbers("run_1", [ANA])
    keys.rotate()
    assert vault.numbers("run_1", [ANA, BOB]) == [1, 2]
    assert versions(tmp_path) == [(1, 1), (2, 2)]
    for each in (vault, reopened()):
        assert each.value("run_1", "EMAIL_ADDRESS", 1) == ANA.value
        assert each.value("run_1", "EMAIL_ADDRESS", 2) == BOB.value
    assert vault.rows_by_key() == {1: 1, 2: 1}


def test_a_run_keeps_its_placeholders_across_rotations_and_restarts(
    redaction: Redaction, reopened: Callable[[], SqliteVault], keys: FileKeys
) -> None:
    text = "ana@example.com from 10.1.2.3"
    cleaned = redaction.for_run("run_1", vault=reopened()).text(text)
    for _ in range(3):
        keys.rotate()
        run = redaction.for_run("run_1", vault=reopened())
        assert run.text(text) == cleaned
        assert run.clean_ours(cleaned).text == cleaned
        assert run.restore(cleaned, frozenset({"EMAIL_ADDRESS", "IP_ADDRESS"})) == text
        assert run.text("bob@example.com").startswith("<EMAIL_ADDRESS_2·")


def test_two_processes_with_a_rotation_between_them_agree(reopened: Callable[[], SqliteVault], keys: FileKeys) -> None:
    old, entries = reopened(), [Entry("IP_ADDRESS", f"10.0.0.{n}", f"10.0.0.{n}") for n in range(30)]
    assert old.numbers("run_1", entries[:10]) == list(range(1, 11))
    keys.rotate()
    new = reopened()
    assert new.numbers("run_1", entries[:20]) == list(range(1, 21))
    assert old.numbers("run_1", entries) == list(range(1, 31))


def test_rotations_under_load_give_nobody_two_numbers(reopened: Callable[[], SqliteVault], keys: FileKeys) -> None:
    entries = [Entry("IP_ADDRESS", f"10.0.1.{n}", f"10.0.1.{n}") for n in range(40)]

    def number(start: int) -> list[int]:
        vault = reopened()
        found = {entry: vault.numbers("run_1", [entry])[0] for entry in entries[start:] + entries[:start]}
        return [found[entry] for entry in entries]

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(number, start) for start in (0, 10, 20, 30)]
        for _ in range(4):
            keys.rotate()
        given = [each.result() for each in running]
    assert all(each == given[0] for each in given)
    assert sorted(given[0]) == list(range(1, 41))


def test_a_value_met_again_after_its_time_moves_to_the_newest_key(
    reopened: Callable[[], SqliteVault], keys: FileKeys, clock: FixedClock, tmp_path: Path
) -> None:
    vault = reopened()
    vault.numbers("run_1", [BOB, ANA])
    keys.rotate()
    clock.advance(TTL_S + 1)
    assert vault.numbers("run_1", [ANA]) == [2]
    assert versions(tmp_path) == [(1, 1), (2, 2)]
    assert vault.value("run_1", "EMAIL_ADDRESS", 2) == ANA.value


def test_a_key_is_released_only_when_nothing_needs_it(
    reopened: Callable[[], SqliteVault], keys: FileKeys, clock: FixedClock, tmp_path: Path
) -> None:
    vault = reopened()
    vault.numbers("run_1", [ANA])
    keys.rotate()
    with pytest.raises(InputError, match="1 values in the vault still need key version 1"):
        vault.release_key(1, keys.retire)
    assert sorted(keys.ring("vault").keys) == [1, 2]
    clock.advance(TTL_S + 1)
    with pytest.raises(InputError, match="in use"):
        vault.release_key(2, keys.retire)
    vault.release_key(1, keys.retire)
    assert sorted(reopened()._keys.ring("vault").keys) == [2]
    assert versions(tmp_path) == []
    assert vault.numbers("run_1", [BOB]) == [2]  # no number twice


def test_a_key_that_cannot_be_retired_leaves_vault_and_keys(
    reopened: Callable[[], SqliteVault], keys: FileKeys, clock: FixedClock, tmp_path: Path
) -> None:
    def fail(_version: int) -> None:
        raise BackendError("the disk is full")

    vault = reopened()
    vault.numbers("run_1", [ANA])
    keys.rotate()
    clock.advance(TTL_S + 1)
    with pytest.raises(BackendError, match="disk is full"):
        vault.release_key(1, fail)
    assert versions(tmp_path) == [(1, 1)]
    assert sorted(keys.ring("vault").keys) == [1, 2]


def test_a_value_whose_key_is_gone_is_withheld(reopened: Callable[[], SqliteVault], keys: FileKeys) -> None:
    vault = reopened()
    vault.numbers("run_1", [ANA])
    keys.rotate()
    keys.retire(1)  # past the vault
    with pytest.raises(TextWithheld) as withheld:
        vault.value("run_1", "EMAIL_ADDRESS", 1)
    assert withheld.value.reason == "vault"


def test_rows_cannot_be_moved_to_another_key(
    reopened: Callable[[], SqliteVault], keys: FileKeys, tmp_path: Path
) -> None:
    vault = reopened()
    vault.numbers("run_1", [ANA])
    keys.rotate()
    with closing(sqlite3.connect(tmp_path / "vault.sqlite")) as connection, connection:
        connection.execute("UPDATE vault_values SET key_version = 2")
    with pytest.raises(TextWithheld):
        vault.value("run_1", "EMAIL_ADDRESS", 1)


def test_keys_that_cannot_be_had_withhold_the_text(tmp_path: Path, clock: FixedClock, redaction: Redaction) -> None:
    class Unreachable(FileKeys):
        is_down = False

        def ring(self, purpose: str) -> KeyRing:
            if self.is_down:
                raise BackendError("AWS KMS cannot be reached", remedy="check the network")
            return super().ring(purpose)

    keys = Unreachable(tmp_path / "keys.json")
    run = redaction.for_run("run_1", vault=SqliteVault(SqliteDatabase(tmp_path / "v.sqlite"), keys, clock, ttl_s=TTL_S))
    mark = run.text("ana@example.com")
    keys.is_down = True
    for ask in (lambda: run.text("bob@example.com"), lambda: run.restore(mark, frozenset({"EMAIL_ADDRESS"}))):
        with pytest.raises(TextWithheld, match="AWS KMS cannot be reached") as withheld:
            ask()
        assert withheld.value.reason == "vault"
    assert run.text("password=hunter2").startswith("password=<SECRET·")  # needs no key


class TestOlderSchema:
    """A vault from before keys had versions, beside the key file of that time."""

    def test_it_opens_and_goes_on(self, tmp_path: Path, clock: FixedClock, keys: FileKeys) -> None:
        import json

        from opswarden.redaction import vault as module

        path = tmp_path / "old.json"
        master = json.loads((tmp_path / "keys.json").read_bytes())["root"]
        path.write_text(json.dumps({"version": 1, "master": master, "ledger_seed": master}))
        path.chmod(0o600)
        database = SqliteDatabase(tmp_path / "vault.sqlite")
        database.migrate("vault", module.MIGRATIONS[:1])
        old = FileKeys(path)
        expires_at = "2026-11-23T00:30:00.000Z"
        place = Place("run_1", "EMAIL_ADDRESS", 1, expires_at)
        lookup = module._lookups(KeyRing(1, {1: old.secret("vault-lookup")}), "run_1", ANA[:2])[1]
        with database.transaction() as connection:
            connection.execute(
                "INSERT INTO vault_values VALUES (?, ?, ?, ?, ?, ?)",
                (
                    "run_1",
                    "EMAIL_ADDRESS",
                    1,
                    lookup,
                    Seals().seal(old.secret("vault"), place, ANA.value, form=1),
                    expires_at,
                ),
            )
            connection.execute("INSERT INTO vault_counters VALUES ('run_1', 'EMAIL_ADDRESS', 1)")
        vault = SqliteVault(SqliteDatabase(tmp_path / "vault.sqlite"), FileKeys(path), clock, ttl_s=TTL_S)
        assert vault.numbers("run_1", [ANA, BOB]) == [1, 2]
        assert vault.value("run_1", "EMAIL_ADDRESS", 1) == ANA.value
        old.rotate()
        assert vault.numbers("run_1", [BOB, ANA]) == [2, 1]
        assert versions(tmp_path) == [(1, 1), (2, 1)]


class TestLookAlikes:
    """Texts that hold placeholders already restore nothing, with the vault on disk behind them."""

    EMAIL = frozenset({"EMAIL_ADDRESS"})

    def refusal(self, redaction: Redaction, vault: SqliteVault, text: str) -> str:
        with pytest.raises(TextWithheld) as withheld:
            redaction.for_run("run_1", vault=vault).restore(text, self.EMAIL)
        assert "ana" not in str(withheld.value)
        return withheld.value.reason

    def test_a_log_with_placeholders_in_it_restores_nothing(
        self, redaction: Redaction, reopened: Callable[[], SqliteVault]
    ) -> None:
        vault = reopened()
        mark = redaction.for_run("run_1", vault=vault).text("ana@example.com")
        cleaned = redaction.for_run("run_1", vault=vault).text(f"ERROR user={mark} failed, again {mark}")
        assert cleaned == f"ERROR user=‹{mark[1:-1]}› failed, again ‹{mark[1:-1]}›"
        assert redaction.for_run("run_1", vault=vault).restore(cleaned, self.EMAIL) == cleaned

    def test_an_unknown_number(self, redaction: Redaction, reopened: Callable[[], SqliteVault]) -> None:
        vault = reopened()
        mark = redaction.for_run("run_1", vault=vault).text("ana@example.com")
        assert self.refusal(redaction, vault, mark.replace("_1·", "_2·")) == "unknown-placeholder"
        assert self.refusal(redaction, vault, mark.replace("_1·", "_9999999·")) == "unknown-placeholder"

    def test_another_runs_nonce(self, redaction: Redaction, reopened: Callable[[], SqliteVault]) -> None:
        vault = reopened()
        redaction.for_run("run_1", vault=vault).text("bob@example.com")
        other = redaction.for_run("run_2", vault=vault).text("ana@example.com")
        assert self.refusal(redaction, vault, other) == "foreign-placeholder"

    def test_an_expired_value(
        self, redaction: Redaction, reopened: Callable[[], SqliteVault], clock: FixedClock
    ) -> None:
        vault = reopened()
        mark = redaction.for_run("run_1", vault=vault).text("ana@example.com")
        clock.advance(TTL_S + 1)
        assert self.refusal(redaction, vault, mark) == "unknown-placeholder"
        vault.purge()
        assert self.refusal(redaction, vault, mark) == "unknown-placeholder"
        # Issued once, so in our own text it stays a placeholder and is not taken for a forgery.
        assert redaction.for_run("run_1", vault=vault).clean_ours(mark).text == mark
