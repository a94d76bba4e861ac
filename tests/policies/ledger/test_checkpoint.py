from __future__ import annotations

import base64
from pathlib import Path

import pytest

from opswarden.core.errors import LedgerError
from opswarden.core.keys import FileKeys
from opswarden.policies.ledger.checkpoint import (
    check_origin,
    key_id,
    open_checkpoint,
    open_note,
    sign_checkpoint,
    sign_note,
    verifier_key,
)
from opswarden.policies.ledger.tree import leaf_hash

ROOT = leaf_hash(b"root")
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

# The example of the signed-note format in golang.org/x/mod/sumdb/note.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PETER_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def peters_key() -> bytes:
    return base64.b64decode(PETER.split("+", 2)[2])[1:]


def test_the_published_example_of_a_signed_note_opens() -> None:
    assert open_note(PETER_NOTE, "PeterNeumann", peters_key()).startswith("If you think")
    assert verifier_key("PeterNeumann", peters_key()) == PETER


def test_a_checkpoint_has_the_shape_of_the_specification(keys: FileKeys) -> None:
    checkpoint = sign_checkpoint("opswarden/ledger", 7, ROOT, keys)
    lines = checkpoint.note.split("\n")
    assert lines[:4] == ["opswarden/ledger", "7", base64.b64encode(ROOT).decode(), ""]
    signature = base64.b64decode(lines[4].removeprefix("— opswarden/ledger "))
    assert signature[:4] == key_id("opswarden/ledger", keys.public_key())
    assert len(signature) == 4 + 64
    assert lines[5:] == [""]
    assert open_checkpoint(checkpoint.note, "opswarden/ledger", keys.public_key()) == checkpoint


def test_signatures_of_others_are_ignored_but_ours_must_be_there(keys: FileKeys, tmp_path: Path) -> None:
    others = FileKeys(tmp_path / "other.json")
    note = sign_checkpoint("a", 1, ROOT, keys).note
    witness = sign_note("a\n1\n" + base64.b64encode(ROOT).decode() + "\n", "witness.example", others).split("\n\n")[1]
    assert open_checkpoint(note + witness, "a", keys.public_key()).size == 1
    with pytest.raises(LedgerError, match="no signature by the key"):
        open_checkpoint(note.split("\n\n")[0] + "\n\n" + witness, "a", keys.public_key())


def bent(note: str) -> dict[str, str]:
    head, tail = note.split("\n\n")
    name, encoded = tail[2:].rstrip("\n").split(" ")
    raw = bytearray(base64.b64decode(encoded))
    raw[20] ^= 1
    flipped = base64.b64encode(bytes(raw)).decode()
    return {
        "another size": note.replace("\n5\n", "\n6\n"),
        "a leading zero": note.replace("\n5\n", "\n05\n"),
        "another root": note.replace(base64.b64encode(ROOT).decode(), base64.b64encode(leaf_hash(b"x")).decode()),
        "a flipped bit in the signature": f"{head}\n\n— {name} {flipped}\n",
        "a cut signature": f"{head}\n\n— {name} {base64.b64encode(bytes(raw[:40])).decode()}\n",
        "no signature": head + "\n\n",
        "no empty line": note.replace("\n\n", "\n"),
        "no end": note.rstrip("\n"),
        "a hyphen for the dash": note.replace("—", "-"),
        "a control character": note.replace("5", "5\r"),
        "other base64 of the same bytes": note[:-3] + ALPHABET[ALPHABET.index(note[-3]) + 1] + "=\n",
        "nothing": "",
    }


@pytest.mark.parametrize("case", bent("a\n5\n" + base64.b64encode(ROOT).decode() + "\n\n— a " + "A" * 91 + "=\n"))
def test_a_bent_note_does_not_open(case: str, keys: FileKeys) -> None:
    note = sign_checkpoint("a", 5, ROOT, keys).note
    spoilt = bent(note)[case]
    assert spoilt != note
    with pytest.raises(LedgerError):
        open_checkpoint(spoilt, "a", keys.public_key())


def test_neither_another_key_nor_another_origin_opens_it(keys: FileKeys, tmp_path: Path) -> None:
    note = sign_checkpoint("a", 5, ROOT, keys).note
    with pytest.raises(LedgerError):
        open_checkpoint(note, "a", FileKeys(tmp_path / "other.json").public_key())
    with pytest.raises(LedgerError):
        open_checkpoint(note, "b", keys.public_key())
    # A note that our key signed under its name, but whose text is no checkpoint of ours.
    with pytest.raises(LedgerError, match="no checkpoint of"):
        open_checkpoint(sign_note("b\n5\n" + base64.b64encode(ROOT).decode() + "\n", "a", keys), "a", keys.public_key())
    with pytest.raises(LedgerError, match="size or root"):
        open_checkpoint(
            sign_note("a\n05\n" + base64.b64encode(ROOT).decode() + "\n", "a", keys), "a", keys.public_key()
        )


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "a\nb", "a\u2003b"])
def test_an_origin_is_one_word(origin: str) -> None:
    with pytest.raises(ValueError, match="one word"):
        check_origin(origin)
