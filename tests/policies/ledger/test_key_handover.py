"""One key of the ledger relieves another: what was signed counts on, and nothing that the old key signs later does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from opswarden.core.clock import FixedClock
from opswarden.core.database import Database
from opswarden.core.errors import BackendError, InputError, LedgerError
from opswarden.core.keys import FileKeys
from opswarden.core.ledger_keys import LedgerKeys
from opswarden.policies.ledger.anchor import anchor, parse_anchor
from opswarden.policies.ledger.checkpoint import open_checkpoint, sign_checkpoint
from opswarden.policies.ledger.key_file import goes_on, handover_note, key_file, open_key_file
from opswarden.policies.ledger.postgres import open_ledger
from opswarden.policies.ledger.proof import check_proof
from opswarden.policies.ledger.prove import prove_entry, prove_extension
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.ledger.types import LedgerEntry
from opswarden.policies.ledger.verify import verify
from opswarden.tests.postgres_peer import on_both

ORIGIN = "opswarden/ledger"


def grow(ledger: SqliteLedger, n: int = 1) -> None:
    for place in range(n):
        ledger.append([LedgerEntry("test.entry", "run_1", {"place": place})])


@pytest.fixture
def old(tmp_path: Path, keys: FileKeys) -> FileKeys:
    """The keys as somebody took them away before they changed."""
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "keys.json").write_bytes((tmp_path / "keys.json").read_bytes())
    (taken / "keys.json").chmod(0o600)
    return FileKeys(taken / "keys.json")


@on_both
def test_everything_before_and_after_is_verified(ledger: SqliteLedger, database: Database, keys: FileKeys) -> None:
    grow(ledger, 3)
    before = keys.public_key()
    line = ledger.hand_over(keys)
    grow(ledger, 2)
    assert line == keys.ledger_keys() == FileKeys(keys._path).ledger_keys()
    assert line.current != before
    assert [(key.public_key, key.last) for key in line.relieved] == [(before, 3)]
    head = ledger.head()
    assert head is not None
    found = verify(database, line, trusted_heads=[head])
    assert (found.entries, found.ok) == (5, True)
    for alone in (before, line.current):
        assert verify(database, alone).ok is False


def test_a_key_that_was_relieved_signs_nothing_later(ledger: SqliteLedger, keys: FileKeys, old: FileKeys) -> None:
    grow(ledger, 3)
    line = ledger.hand_over(keys)
    forged = sign_checkpoint(ORIGIN, 4, b"x" * 32, old)
    assert open_checkpoint(forged.note, ORIGIN, old.public_key()).size == 4
    with pytest.raises(LedgerError, match="no signature by the key"):
        open_checkpoint(forged.note, ORIGIN, line)
    early = sign_checkpoint(ORIGIN, 3, b"x" * 32, keys)
    with pytest.raises(LedgerError, match="no signature by the key"):
        open_checkpoint(early.note, ORIGIN, line)


def test_whoever_holds_the_old_keys_cannot_go_on(
    ledger: SqliteLedger, database: Database, keys: FileKeys, old: FileKeys, clock: FixedClock
) -> None:
    grow(ledger, 2)
    theirs = open_ledger(database, old, clock)
    ledger.hand_over(keys)
    grow(ledger)
    with pytest.raises(LedgerError, match="no signature by the key"):
        grow(theirs)
    grow(ledger)
    assert verify(database, keys.ledger_keys()).entries == 4


@on_both
def test_another_process_goes_on_with_the_new_key(
    ledger: SqliteLedger, database: Database, keys: FileKeys, clock: FixedClock
) -> None:
    grow(ledger)
    other_keys = FileKeys(keys._path)
    other = open_ledger(database, other_keys, clock)
    for mine, theirs in ((keys, other), (other_keys, ledger)):
        (ledger if mine is keys else other).hand_over(mine)
        grow(theirs)
        grow(ledger)
    found = verify(database, keys.ledger_keys())
    assert (found.entries, found.ok) == (5, True)
    assert [key.last for key in keys.ledger_keys().relieved] == [1, 3]


@on_both
def test_writers_and_handovers_at_once(
    ledger: SqliteLedger, database: Database, keys: FileKeys, clock: FixedClock
) -> None:
    grow(ledger)
    ledgers = [ledger, *(open_ledger(database, FileKeys(keys._path), clock) for _ in range(3))]

    def write(place: int) -> None:
        grow(ledgers[place], 12)

    with ThreadPoolExecutor(5) as pool:
        writing = [pool.submit(write, place) for place in range(4)]
        for _ in range(4):
            ledger.hand_over(keys)
            grow(ledger)
        for each in writing:
            each.result()
    found = verify(database, keys.ledger_keys())
    assert (found.entries, found.ok) == (1 + 48 + 4, True)
    lasts = [key.last for key in keys.ledger_keys().relieved]
    assert len(lasts) == 4
    assert lasts == sorted(set(lasts))


def test_nothing_changes_where_the_new_key_cannot_be_stored(
    ledger: SqliteLedger, database: Database, keys: FileKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(ledger)

    def full(*_: object) -> None:
        raise BackendError("no space")

    with monkeypatch.context() as patched:
        patched.setattr("opswarden.core.keys.replace_private", full)
        with pytest.raises(BackendError, match="no space"):
            ledger.hand_over(keys)
    grow(ledger)
    assert keys.ledger_keys() == LedgerKeys(keys.public_key())
    assert verify(database, keys.public_key()).ok


@on_both
def test_a_process_that_ends_right_after_the_key_was_stored(
    ledger: SqliteLedger, database: Database, keys: FileKeys, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(ledger, 2)
    relieve = keys.relieve

    def dies(last: int, name: Callable[[bytes], str]) -> LedgerKeys:
        relieve(last, name)
        raise KeyboardInterrupt

    monkeypatch.setattr(keys, "relieve", dies)
    with pytest.raises(KeyboardInterrupt):
        ledger.hand_over(keys)
    grow(open_ledger(database, FileKeys(keys._path), clock))
    grow(ledger)
    found = verify(database, keys.ledger_keys())
    assert (found.entries, found.ok) == (4, True)


def test_an_empty_ledger_has_no_key_to_relieve(ledger: SqliteLedger, keys: FileKeys) -> None:
    with pytest.raises(LedgerError, match="empty"):
        ledger.hand_over(keys)
    assert keys.ledger_keys().relieved == ()


def test_proofs_and_anchors_reach_over_it(
    ledger: SqliteLedger, database: Database, keys: FileKeys, tmp_path: Path
) -> None:
    grow(ledger, 3)
    first, place = ledger.head(), tmp_path / "heads"
    assert anchor(place, ledger, database, keys.ledger_keys()).size == 3
    ledger.hand_over(keys)
    grow(ledger, 3)
    newest, line = ledger.head(), keys.ledger_keys()
    assert first is not None
    assert newest is not None
    assert anchor(place, ledger, database, line).size == 6
    assert [head.size for head in parse_anchor(place.read_bytes(), ORIGIN).heads(ORIGIN, line)] == [3, 6]
    check_proof(prove_extension(database, first, newest).encode(), ORIGIN, line)
    check_proof(prove_entry(database, 1, newest).encode(), ORIGIN, line)
    with pytest.raises(LedgerError):
        check_proof(prove_entry(database, 1, newest).encode(), ORIGIN, line.relieved[0].public_key)


def lines_of(ledger: SqliteLedger, keys: FileKeys, times: int) -> list[LedgerKeys]:
    found = [keys.ledger_keys()]
    for _ in range(times):
        grow(ledger)
        found.append(ledger.hand_over(keys))
    return found


def test_a_file_of_keys_is_what_was_written(ledger: SqliteLedger, keys: FileKeys) -> None:
    lines = lines_of(ledger, keys, 3)
    for line in lines:
        assert open_key_file(key_file(ORIGIN, line)) == (ORIGIN, line)
    assert key_file(ORIGIN, lines[0]).count("\n") == 1
    for place, kept in enumerate(lines):
        assert [goes_on(line, kept) for line in lines] == [after >= place for after in range(4)]


def test_a_file_that_was_bent_is_refused(ledger: SqliteLedger, keys: FileKeys, old: FileKeys, tmp_path: Path) -> None:
    line = lines_of(ledger, keys, 2)[-1]
    whole = key_file(ORIGIN, line)
    stranger = FileKeys(tmp_path / "stranger.json")
    first, second = (key.note for key in line.relieved)
    forged = handover_note(ORIGIN, stranger.public_key(), 1, old)
    bent = {
        "cut": whole[:-60],
        "in another order": whole.replace(first, "§").replace(second, first).replace("§", second),
        "another end": whole.replace("\n2\n", "\n3\n"),
        "another key at once": key_file(ORIGIN, LedgerKeys(stranger.public_key(), line.relieved)),
        "a name that leads elsewhere": whole.replace(first, forged),
        "of another ledger": whole.replace(first, handover_note("other/ledger", line.current, 1, old)),
    }
    for how, text in bent.items():
        with pytest.raises(InputError):
            open_key_file(text)
            pytest.fail(how)
    # Whoever has the old key can name another successor; a file that was kept since tells the two apart.
    other = open_key_file(
        key_file(ORIGIN, LedgerKeys(stranger.public_key(), (line.relieved[0].__class__(old.public_key(), 1, forged),)))
    )[1]
    kept = LedgerKeys(line.relieved[1].public_key, line.relieved[:1])
    assert goes_on(line, kept)
    assert not goes_on(other, kept)
