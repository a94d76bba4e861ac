"""Proofs that stand by themselves: an entry is under a signed head, or a signed head continues an older one.

Whoever checks one needs the file and the public key of the ledger, and neither the ledger nor its machine.

Source: github.com/C2SP/C2SP, tlog-proof.md, for entries; its `extra` line holds the body of the entry as it was hashed,
and behind a line break what lies apart from it: salt and content, which the body commits to.
No such format exists for two heads; ours looks like it: a first line, the hashes, the older note, the newer note.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...core.errors import LedgerError
from ...core.ledger_keys import PublicKeys
from .checkpoint import Checkpoint, decode_base64, open_checkpoint
from .payloads import Kept, Payload, commitment_in, whole
from .record import decode
from .tree import HASH_BYTES, leaf_hash, verify_consistency, verify_inclusion
from .types import StoredEntry

MAX_PROOF_BYTES = 16 * 2**20
"""An entry is kilobytes, a proof of it a third more; anything larger is no proof of ours."""

_ENTRY = "c2sp.org/tlog-proof@v1"
_EXTENSION = "opswarden/tlog-extension@v1"
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")
_MAX_HASHES = 128  # a tree of 2**63 leaves needs no more


@dataclass(frozen=True)
class ProvenEntry:
    """An entry that is shown to be under a signed head."""

    entry: StoredEntry
    head: Checkpoint


@dataclass(frozen=True)
class ProvenExtension:
    """Two signed heads, of which the newer is shown to begin with all that the older covers."""

    old: Checkpoint
    new: Checkpoint


def entry_proof(body: bytes, index: int, hashes: Sequence[bytes], note: str, payload: Payload | None = None) -> str:
    """The file that proves one entry.

    Args:
        body: of the entry, exactly as it was hashed.
        index: its place.
        hashes: the inclusion proof, lowest first.
        note: the signed head.
        payload: what lies apart from the entry; without it the proof holds its commitment alone.
    """
    opening = b"" if payload is None else b"\n" + base64.b64encode(payload.salt) + b"\n" + payload.content
    extra = f"extra {base64.b64encode(body + opening).decode()}"
    return "\n".join([_ENTRY, extra, f"index {index}", *hash_lines(hashes), "", note])


def extension_proof(hashes: Sequence[bytes], old_note: str, new_note: str) -> str:
    """The file that proves that one signed head continues another.

    Args:
        hashes: the consistency proof, lowest first.
        old_note: the older signed head.
        new_note: the newer one.
    """
    return "\n".join([_EXTENSION, *hash_lines(hashes), "", old_note, new_note])


def check_proof(content: bytes, origin: str, public_keys: PublicKeys) -> ProvenEntry | ProvenExtension:
    """What a file proves.

    Args:
        content: the file, byte by byte.
        origin: the name of the ledger.
        public_keys: of the ledger, from somewhere that whoever made the proof cannot change.

    Raises:
        LedgerError: it proves nothing: it was changed, it is of another ledger, or it is no proof at all.
    """
    if len(content) > MAX_PROOF_BYTES:
        raise LedgerError("this is no proof: it is too large")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise LedgerError("this is no proof: it is no text") from None
    first, _, rest = text.partition("\n")
    if first == _ENTRY:
        return _check_entry(rest, origin, public_keys)
    if first == _EXTENSION:
        return _check_extension(rest, origin, public_keys)
    raise LedgerError("this is no proof of a ledger", remedy="hand in a file that `opswarden audit prove` wrote")


def _check_entry(text: str, origin: str, public_keys: PublicKeys) -> ProvenEntry:
    top, _, note = text.partition("\n\n")
    extra, _, rest = top.partition("\n")
    place, *lines = rest.split("\n")
    number = place.removeprefix("index ")
    if not extra.startswith("extra ") or number == place or not _NUMBER.fullmatch(number):
        raise LedgerError("the proof names no entry, or does not hold it")
    # Canonical JSON holds no line break.
    body, parting, opening = decode_base64(extra.removeprefix("extra ")).partition(b"\n")
    index = int(number)
    head = open_checkpoint(note, origin, public_keys)
    if not verify_inclusion(leaf_hash(body), index, head.size, _hashes(lines), head.root):
        raise LedgerError("the proof does not lead from the entry to the signed head")
    entry = decode(index, leaf_hash(body), body)
    if not parting:
        return ProvenEntry(entry, head)
    salt, _, content = opening.partition(b"\n")
    if commitment_in(entry.body) is None:
        raise LedgerError("the proof holds a payload to which the entry does not commit")
    payload = Payload(decode_base64(salt.decode("ascii", "replace")), content)
    return ProvenEntry(whole(entry, Kept(payload, None)), head)


def _check_extension(text: str, origin: str, public_keys: PublicKeys) -> ProvenExtension:
    # Without a hash the first line is followed by the empty one at once.
    top, _, rest = text.partition("\n") if text.startswith("\n") else text.partition("\n\n")
    parts = rest.split("\n\n")
    if len(parts) != 4:
        raise LedgerError("the proof does not hold two signed heads")
    old = open_checkpoint(f"{parts[0]}\n\n{parts[1]}\n", origin, public_keys)
    new = open_checkpoint(f"{parts[2]}\n\n{parts[3]}", origin, public_keys)
    hashes = _hashes(top.split("\n") if top else [])
    if not verify_consistency(old.size, new.size, old.root, new.root, hashes):
        raise LedgerError("the proof does not show that the newer head continues the older one")
    return ProvenExtension(old, new)


def hash_lines(hashes: Sequence[bytes]) -> list[str]:
    """Hashes as the formats of C2SP write them, one a line, without line breaks."""
    return [base64.b64encode(one).decode() for one in hashes]


def _hashes(lines: Sequence[str]) -> list[bytes]:
    hashes = [decode_base64(line) for line in lines[: _MAX_HASHES + 1]]
    if len(hashes) > _MAX_HASHES or any(len(one) != HASH_BYTES for one in hashes):
        raise LedgerError("a hash of the proof cannot be read")
    return hashes
