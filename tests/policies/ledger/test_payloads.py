"""What lies apart from entries: how it is bound to them, how it is erased, and how every meddling with it shows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from opswarden.core.clock import FixedClock
from opswarden.core.database import Database
from opswarden.core.errors import CallDenied, InputError, LedgerError
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies.ledger.erasure import Erased, Erasures, Selector
from opswarden.policies.ledger.payloads import ERASED, part
from opswarden.policies.ledger.proof import check_proof
from opswarden.policies.ledger.prove import prove_entry
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.ledger.types import LedgerEntry
from opswarden.policies.ledger.verify import Verification, verify

SECRET = "wilhelmina-of-row-seven"
DECIDED = LedgerEntry(
    "call.decided",
    "run_1",
    {
        "call_id": "c1",
        "tool": "logs.search",
        "decision": "deny",
        "args": {"query": SECRET},
        "request": {
            "action": {"id": "logs.search"},
            "context": {"args": {"query": SECRET}, "common": {"stage": "act"}},
        },
    },
)
OUTCOME = LedgerEntry("call.outcome", "run_2", {"call_id": "c2", "tool": "t", "status": "ok", "summary": [SECRET]})
PLAIN = LedgerEntry("run.ended", "run_1", {"outcome": "reported"})
ROLES = frozenset({"erase"})


@pytest.fixture
def filled(ledger: SqliteLedger, clock: FixedClock) -> SqliteLedger:
    ledger.append([DECIDED, PLAIN])
    clock.advance(86_400)
    ledger.append([OUTCOME])
    return ledger


@pytest.fixture
def erasures(filled: SqliteLedger, database: Database, clock: FixedClock) -> Erasures:
    return Erasures(filled, database, clock, lambda text: text, roles=ROLES, run_id="installation")


@pytest.fixture
def erase(erasures: Erasures) -> Callable[..., Erased]:
    def run(roles: frozenset[str] = ROLES, reason: str = "asked for", **which: Any) -> Erased:
        return erasures.erase(Selector(**which), person="person:ann", roles=roles, reason=reason)

    return run


@pytest.fixture
def check(database: Database, keys: FileKeys) -> Callable[[], Verification]:
    return lambda: verify(database, keys.public_key())


def sql(database: Database, *statements: str) -> None:
    for statement in statements:
        database.connection().execute(statement)


def test_readers_see_entries_whole(filled: SqliteLedger) -> None:
    assert [entry.body for entry in filled.entries()] == [DECIDED.body, PLAIN.body, OUTCOME.body]
    assert filled.read(0).body == DECIDED.body
    assert filled.tail(1, run_id="run_2")[0].body == OUTCOME.body
    assert [entry.body for entry in filled.of_run("run_1")] == [DECIDED.body, PLAIN.body]


def test_the_entries_themselves_hold_a_commitment_and_no_content(filled: SqliteLedger, database: Database) -> None:
    bodies = [row["body"] for row in database.connection().execute("SELECT body FROM entry ORDER BY seq")]
    assert not any(SECRET in body for body in bodies)
    assert json.loads(bodies[0])["body"]["payload"]["fields"] == ["args", "request.context.args"]
    assert json.loads(bodies[0])["body"]["request"]["context"] == {"common": {"stage": "act"}}
    assert json.loads(bodies[1])["body"] == PLAIN.body


def test_the_same_content_never_gives_the_same_commitment() -> None:
    first, second = part(DECIDED), part(DECIDED)
    assert first[1] is not None
    assert second[1] is not None
    assert first[1].content == second[1].content
    assert first[1].commitment != second[1].commitment


def test_a_transaction_that_is_undone_leaves_no_payload(filled: SqliteLedger, database: Database) -> None:
    with pytest.raises(RuntimeError), database.transaction() as connection:
        filled.append([DECIDED], connection=connection)
        raise RuntimeError
    assert database.connection().execute("SELECT COUNT(*) FROM payload").fetchone()[0] == 2


def test_entries_from_before_payloads_lay_apart_are_read_and_verified(
    tmp_path: Path, keys: FileKeys, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    from opswarden.policies.ledger import payloads

    database = SqliteDatabase(tmp_path / "old.sqlite")
    monkeypatch.setattr(payloads, "_FIELDS", {})
    old = SqliteLedger(database, keys, clock)
    old.append([DECIDED, OUTCOME])
    sql(database, "DROP TABLE payload", "DELETE FROM schema_version WHERE component = 'ledger-payloads'")
    assert verify(database, keys.public_key()).ok
    monkeypatch.undo()
    new = SqliteLedger(database, keys, clock)
    new.append([OUTCOME])
    assert [entry.body for entry in new.entries()] == [DECIDED.body, OUTCOME.body, OUTCOME.body]
    found = verify(database, keys.public_key())
    assert (found.ok, found.payloads) == (True, 1)
    database.close()


class TestErased:
    def test_of_a_run(
        self, filled: SqliteLedger, erase: Callable[..., Erased], check: Callable[[], Verification]
    ) -> None:
        before = check()
        assert (before.ok, before.payloads, before.erased) == (True, 2, 0)
        assert erase(run_id="run_1") == Erased(1, 3)
        entry = filled.read(0)
        assert entry.erased_by == 3
        assert entry.body["args"] == entry.body["request"]["context"]["args"] == f"{ERASED}: entry 3]"  # type: ignore[index, call-overload]
        assert entry.body["decision"] == "deny"
        assert filled.read(2).body == OUTCOME.body
        recorded = filled.read(3)
        assert recorded.kind == "payload.erased"
        assert recorded.body == {
            "erased_run": "run_1",
            "by": "person:ann",
            "roles": ["erase"],
            "reason": "asked for",
            "count": 1,
            "outcome": "erased",
        }
        found = check()
        assert (found.ok, found.payloads, found.erased) == (True, 1, 1)

    def test_before_a_moment(
        self,
        filled: SqliteLedger,
        erase: Callable[..., Erased],
        check: Callable[[], Verification],
        clock: FixedClock,
    ) -> None:
        assert erase(before=clock.now() - timedelta(days=30)) == Erased(0, None)
        assert erase(before=clock.now()).count == 1
        assert filled.read(2).body == OUTCOME.body
        clock.advance(1)
        assert erase(before=clock.now()).count == 1
        found = check()
        assert (found.ok, found.payloads, found.erased) == (True, 0, 2)

    def test_when_its_time_is_over(
        self, erasures: Erasures, filled: SqliteLedger, check: Callable[[], Verification], clock: FixedClock
    ) -> None:
        assert erasures.retain(2) == Erased(0, None)
        clock.advance(86_400 + 1)
        assert erasures.retain(2).count == 1
        assert filled.read(3).body["by"] == "system:retention"
        assert check().ok

    def test_nothing_of_it_is_left_in_the_files(
        self, tmp_path: Path, erase: Callable[..., Erased], clock: FixedClock, database: Database
    ) -> None:
        def stored() -> bytes:
            return b"".join(path.read_bytes() for path in tmp_path.glob("ledger.sqlite*"))

        assert SECRET.encode() in stored()
        clock.advance(1)
        assert erase(before=clock.now()).is_flushed
        assert SECRET.encode() not in stored()

    def test_another_reader_delays_that_and_it_is_said(self, tmp_path: Path, erase: Callable[..., Erased]) -> None:
        other = sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)
        other.execute("BEGIN")
        other.execute("SELECT COUNT(*) FROM entry").fetchone()
        assert not erase(run_id="run_1").is_flushed
        other.close()

    def test_nobody_without_the_role(
        self, filled: SqliteLedger, erase: Callable[..., Erased], check: Callable[[], Verification]
    ) -> None:
        with pytest.raises(CallDenied, match="another role") as caught:
            erase(roles=frozenset({"oncall"}), run_id="run_1")
        assert caught.value.code == "erase-role"
        assert filled.read(0).body == DECIDED.body
        assert filled.read(3).body["outcome"] == "denied"
        assert check().ok

    def test_not_without_a_reason_a_run_or_a_past(self, erase: Callable[..., Erased], clock: FixedClock) -> None:
        for options in (
            {"run_id": "run_1", "reason": " "},
            {"run_id": "run_9"},
            {"before": clock.now() + timedelta(1)},
        ):
            with pytest.raises(InputError):
                erase(**options)
        with pytest.raises(ValueError, match="a run, or a moment"):
            Selector()

    def test_if_it_cannot_be_recorded_nothing_is_erased(
        self, filled: SqliteLedger, erase: Callable[..., Erased], database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object, **__: object) -> None:
            raise LedgerError("the disk is full")

        monkeypatch.setattr(filled, "append", full)
        with pytest.raises(LedgerError):
            erase(run_id="run_1")
        assert filled.read(0).body == DECIDED.body

    def test_if_it_cannot_be_erased_nothing_is_recorded(
        self, filled: SqliteLedger, erase: Callable[..., Erased], database: Database
    ) -> None:
        sql(
            database,
            "CREATE TRIGGER stuck BEFORE UPDATE ON payload BEGIN SELECT RAISE(ABORT, 'stuck'); END",
        )
        with pytest.raises(LedgerError):
            erase(run_id="run_1")
        assert [entry.kind for entry in filled.entries()] == [DECIDED.kind, PLAIN.kind, OUTCOME.kind]
        assert filled.read(0).body == DECIDED.body


EMPTY = "UPDATE payload SET salt = NULL, content = NULL, erased_by = {by} WHERE seq = {seq}"
MEDDLED: dict[str, tuple[str, int]] = {
    "a changed content": (
        "UPDATE payload SET content = CAST(replace(content, 'seven', 'eight') AS BLOB) WHERE seq = 0",
        0,
    ),
    "a changed salt": ("UPDATE payload SET salt = zeroblob(16) WHERE seq = 0", 0),
    "a row taken out": ("DELETE FROM payload WHERE seq = 2", 2),
    "the table taken out": ("DROP TABLE payload", 0),
    "another entry's payload": (
        "UPDATE payload SET (salt, content) = (SELECT salt, content FROM payload WHERE seq = 0) WHERE seq = 2",
        2,
    ),
    "a row where none belongs": ("INSERT INTO payload VALUES (1, zeroblob(16), x'7b7d', NULL)", 1),
    "a row behind the end": ("INSERT INTO payload VALUES (99, zeroblob(16), x'7b7d', NULL)", 3),
    "an erasure by no entry": (EMPTY.format(seq=0, by=77), 0),
    "an erasure by an entry of another kind": (EMPTY.format(seq=0, by=1), 0),
    "an erasure by an earlier entry": (EMPTY.format(seq=2, by=1), 2),
}


@pytest.mark.parametrize("name", MEDDLED)
def test_meddling_with_payloads_shows(
    filled: SqliteLedger, database: Database, check: Callable[[], Verification], name: str
) -> None:
    statement, seq = MEDDLED[name]
    sql(database, statement)
    found = check()
    assert (found.ok, found.first_bad) == (False, seq)
    if seq in (0, 2) and "erasure" not in name:
        with pytest.raises(LedgerError):
            filled.read(seq)


class TestMeddlingBehindAnErasure:
    """There is a true record of an erasure, and somebody hides more behind it."""

    def test_of_another_run(
        self, erase: Callable[..., Erased], database: Database, check: Callable[[], Verification]
    ) -> None:
        erase(run_id="run_1")
        sql(database, EMPTY.format(seq=2, by=3))
        assert not check().ok

    def test_of_the_same_number(
        self, filled: SqliteLedger, erase: Callable[..., Erased], database: Database, check: Callable[[], Verification]
    ) -> None:
        row = database.connection().execute("SELECT salt, content FROM payload WHERE seq = 0").fetchone()
        erase(run_id="run_1")
        sql(database, EMPTY.format(seq=2, by=3))
        database.connection().execute(
            "UPDATE payload SET salt = ?, content = ?, erased_by = NULL WHERE seq = 0", (row[0], row[1])
        )
        found = check()
        assert not found.ok
        assert "of another run" in found.problem

    def test_of_what_was_newer(
        self, erase: Callable[..., Erased], database: Database, check: Callable[[], Verification], clock: FixedClock
    ) -> None:
        row = database.connection().execute("SELECT salt, content FROM payload WHERE seq = 0").fetchone()
        erase(before=clock.now())
        sql(database, EMPTY.format(seq=2, by=3))
        database.connection().execute(
            "UPDATE payload SET salt = ?, content = ?, erased_by = NULL WHERE seq = 0", (row[0], row[1])
        )
        assert "older ones only" in check().problem

    def test_what_was_erased_came_back_from_a_copy(
        self, erase: Callable[..., Erased], database: Database, check: Callable[[], Verification]
    ) -> None:
        row = database.connection().execute("SELECT salt, content FROM payload WHERE seq = 0").fetchone()
        erase(run_id="run_1")
        database.connection().execute(
            "UPDATE payload SET salt = ?, content = ?, erased_by = NULL WHERE seq = 0", (row[0], row[1])
        )
        found = check()
        assert (found.ok, found.problem) == (False, "entry 3 erased 1 payloads, and 0 are gone")


class TestProofs:
    def proven(self, database: Database, ledger: SqliteLedger, keys: FileKeys, seq: int) -> tuple[str, Any]:
        head = ledger.head()
        assert head is not None
        text = prove_entry(database, seq, head)
        return text, check_proof(text.encode(), ledger.origin, keys.public_key())

    def test_a_proof_holds_what_lies_apart(self, filled: SqliteLedger, database: Database, keys: FileKeys) -> None:
        _, found = self.proven(database, filled, keys, 0)
        assert found.entry == filled.read(0)

    def test_of_an_erased_one_only_the_commitment(
        self, filled: SqliteLedger, database: Database, keys: FileKeys, erase: Callable[..., Erased]
    ) -> None:
        erase(run_id="run_1")
        _, found = self.proven(database, filled, keys, 0)
        assert "args" not in found.entry.body
        assert found.entry.body["payload"]["fields"] == ["args", "request.context.args"]

    def test_a_changed_or_foreign_payload_proves_nothing(
        self, filled: SqliteLedger, database: Database, keys: FileKeys
    ) -> None:
        import base64

        for seq in (0, 1):
            text, _ = self.proven(database, filled, keys, seq)
            lines = text.split("\n")
            extra = base64.b64decode(lines[1].removeprefix("extra "))
            body = extra.partition(b"\n")[0]
            for opening in (b"\n", b"\nAAAA\n{}", b"\n" + base64.b64encode(bytes(16)) + b"\n{}", b"\n\xff"):
                lines[1] = "extra " + base64.b64encode(body + opening).decode()
                with pytest.raises(LedgerError):
                    check_proof("\n".join(lines).encode(), filled.origin, keys.public_key())
