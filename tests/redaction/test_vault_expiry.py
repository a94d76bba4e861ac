"""Whoever can write the vault's database, without its keys, prolongs no value."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opswarden.core.clock import FixedClock, to_iso
from opswarden.core.database import Database
from opswarden.core.keys import FileKeys
from opswarden.core.postgres import PostgresDatabase
from opswarden.core.sqlite import SqliteDatabase
from opswarden.redaction.types import TextWithheld
from opswarden.redaction.vault import Entry, SqliteVault
from opswarden.redaction.vault_seals import Place, Seals
from opswarden.tests.postgres_peer import PostgresPeer, on_both

TTL_S = 3600.0
BEGIN = datetime(2026, 11, 23, tzinfo=UTC)
ANA = Entry("EMAIL_ADDRESS", "ana@example.com", "Ana@example.com")
BOB = Entry("EMAIL_ADDRESS", "bob@example.com", "bob@example.com")
LATER, SOONER = to_iso(BEGIN + timedelta(days=400)), to_iso(BEGIN - timedelta(days=400))

pytestmark = on_both


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(BEGIN)


@pytest.fixture
def keys(tmp_path: Path) -> FileKeys:
    return FileKeys(tmp_path / "keys.json")


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        yield SqliteDatabase(tmp_path / "vault.sqlite")
        return
    peer: PostgresPeer = request.getfixturevalue("postgres")
    shared = PostgresDatabase(peer.url(peer.new_database()))
    yield shared
    shared.close()


@pytest.fixture
def vault(database: Database, keys: FileKeys, clock: FixedClock) -> SqliteVault:
    vault = SqliteVault(database, keys, clock, ttl_s=TTL_S)
    assert vault.numbers("run_1", [ANA, BOB]) == [1, 2]
    return vault


def altered(database: Database, sql: str, *values: object) -> None:
    with database.transaction() as connection:
        assert connection.execute(sql, values).rowcount >= 1


def first_as_an_older_version_sealed_it(database: Database, keys: FileKeys, expires_at: str) -> None:
    place = Place("run_1", ANA.entity_type, 1, expires_at)
    sealed = Seals().seal(keys.ring("vault").keys[1], place, ANA.value, form=1)
    altered(
        database,
        "UPDATE vault_values SET sealed = ?, seal_form = 1, expires_at = ? WHERE number = 1",
        sealed,
        expires_at,
    )


def assert_withheld(look: Callable[[], object]) -> None:
    with pytest.raises(TextWithheld, match="its expiry was altered") as withheld:
        look()
    assert withheld.value.reason == "vault"
    assert "ana" not in f"{withheld.value} {withheld.value.remedy}".lower()


@pytest.mark.parametrize("expires_at", [LATER, SOONER], ids=["prolonged", "shortened"])
def test_a_changed_expiry_withholds_the_value(database: Database, vault: SqliteVault, expires_at: str) -> None:
    altered(database, "UPDATE vault_values SET expires_at = ? WHERE number = 1", expires_at)
    assert_withheld(lambda: vault.value("run_1", "EMAIL_ADDRESS", 1))
    assert vault.holding(ANA.value) == ()
    assert vault.value("run_1", "EMAIL_ADDRESS", 2) == BOB.value


def test_nor_does_it_help_to_prolong_what_is_over(database: Database, vault: SqliteVault, clock: FixedClock) -> None:
    clock.advance(TTL_S + 1)
    assert vault.value("run_1", "EMAIL_ADDRESS", 1) is None
    altered(database, "UPDATE vault_values SET expires_at = ? WHERE number = 1", LATER)
    assert_withheld(lambda: vault.value("run_1", "EMAIL_ADDRESS", 1))


@pytest.mark.parametrize("form", [0, 1, 3, 99])
def test_nor_to_call_its_seal_an_older_or_newer_one(database: Database, vault: SqliteVault, form: int) -> None:
    altered(database, "UPDATE vault_values SET expires_at = ?, seal_form = ?", LATER, form)
    assert_withheld(lambda: vault.value("run_1", "EMAIL_ADDRESS", 1))


def test_what_an_older_version_sealed_opens_until_it_is_over(
    database: Database, keys: FileKeys, vault: SqliteVault, clock: FixedClock
) -> None:
    first_as_an_older_version_sealed_it(database, keys, to_iso(BEGIN + timedelta(seconds=TTL_S)))
    assert vault.value("run_1", "EMAIL_ADDRESS", 1) == ANA.value
    assert vault.holding(ANA.value) == (("run_1", "EMAIL_ADDRESS", 1),)
    clock.advance(TTL_S + 1)
    assert vault.value("run_1", "EMAIL_ADDRESS", 1) is None
    assert vault.numbers("run_1", [ANA]) == [1]  # written again, and so sealed anew
    altered(database, "UPDATE vault_values SET expires_at = ? WHERE number = 1", LATER)
    assert_withheld(lambda: vault.value("run_1", "EMAIL_ADDRESS", 1))


def test_it_is_sealed_anew_on_request_and_never_for_longer_than_values_are_kept(
    database: Database, keys: FileKeys, vault: SqliteVault, clock: FixedClock
) -> None:
    first_as_an_older_version_sealed_it(database, keys, LATER)
    keys.rotate()
    assert vault.seal_anew() == 1
    assert vault.seal_anew() == 0
    assert vault.numbers("run_1", [ANA, BOB]) == [1, 2]  # still found
    assert vault.value("run_1", "EMAIL_ADDRESS", 1) == ANA.value
    assert vault.rows_by_key() == {1: 2}
    clock.advance(TTL_S + 1)
    assert vault.value("run_1", "EMAIL_ADDRESS", 1) is None


def test_what_does_not_open_is_left_as_it_is(database: Database, keys: FileKeys, vault: SqliteVault) -> None:
    altered(database, "UPDATE vault_values SET seal_form = 1, sealed = ? WHERE number = 1", b"\0" * 40)
    assert vault.seal_anew() == 0
    assert_withheld(lambda: vault.value("run_1", "EMAIL_ADDRESS", 1))
