"""Proofs against the recursive definitions of RFC 6962 2.1.1 and 2.1.2, and against everybody who bends a file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opswarden.core.clock import FixedClock
from opswarden.core.errors import InputError, LedgerError
from opswarden.core.keys import FileKeys
from opswarden.core.sqlite import SqliteDatabase
from opswarden.policies.ledger.checkpoint import (
    Checkpoint,
    open_verifier_key,
    sign_checkpoint,
    sign_note,
    verifier_key,
)
from opswarden.policies.ledger.proof import (
    MAX_PROOF_BYTES,
    ProvenEntry,
    ProvenExtension,
    check_proof,
    entry_proof,
    extension_proof,
)
from opswarden.policies.ledger.prove import leads_to, prove_entry, prove_extension
from opswarden.policies.ledger.sqlite import SqliteLedger
from opswarden.policies.ledger.tree import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    verify_consistency,
    verify_inclusion,
)
from opswarden.policies.ledger.types import LedgerEntry

# RFC 6962, word by word, on plain lists; nothing of ours.


def mth(leaves: list[bytes]) -> bytes:
    if len(leaves) == 1:
        return leaves[0]
    k = below(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def below(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = below(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], is_whole: bool) -> list[bytes]:
    n = len(leaves)
    if m == n:
        return [] if is_whole else [mth(leaves)]
    k = below(n)
    if m <= k:
        return [*subproof(m, leaves[:k], is_whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def many(size: int) -> list[bytes]:
    return [hashlib.sha256(b"\x00" + str(number).encode()).digest() for number in range(size)]


@pytest.mark.parametrize("size", range(1, 41))
def test_every_inclusion_proof_is_that_of_the_definition(size: int) -> None:
    leaves = many(size)
    root = mth(leaves)
    for index in range(size):
        proof = inclusion_proof(leaves, index)
        assert proof == path(index, leaves)
        held = [at for at in range(size) for leaf in leaves if verify_inclusion(leaf, at, size, proof, root)]
        assert held == [index]


@pytest.mark.parametrize("size", range(1, 41))
def test_every_consistency_proof_is_that_of_the_definition(size: int) -> None:
    leaves = many(size)
    root = mth(leaves)
    for old in range(1, size + 1):
        proof = consistency_proof(leaves, old)
        assert proof == subproof(old, leaves, True)
        held = [at for at in range(1, size + 1) if verify_consistency(at, size, mth(leaves[:at]), root, proof)]
        assert held == ([old] if proof else [size])


@settings(deadline=None, max_examples=60)
@given(st.integers(41, 900), st.data())
def test_proofs_of_larger_trees_are_those_of_the_definition(size: int, data: st.DataObject) -> None:
    leaves = many(size)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    assert inclusion_proof(leaves, index) == path(index, leaves)
    assert consistency_proof(leaves, old) == subproof(old, leaves, True)
    root = mth(leaves)
    assert verify_inclusion(leaves[index], index, size, path(index, leaves), root)
    assert verify_consistency(old, size, mth(leaves[:old]), root, subproof(old, leaves, True))


# Files


Fill = Callable[[int], list[Checkpoint]]


@pytest.fixture
def fill(ledger: SqliteLedger) -> Fill:
    """Appends entries one by one; gives the heads after each."""

    def append(count: int) -> list[Checkpoint]:
        heads: list[Checkpoint] = []
        for number in range(count):
            ledger.append([LedgerEntry("call.decided", "run_a", {"call_id": f"c{number}", "text": "größer"})])
            head = ledger.head()
            assert head is not None
            heads.append(head)
        return heads

    return append


def test_each_entry_is_proven_under_each_later_head(
    fill: Fill, database: SqliteDatabase, ledger: SqliteLedger, keys: FileKeys
) -> None:
    heads = fill(9)
    for head in heads:
        assert leads_to(database, head)
        for seq in range(head.size):
            found = check_proof(prove_entry(database, seq, head).encode(), ledger.origin, keys.public_key())
            assert found == ProvenEntry(ledger.read(seq), head)


def test_each_head_is_shown_to_continue_each_earlier_one(
    fill: Fill, database: SqliteDatabase, ledger: SqliteLedger, keys: FileKeys
) -> None:
    heads = fill(9)
    for new in heads:
        for old in heads[: new.size]:
            content = prove_extension(database, old, new).encode()
            assert check_proof(content, ledger.origin, keys.public_key()) == ProvenExtension(old, new)


def test_a_proof_of_an_entry_has_the_shape_of_the_specification(fill: Fill, database: SqliteDatabase) -> None:
    head = fill(5)[-1]
    top, _, note = prove_entry(database, 2, head).partition("\n\n")
    first, extra, index, *hashes = top.split("\n")
    assert (first, index, note) == ("c2sp.org/tlog-proof@v1", "index 2", head.note)
    (body,) = database.connection().execute("SELECT body FROM entry WHERE seq = 2").fetchone()
    assert base64.b64decode(extra.removeprefix("extra ")) == body.encode()
    leaves = [row["leaf"] for row in database.connection().execute("SELECT leaf FROM entry ORDER BY seq")]
    assert [base64.b64decode(one) for one in hashes] == path(2, leaves)


@pytest.mark.parametrize("kind", ["an entry", "the only entry", "an extension", "the same head"])
def test_a_single_flipped_bit_anywhere_is_refused(
    kind: str, fill: Fill, database: SqliteDatabase, ledger: SqliteLedger, keys: FileKeys
) -> None:
    heads = fill(3)
    text = {
        "an entry": lambda: prove_entry(database, 1, heads[2]),
        "the only entry": lambda: prove_entry(database, 0, heads[0]),
        "an extension": lambda: prove_extension(database, heads[0], heads[2]),
        "the same head": lambda: prove_extension(database, heads[1], heads[1]),
    }[kind]()
    content, key = text.encode(), keys.public_key()
    check_proof(content, ledger.origin, key)
    for at in range(len(content)):
        for bit in range(8):
            bent = bytearray(content)
            bent[at] ^= 1 << bit
            with pytest.raises(LedgerError):
                check_proof(bytes(bent), ledger.origin, key)


@settings(deadline=None, max_examples=200)
@given(content=st.binary(max_size=300) | st.text(max_size=300).map(str.encode), start=st.sampled_from(range(4)))
def test_whatever_is_handed_in_is_refused_in_words(content: bytes, start: int) -> None:
    first = (b"", b"c2sp.org/tlog-proof@v1\n", b"opswarden/tlog-extension@v1\n", b"c2sp.org/tlog-proof@v1\nextra ")
    with pytest.raises(LedgerError):
        check_proof(first[start] + content, "opswarden/ledger", bytes(32))


def test_a_cut_or_lengthened_proof_is_refused(
    fill: Fill, database: SqliteDatabase, ledger: SqliteLedger, keys: FileKeys
) -> None:
    heads = fill(4)
    for text in (prove_entry(database, 2, heads[3]), prove_extension(database, heads[1], heads[3])):
        content = text.encode()
        bent = [content[:end] for end in range(len(content))]
        bent += [content + more for more in (b"\n", b" ", b"\x00", b"\n\n", content)]
        for one in bent:
            with pytest.raises(LedgerError):
                check_proof(one, ledger.origin, keys.public_key())


def test_sizes_are_limited(keys: FileKeys) -> None:
    with pytest.raises(LedgerError, match="too large"):
        check_proof(bytes(MAX_PROOF_BYTES + 1), "a", keys.public_key())
    note = sign_checkpoint("a", 2**62, bytes(32), keys).note
    for text in (entry_proof(b"{}", 0, [bytes(32)] * 200, note), extension_proof([bytes(32)] * 200, note, note)):
        with pytest.raises(LedgerError, match="cannot be read"):
            check_proof(text.encode(), "a", keys.public_key())


def test_a_proof_signed_by_another_key_or_for_another_ledger_is_refused(
    fill: Fill, database: SqliteDatabase, ledger: SqliteLedger, keys: FileKeys, tmp_path: Path
) -> None:
    content = prove_entry(database, 0, fill(2)[-1]).encode()
    with pytest.raises(LedgerError):
        check_proof(content, ledger.origin, FileKeys(tmp_path / "other.json").public_key())
    with pytest.raises(LedgerError):
        check_proof(content, "other/ledger", keys.public_key())


def test_an_entry_under_another_index_is_refused(ledger: SqliteLedger, keys: FileKeys) -> None:
    """Even with the ledger's key nobody shows an entry at a place that its body does not name."""
    bodies = [b'{"body":{},"kind":"a","run_id":"r","seq":5,"ts":"2026-01-01T00:00:00.000Z"}', b"{}"]
    leaves = [leaf_hash(body) for body in bodies]
    note = sign_checkpoint(ledger.origin, 2, mth(leaves), keys).note
    content = entry_proof(bodies[0], 0, path(0, leaves), note).encode()
    with pytest.raises(LedgerError, match="another place"):
        check_proof(content, ledger.origin, keys.public_key())


def test_a_witness_may_have_signed_the_head_too(
    fill: Fill, database: SqliteDatabase, ledger: SqliteLedger, keys: FileKeys, tmp_path: Path
) -> None:
    head = fill(3)[-1]
    text = head.note.split("\n\n")[0] + "\n"
    line = sign_note(text, "witness.example", FileKeys(tmp_path / "witness.json")).split("\n\n")[1]
    signed = Checkpoint(head.origin, head.size, head.root, head.note + line)
    found = check_proof(prove_entry(database, 1, signed).encode(), ledger.origin, keys.public_key())
    assert isinstance(found, ProvenEntry)
    assert found.head.note.endswith(line)


# What cannot be proven


def test_a_head_that_does_not_cover_the_entry_proves_nothing(fill: Fill, database: SqliteDatabase) -> None:
    heads = fill(3)
    with pytest.raises(InputError, match="covers 2 entries, not entry 2"):
        prove_entry(database, 2, heads[1])
    with pytest.raises(InputError, match="covers 3 entries, the newer one 2"):
        prove_extension(database, heads[2], heads[1])


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE entry SET body = replace(body, 'c1', 'c9') WHERE seq = 1",
        "UPDATE entry SET leaf = zeroblob(32) WHERE seq = 1",
        "DELETE FROM entry WHERE seq = 1",
        "DELETE FROM entry WHERE seq = 3",
    ],
)
def test_no_proof_is_made_from_a_ledger_that_was_changed(change: str, fill: Fill, database: SqliteDatabase) -> None:
    heads = fill(5)
    database.connection().execute(change)
    with pytest.raises(LedgerError):
        prove_entry(database, 0 if "leaf" in change else 1, heads[-1])
    if "body" not in change:  # the leaves still lead there; `verify` reads the bodies
        assert not leads_to(database, heads[-1])
        with pytest.raises(LedgerError, match="rewritten"):
            prove_extension(database, heads[0], heads[-1])


def test_a_ledger_that_was_written_anew_does_not_continue_the_old_head(
    fill: Fill, keys: FileKeys, clock: FixedClock, tmp_path: Path
) -> None:
    old = fill(3)[1]
    fresh = SqliteDatabase(tmp_path / "anew.sqlite")
    ledger = SqliteLedger(fresh, keys, clock)
    ledger.append([LedgerEntry("call.decided", "run_b", {"n": n}) for n in range(5)])
    head = ledger.head()
    assert head is not None
    with pytest.raises(LedgerError, match="rewritten"):
        prove_extension(fresh, old, head)
    fresh.close()


# The key


def test_a_public_key_is_one_word(keys: FileKeys) -> None:
    word = verifier_key("opswarden/ledger", keys.public_key())
    assert open_verifier_key(word + "\n") == ("opswarden/ledger", keys.public_key())
    for at in range(len(word)):
        bent = bytearray(word.encode())
        bent[at] ^= 1
        with pytest.raises(InputError, match="no public key"):
            open_verifier_key(bent.decode(errors="replace"))


NAMED_BADLY = [verifier_key(name, bytes(32)) for name in ("", "two words", "a\u202eb", "a\x9b")]


@pytest.mark.parametrize("text", ["", "a", "a+b", "a+b+c", "+00000000+AQ==", "a+" * 500, *NAMED_BADLY])
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no public key"):
        open_verifier_key(text)
