"""Vaults: one conformance suite, and what the one on disk promises besides."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from opswarden.core.clock import FixedClock
from opswarden.core.keys import FileKeys
from opswarden.core.postgres import PostgresDatabase
from opswarden.core.sqlite import SqliteDatabase
from opswarden.redaction.engine import Redaction
from opswarden.redaction.memory_vault import MemoryVault
from opswarden.redaction.types import TextWithheld
from opswarden.redaction.vault import Entry, SqliteVault, Vault
from opswarden.tests.postgres_peer import PostgresPeer

TTL_S = 3600.0
ANA = Entry("EMAIL_ADDRESS", "ana@example.com", "Ana@example.com")
BOB = Entry("EMAIL_ADDRESS", "bob@example.com", "bob@example.com")
HOST = Entry("IP_ADDRESS", "10.1.2.3", "10.1.2.3")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 11, 23, tzinfo=UTC))


@pytest.fixture
def reopened(tmp_path: Path, clock: FixedClock) -> Callable[[], SqliteVault]:
    """The same vault as a new process would open it."""

    def reopen() -> SqliteVault:
        database = SqliteDatabase(tmp_path / "vault.sqlite")
        return SqliteVault(database, FileKeys(tmp_path / "keys.json"), clock, ttl_s=TTL_S)

    return reopen


@pytest.fixture
def shared(postgres: PostgresPeer, tmp_path: Path, clock: FixedClock) -> Iterator[SqliteVault]:
    """A vault in PostgreSQL."""
    database = PostgresDatabase(postgres.url(postgres.new_database()))
    yield SqliteVault(database, FileKeys(tmp_path / "keys.json"), clock, ttl_s=TTL_S)
    database.close()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def vault(request: pytest.FixtureRequest, reopened: Callable[[], SqliteVault]) -> Vault:
    if request.param == "postgresql":
        kept: SqliteVault = request.getfixturevalue("shared")
        return kept
    return MemoryVault() if request.param == "memory" else reopened()


def test_numbers_count_from_one_per_type(vault: Vault) -> None:
    assert vault.numbers("run_1", [ANA, HOST, BOB]) == [1, 1, 2]
    assert vault.numbers("run_1", [BOB, ANA, BOB]) == [2, 1, 2]


def test_runs_do_not_know_each_other(vault: Vault) -> None:
    vault.numbers("run_1", [ANA])
    assert vault.numbers("run_2", [BOB]) == [1]
    assert vault.value("run_2", "EMAIL_ADDRESS", 1) == BOB.value
    assert vault.nonce("run_1") != vault.nonce("run_2")


def test_values_come_back_as_they_were_first_seen(vault: Vault) -> None:
    vault.numbers("run_1", [ANA])
    vault.numbers("run_1", [ANA._replace(value="ANA@EXAMPLE.COM")])
    assert vault.value("run_1", "EMAIL_ADDRESS", 1) == "Ana@example.com"
    assert vault.value("run_1", "EMAIL_ADDRESS", 2) is None
    assert vault.value("run_1", "IP_ADDRESS", 1) is None


def test_what_was_issued(vault: Vault) -> None:
    vault.numbers("run_1", [ANA, BOB])
    mentioned = {("EMAIL_ADDRESS", 1), ("EMAIL_ADDRESS", 2), ("EMAIL_ADDRESS", 3), ("IP_ADDRESS", 1)}
    assert vault.issued("run_1", mentioned) == {("EMAIL_ADDRESS", 1), ("EMAIL_ADDRESS", 2)}
    assert vault.issued("run_2", mentioned) == frozenset()


def test_many_at_once(vault: Vault) -> None:
    entries = [Entry("IP_ADDRESS", f"10.0.{n // 256}.{n % 256}", f"10.0.{n // 256}.{n % 256}") for n in range(1500)]
    assert vault.numbers("run_1", entries) == list(range(1, 1501))
    assert vault.numbers("run_1", entries[::-1]) == list(range(1500, 0, -1))


def test_a_new_process_goes_on_where_the_old_one_stopped(
    redaction: Redaction, reopened: Callable[[], SqliteVault]
) -> None:
    text = "ana@example.com from 10.1.2.3"
    before = redaction.for_run("run_1", vault=reopened())
    cleaned = before.text(text)
    after = redaction.for_run("run_1", vault=reopened())
    assert after.text(text) == cleaned
    assert after.clean_ours(cleaned).text == cleaned
    assert after.restore(cleaned, frozenset({"EMAIL_ADDRESS", "IP_ADDRESS"})) == text
    assert after.text("bob@example.com").startswith("<EMAIL_ADDRESS_2·")


def test_threads_agree_on_numbers(vault: Vault) -> None:
    entries = [Entry("IP_ADDRESS", f"10.0.0.{n}", f"10.0.0.{n}") for n in range(20)]
    with ThreadPoolExecutor(4) as pool:
        orders = [entries[n:] + entries[:n] for n in range(8)]
        given = list(pool.map(lambda order: dict(zip(order, vault.numbers("run_1", order), strict=True)), orders))
    assert all(numbers == given[0] for numbers in given)
    assert sorted(given[0].values()) == list(range(1, 21))


def test_values_are_forgotten_in_time(reopened: Callable[[], SqliteVault], clock: FixedClock) -> None:
    vault = reopened()
    vault.numbers("run_1", [ANA])
    clock.advance(TTL_S - 1)
    assert vault.value("run_1", "EMAIL_ADDRESS", 1) == ANA.value
    clock.advance(2)
    assert vault.value("run_1", "EMAIL_ADDRESS", 1) is None
    assert vault.purge() == 1
    assert vault.purge() == 0


def test_a_value_met_again_after_its_time_keeps_its_number(
    reopened: Callable[[], SqliteVault], clock: FixedClock
) -> None:
    vault = reopened()
    vault.numbers("run_1", [BOB, ANA])
    clock.advance(TTL_S + 1)
    assert vault.numbers("run_1", [ANA]) == [2]
    assert vault.value("run_1", "EMAIL_ADDRESS", 2) == ANA.value


def test_a_purged_number_is_never_given_again(reopened: Callable[[], SqliteVault], clock: FixedClock) -> None:
    vault = reopened()
    vault.numbers("run_1", [ANA])
    clock.advance(TTL_S + 1)
    vault.purge()
    assert reopened().numbers("run_1", [BOB]) == [2]


def test_nothing_readable_is_on_disk(redaction: Redaction, reopened: Callable[[], SqliteVault], tmp_path: Path) -> None:
    run = redaction.for_run("run_1", vault=reopened())
    run.text("ana@example.com 529.982.247-25 password=hunter2 4111111111111111 cvv=987")
    content = b"".join(path.read_bytes() for path in tmp_path.glob("vault.sqlite*"))
    for value in (b"ana@example", b"52998224725", b"529.982", b"hunter2", b"4111111", b"CREDIT_CARD", b"SECRET"):
        assert value not in content
    assert b"BR_CPF" in content  # the file is the right one


def test_rows_cannot_be_swapped(reopened: Callable[[], SqliteVault], tmp_path: Path) -> None:
    vault = reopened()
    vault.numbers("run_1", [ANA, BOB])
    with SqliteDatabase(tmp_path / "vault.sqlite").transaction() as connection:
        (sealed,) = connection.execute("SELECT sealed FROM vault_values WHERE number = 2").fetchone()
        connection.execute("UPDATE vault_values SET sealed = ? WHERE number = 1", (sealed,))
    with pytest.raises(TextWithheld) as withheld:
        vault.value("run_1", "EMAIL_ADDRESS", 1)
    assert withheld.value.reason == "vault"


def test_another_key_opens_nothing(reopened: Callable[[], SqliteVault], tmp_path: Path) -> None:
    reopened().numbers("run_1", [ANA])
    (tmp_path / "keys.json").unlink()
    vault = reopened()
    assert vault.numbers("run_1", [ANA]) == [2]  # not recognised either
    with pytest.raises(TextWithheld):
        vault.value("run_1", "EMAIL_ADDRESS", 1)


def test_a_number_is_not_given_inside_a_transaction_that_could_take_it_back(tmp_path: Path, clock: FixedClock) -> None:
    database = SqliteDatabase(tmp_path / "vault.sqlite")
    vault = SqliteVault(database, FileKeys(tmp_path / "keys.json"), clock, ttl_s=TTL_S)
    with pytest.raises(TextWithheld) as withheld, database.transaction():
        vault.numbers("run_1", [ANA])
    assert withheld.value.reason == "vault"


def test_a_vault_that_does_not_work_withholds_the_text(
    redaction: Redaction, reopened: Callable[[], SqliteVault], tmp_path: Path
) -> None:
    run = redaction.for_run("run_1", vault=reopened())
    with SqliteDatabase(tmp_path / "vault.sqlite").transaction() as connection:
        connection.execute("DROP TABLE vault_values")
    with pytest.raises(TextWithheld) as withheld:
        run.text("ana@example.com")
    assert withheld.value.reason == "vault"
    assert run.text("password=hunter2").startswith("password=<SECRET·")  # needs no vault


@pytest.mark.parametrize("sealed", [b"", b"\x00", b"\x00" * 12, b"\x00" * 40], ids=["empty", "short", "cut", "other"])
def test_a_value_that_was_damaged_is_withheld(
    reopened: Callable[[], SqliteVault], tmp_path: Path, sealed: bytes
) -> None:
    vault = reopened()
    vault.numbers("run_1", [ANA])
    with SqliteDatabase(tmp_path / "vault.sqlite").transaction() as connection:
        connection.execute("UPDATE vault_values SET sealed = ?", (sealed,))
    with pytest.raises(TextWithheld) as withheld:
        vault.value("run_1", "EMAIL_ADDRESS", 1)
    assert withheld.value.reason == "vault"
    assert vault.holding("ana") == ()


def test_a_counter_that_was_set_back_gives_no_number_twice(reopened: Callable[[], SqliteVault], tmp_path: Path) -> None:
    vault = reopened()
    vault.numbers("run_1", [ANA])
    with SqliteDatabase(tmp_path / "vault.sqlite").transaction() as connection:
        connection.execute("DELETE FROM vault_counters")
    with pytest.raises(TextWithheld) as withheld:
        vault.numbers("run_1", [BOB])
    assert withheld.value.reason == "vault"
    assert vault.numbers("run_1", [ANA]) == [1]
    assert vault.value("run_1", "EMAIL_ADDRESS", 1) == ANA.value
