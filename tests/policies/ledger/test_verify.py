"""Every attack of the tamper table, each on a copy of a real ledger file, with and without a head kept elsewhere."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from opswarden.core.clock import FixedClock
from opswarden.core.errors import InputError
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies.ledger.checkpoint import Checkpoint
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.ledger.tree import CompactRange, leaf_hash
from opswarden.policies.ledger.types import LedgerEntry
from opswarden.policies.ledger.verify import Verification, verify

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BATCHES = (1, 2, 1, 3, 1, 2)  # entries per transaction: heads at 1, 3, 4, 7, 8, 10
ENTRIES = sum(BATCHES)
BIT_FLIPS = 60


@dataclass(frozen=True)
class Original:
    """A ledger file of ten entries, its keys, and heads that were kept elsewhere."""

    folder: Path
    public_key: bytes
    heads: dict[int, Checkpoint]

    def copy(self, to: Path) -> Path:
        return Path(shutil.copy(self.folder / "ledger.sqlite", to / "copy.sqlite"))

    def keys(self) -> FileKeys:
        return FileKeys(self.folder / "keys.json")


def body(number: int) -> dict[str, str | int]:
    return {"call_id": f"c{number}", "tool": "metrics.query", "decision": "deny", "n": number}


def write(path: Path, keys: FileKeys, numbers: list[int], batches: tuple[int, ...]) -> dict[int, Checkpoint]:
    clock = FixedClock(START)
    database = SqliteDatabase(path)
    ledger = SqliteLedger(database, keys, clock)
    heads: dict[int, Checkpoint] = {}
    left = iter(numbers)
    for count in batches:
        ledger.append([LedgerEntry("call.decided", "run_a", body(next(left))) for _ in range(count)])
        head = ledger.head()
        assert head is not None
        heads[head.size] = head
        clock.advance(60)
    database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return heads


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Original:
    folder = tmp_path_factory.mktemp("original")
    keys = FileKeys(folder / "keys.json")
    heads = write(folder / "ledger.sqlite", keys, list(range(ENTRIES)), BATCHES)
    return Original(folder, keys.public_key(), heads)


def check(path: Path, original: Original, trusted: tuple[int, ...] = ()) -> Verification:
    database = SqliteDatabase(path)
    try:
        return verify(database, original.public_key, trusted_heads=[original.heads[size] for size in trusted])
    finally:
        database.close()


def edited(connection: sqlite3.Connection, seq: int) -> str:
    found: str = connection.execute("SELECT body FROM entry WHERE seq = ?", (seq,)).fetchone()[0]
    changed = found.replace('"decision":"deny"', '"decision":"allow"')
    assert changed != found
    return changed


def edit_body(connection: sqlite3.Connection, _original: Original) -> None:
    connection.execute("UPDATE entry SET body = ? WHERE seq = 5", (edited(connection, 5),))


def edit_body_and_leaf(connection: sqlite3.Connection, _original: Original) -> None:
    changed = edited(connection, 5)
    connection.execute("UPDATE entry SET body = ?, leaf = ? WHERE seq = 5", (changed, leaf_hash(changed.encode())))


def edit_body_leaf_and_frontier(connection: sqlite3.Connection, original: Original) -> None:
    edit_body_and_leaf(connection, original)
    rebuild_frontier(connection)


def rebuild_frontier(connection: sqlite3.Connection) -> None:
    tree = CompactRange()
    for row in connection.execute("SELECT leaf FROM entry ORDER BY seq").fetchall():
        tree.append(row[0])
    connection.execute("UPDATE frontier SET size = ?, hashes = ?", (tree.size, tree.to_bytes()))


def edit_leaf(connection: sqlite3.Connection, _original: Original) -> None:
    connection.execute("UPDATE entry SET leaf = zeroblob(32) WHERE seq = 5")


def delete_middle(connection: sqlite3.Connection, _original: Original) -> None:
    connection.execute("DELETE FROM entry WHERE seq = 5")


def delete_and_close_up(connection: sqlite3.Connection, _original: Original) -> None:
    connection.execute("DELETE FROM entry WHERE seq = 5")
    connection.execute("UPDATE entry SET seq = seq - 1 WHERE seq > 5")
    rebuild_frontier(connection)


def swap(connection: sqlite3.Connection, _original: Original) -> None:
    connection.execute("UPDATE entry SET seq = 100 WHERE seq = 5")
    connection.execute("UPDATE entry SET seq = 5 WHERE seq = 6")
    connection.execute("UPDATE entry SET seq = 6 WHERE seq = 100")


def swap_with_places_mended(connection: sqlite3.Connection, _original: Original) -> None:
    bodies = dict(connection.execute("SELECT seq, body FROM entry WHERE seq IN (5, 6)").fetchall())
    for seq, other in ((5, 6), (6, 5)):
        changed = bodies[other].replace(f'"seq":{other}', f'"seq":{seq}')
        connection.execute(
            "UPDATE entry SET body = ?, leaf = ? WHERE seq = ?", (changed, leaf_hash(changed.encode()), seq)
        )


def insert_at_end(connection: sqlite3.Connection, _original: Original) -> None:
    text = connection.execute("SELECT body FROM entry WHERE seq = 9").fetchone()[0].replace('"seq":9', '"seq":10')
    connection.execute("INSERT INTO entry VALUES (10, ?, ?)", (leaf_hash(text.encode()), text))
    rebuild_frontier(connection)


def truncate_entries(connection: sqlite3.Connection, _original: Original) -> None:
    connection.execute("DELETE FROM entry WHERE seq >= 8")
    rebuild_frontier(connection)


def truncate_at_a_head(connection: sqlite3.Connection, original: Original) -> None:
    truncate_entries(connection, original)
    connection.execute("DELETE FROM checkpoint WHERE size > 8")


def truncate_between_heads(connection: sqlite3.Connection, _original: Original) -> None:
    connection.execute("DELETE FROM entry WHERE seq >= 9")
    connection.execute("DELETE FROM checkpoint WHERE size > 9")
    rebuild_frontier(connection)


def truncate_between_heads_that_stay(connection: sqlite3.Connection, _original: Original) -> None:
    connection.execute("DELETE FROM entry WHERE seq >= 9")


def delete_everything(connection: sqlite3.Connection, _original: Original) -> None:
    for statement in ("DELETE FROM entry", "DELETE FROM checkpoint", "DELETE FROM frontier"):
        connection.execute(statement)


def delete_heads(connection: sqlite3.Connection, _original: Original) -> None:
    connection.execute("DELETE FROM checkpoint")


def replace_a_head(connection: sqlite3.Connection, _original: Original) -> None:
    note = connection.execute("SELECT note FROM checkpoint WHERE size = 4").fetchone()[0]
    connection.execute("UPDATE checkpoint SET note = ? WHERE size = 7", (note,))


def spoil_a_signature(connection: sqlite3.Connection, _original: Original) -> None:
    note = connection.execute("SELECT note FROM checkpoint WHERE size = 4").fetchone()[0]
    place = len(note) - 20
    spoilt = note[:place] + ("A" if note[place] != "A" else "B") + note[place + 1 :]
    connection.execute("UPDATE checkpoint SET note = ? WHERE size = 4", (spoilt,))


def spoil_the_newest_signature(connection: sqlite3.Connection, _original: Original) -> None:
    connection.execute("UPDATE checkpoint SET note = replace(note, '— ', '- ') WHERE size = 10")


def spoil_the_frontier(connection: sqlite3.Connection, _original: Original) -> None:
    connection.execute("UPDATE frontier SET hashes = zeroblob(64)")


def hide_from_the_index(connection: sqlite3.Connection, _original: Original) -> None:
    """`tail(run_id=…)` would pass over the entry, though the table still has it."""
    connection.execute("DROP INDEX entry_by_run")
    connection.execute("CREATE INDEX entry_by_run ON entry (run_id, seq) WHERE seq <> 5")
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_schema SET sql = replace(sql, ' WHERE seq <> 5', '') WHERE name = 'entry_by_run'")


def rewrite(connection: sqlite3.Connection, keys: FileKeys, tmp: Path, numbers: list[int]) -> None:
    """A whole new history, written by the real writer with these keys, put in place of the old one."""
    write(tmp / "forged.sqlite", keys, numbers, BATCHES)
    connection.execute("ATTACH ? AS forged", (str(tmp / "forged.sqlite"),))
    for statement in (
        "DELETE FROM main.entry",
        "DELETE FROM main.checkpoint",
        "DELETE FROM main.frontier",
        "INSERT INTO main.entry (seq, leaf, body) SELECT seq, leaf, body FROM forged.entry",
        "INSERT INTO main.checkpoint SELECT * FROM forged.checkpoint",
        "INSERT INTO main.frontier SELECT * FROM forged.frontier",
    ):
        connection.execute(statement)


FORGED = [0, 1, 2, 3, 4, 55, 6, 7, 8, 9]


def rewrite_with_another_key(connection: sqlite3.Connection, original: Original) -> None:
    tmp = Path(connection.execute("PRAGMA database_list").fetchone()[2]).parent
    rewrite(connection, FileKeys(tmp / "attacker.json"), tmp, FORGED)


def rewrite_with_the_stolen_key(connection: sqlite3.Connection, original: Original) -> None:
    tmp = Path(connection.execute("PRAGMA database_list").fetchone()[2]).parent
    rewrite(connection, original.keys(), tmp, FORGED)


Attack = Callable[[sqlite3.Connection, Original], None]
# attack, first bad entry named without and with a head of size 10 kept elsewhere, words of the answer.
# A head proves its entries together: where a hash was mended too, the first entry since the last good head is named.
TABLE: list[tuple[Attack, int | None, str]] = [
    (edit_body, 5, "entry 5 does not match its hash"),
    (edit_leaf, 5, "entry 5 does not match its hash"),
    (edit_body_and_leaf, 4, "entries 4 to 6 are not the ones"),
    (edit_body_leaf_and_frontier, 4, "entries 4 to 6 are not the ones"),
    (delete_middle, 5, "entry 5 is missing"),
    (delete_and_close_up, 5, "entry 5 holds the body of another place"),
    (swap, 5, "entry 5 holds the body of another place"),
    (swap_with_places_mended, 4, "entries 4 to 6 are not the ones"),
    (insert_at_end, 10, "entries 10 to 10 are not signed"),
    (truncate_entries, 8, "the end was cut off"),
    (truncate_between_heads, 8, "entries 8 to 8 are not signed"),
    (truncate_between_heads_that_stay, 8, "the ledger ends after 9 entries"),
    (delete_heads, 0, "entries 0 to 9 are not signed"),
    (replace_a_head, None, "a head of size 4 is stored as the one of size 7"),
    (spoil_a_signature, None, "the head of size 4 is not ours or damaged"),
    (spoil_the_newest_signature, 8, "entries 8 to 9 are not signed"),
    (spoil_the_frontier, None, "the frontier does not fit"),
    (hide_from_the_index, None, "row 6 missing from index entry_by_run"),
    (rewrite_with_another_key, 0, "no signature by the key"),
]

# Where a trusted head of size 10 changes the answer: it proves entries, or finds out first.
WITH_HEAD: dict[Attack, tuple[int | None, str]] = {
    rewrite_with_another_key: (0, "a trusted head of size 10"),
    truncate_between_heads: (8, "the ledger ends after 9 entries, a trusted head covers 10"),
    delete_heads: (None, "no signed head covers the entries after 0"),
    spoil_the_newest_signature: (None, "the head of size 10 is not ours or damaged"),
}


@pytest.mark.parametrize("with_head", [False, True], ids=["alone", "with a trusted head"])
@pytest.mark.parametrize(("attack", "first_bad", "words"), TABLE, ids=[row[0].__name__ for row in TABLE])
def test_an_attack_is_found_and_the_first_bad_entry_named(
    original: Original, tmp_path: Path, attack: Attack, first_bad: int | None, words: str, with_head: bool
) -> None:
    path = original.copy(tmp_path)
    tamper(path, attack, original)
    found = check(path, original, (10,) if with_head else ())
    assert not found.ok
    if with_head:
        first_bad, words = WITH_HEAD.get(attack, (first_bad, words))
    assert words in found.problem
    assert found.first_bad == first_bad
    assert found.describe(START).startswith("BAD")
    if first_bad is not None:
        assert f"first bad entry: {first_bad}" in found.describe(START)


def tamper(path: Path, attack: Attack, original: Original) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    attack(connection, original)
    connection.close()


# What only a head from outside can tell: (attack, entries left, first bad entry once the head of size 10 is known)
ONLY_OUTSIDE = [(truncate_at_a_head, 8, 8), (rewrite_with_the_stolen_key, 10, 0), (delete_everything, 0, 0)]


@pytest.mark.parametrize(("attack", "left", "first_bad"), ONLY_OUTSIDE, ids=[row[0].__name__ for row in ONLY_OUTSIDE])
def test_what_only_an_outside_head_shows_is_never_called_ok_without_one(
    original: Original, tmp_path: Path, attack: Attack, left: int, first_bad: int
) -> None:
    path = original.copy(tmp_path)
    tamper(path, attack, original)
    alone = check(path, original)
    assert (alone.ok, alone.is_anchored, alone.entries) == (True, False, left)
    assert not alone.describe(START).startswith("OK")
    known = check(path, original, (10,))
    assert (known.ok, known.first_bad) == (False, first_bad)
    # A head that is older than the attack cannot tell, and the answer does not pretend that it could.
    if attack is truncate_at_a_head:
        older = check(path, original, (7,))
        assert (older.ok, older.is_anchored, older.anchored_size) == (True, False, 7)


def test_a_head_from_before_the_forgery_bounds_the_first_bad_entry(original: Original, tmp_path: Path) -> None:
    path = original.copy(tmp_path)
    tamper(path, rewrite_with_the_stolen_key, original)
    assert check(path, original, (4,)).ok  # entries 0 to 3 are as they were
    found = check(path, original, (10, 4))
    assert (found.ok, found.first_bad) == (False, 4)
    assert "rewritten with the ledger's own key" in found.problem


def test_an_untouched_ledger_is_ok_only_where_a_trusted_head_covers_everything(original: Original) -> None:
    path = original.folder / "ledger.sqlite"
    later = START + timedelta(hours=3)
    alone = check(path, original)
    assert (alone.ok, alone.entries, alone.anchored_size, alone.is_anchored) == (True, 10, 0, False)
    assert alone.unanchored_since == START
    assert alone.describe(later).startswith("UNANCHORED: 10 entries")
    assert "the last 10 since 2026-03-01T12:00:00.000Z (3 h)" in alone.describe(later)
    partly = check(path, original, (4, 1))
    assert (partly.anchored_size, partly.is_anchored) == (4, False)
    assert partly.unanchored_since == START + timedelta(minutes=3)
    wholly = check(path, original, (10,))
    assert wholly.describe(later) == "OK: 10 entries, all covered by a trusted head"
    assert wholly.unanchored_since is None


def test_a_trusted_head_of_another_ledger_is_refused(original: Original) -> None:
    database = SqliteDatabase(original.folder / "ledger.sqlite")
    stray = Checkpoint("somebody/else", 10, original.heads[10].root, "")
    with pytest.raises(InputError, match="somebody/else"):
        verify(database, original.public_key, trusted_heads=[stray])
    database.close()


def test_an_empty_ledger_is_no_ok(ledger: SqliteLedger, database: SqliteDatabase, keys: FileKeys) -> None:
    found = verify(database, keys.public_key())
    assert (found.ok, found.entries) == (True, 0)
    assert found.describe(START).startswith("empty")


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
def test_a_file_that_is_no_ledger_is_bad(tmp_path: Path, keys: FileKeys, content: bytes) -> None:
    path = tmp_path / "strange.sqlite"
    path.write_bytes(content)
    database = SqliteDatabase(path)
    found = verify(database, keys.public_key())
    assert not found.ok
    assert found.problem
    database.close()


def test_intents_without_outcome_and_the_policies_in_force_are_listed(
    ledger: SqliteLedger, database: SqliteDatabase, keys: FileKeys
) -> None:
    def decided(call: str, decision: str = "allow", **more: str | bool) -> dict[str, str | bool]:
        return {"call_id": call, "tool": "rollouts.rollback", "decision": decision, "policy_hash": "p1", **more}

    ledger.append(
        [
            LedgerEntry("call.decided", "run_a", decided("done")),
            LedgerEntry("call.decided", "run_a", decided("lost")),
            LedgerEntry("call.decided", "run_a", decided("asked", "ask")),
            LedgerEntry("call.decided", "run_a", decided("refused", "deny", policy_hash="p2")),
            LedgerEntry("call.decided", "run_a", decided("watched", will_run=False)),
            LedgerEntry("call.outcome", "run_a", {"call_id": "done", "status": "ok"}),
            LedgerEntry("call.outcome", "run_b", {"call_id": "lost", "status": "ok"}),  # another run's
            LedgerEntry("prompt.outcome", "run_a", {"call_id": "lost"}),  # another verb's
            LedgerEntry("tell.decided", "run_a", {"call_id": "told", "decision": "allow", "policy_hash": "p1"}),
        ]
    )
    found = verify(database, keys.public_key())
    assert [(one.seq, one.run_id, one.call_id, one.tool) for one in found.missing_outcomes] == [
        (1, "run_a", "lost", "rollouts.rollback"),
        (8, "run_a", "told", ""),
    ]
    assert found.policy_hashes == ("p1", "p2")
    assert found.ok


def test_an_intent_that_waited_in_the_journal_is_closed_by_the_outcome_before_it(
    ledger: SqliteLedger, database: SqliteDatabase, keys: FileKeys
) -> None:
    decided = {"call_id": "c1", "tool": "logs.search", "decision": "allow"}
    ledger.append([LedgerEntry("call.outcome", "run_a", {"call_id": "c1", "status": "ok"})])
    ledger.append([LedgerEntry("call.decided", "run_a", decided, START)])
    assert verify(database, keys.public_key()).missing_outcomes == ()
    ledger.append([LedgerEntry("call.decided", "run_a", decided)])  # no journal: a new intent of the same name
    assert [one.seq for one in verify(database, keys.public_key()).missing_outcomes] == [2]


def test_writers_may_go_on_while_the_ledger_is_verified(
    ledger: SqliteLedger, tmp_path: Path, keys: FileKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The walk sees one snapshot: an entry that comes in the middle is neither unsigned nor beyond the last head."""
    ledger.append([LedgerEntry("call.decided", "run_a", body(number)) for number in range(3)])
    reader = SqliteDatabase(tmp_path / "ledger.sqlite")
    appended = []

    def slow_hash(content: bytes) -> bytes:
        if not appended:
            appended.append(ledger.append([LedgerEntry("call.decided", "run_a", body(3))]))
        return leaf_hash(content)

    monkeypatch.setattr("opswarden.policies.ledger.verify.leaf_hash", slow_hash)
    found = verify(reader, keys.public_key())
    assert (found.ok, found.entries) == (True, 3)
    monkeypatch.undo()
    assert verify(reader, keys.public_key()).entries == 4
    reader.close()


def readable_truth(path: Path) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT seq, leaf, body, run_id, tool FROM entry ORDER BY seq").fetchall()
    finally:
        connection.close()


@pytest.mark.parametrize("seed", range(BIT_FLIPS))
def test_a_flipped_bit_is_reported_or_harmless(original: Original, tmp_path: Path, seed: int) -> None:
    flip_and_check(original, tmp_path, seed)


@pytest.mark.soak
@pytest.mark.parametrize("start", range(1_000, 3_000, 500))
def test_two_thousand_more_are_reported_or_harmless(original: Original, tmp_path: Path, start: int) -> None:
    for seed in range(start, start + 500):
        flip_and_check(original, tmp_path, seed)


def flip_and_check(original: Original, tmp_path: Path, seed: int) -> None:
    """Anywhere in the file. Harmless means: every entry reads as it was written, by place and by run."""
    path = original.copy(tmp_path)
    content = bytearray(path.read_bytes())
    random_source = random.Random(seed)
    place = random_source.randrange(len(content) * 8)
    content[place // 8] ^= 1 << (place % 8)
    path.write_bytes(bytes(content))
    found = check(path, original)
    if found.ok:
        assert found.entries == ENTRIES
        assert readable_truth(path) == readable_truth(original.folder / "ledger.sqlite")
        connection = sqlite3.connect(path)
        by_run = connection.execute("SELECT count(*) FROM entry INDEXED BY entry_by_run WHERE run_id = 'run_a'")
        assert by_run.fetchone()[0] == ENTRIES
        connection.close()
