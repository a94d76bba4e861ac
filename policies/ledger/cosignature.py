"""Cosignatures: a witness signs a head together with the moment at which it had seen nothing that contradicts it.

Source: github.com/C2SP/C2SP, tlog-cosignature.md (Ed25519, `cosignature/v1`, kind of key 0x04).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ...core.errors import LedgerError
from ...core.keys import KeyProvider
from .checkpoint import COSIGNER, is_good_signature, key_id, signature_of

_KEY_ID_BYTES = 4
_TIME_BYTES = 8
_SIGNATURE_BYTES = 64
_MOST_LINES = 64  # of one note; the file of heads reads no more
_LATEST_S = 253_402_300_799  # the last second of the year 9999, which is as far as a datetime goes


@dataclass(frozen=True)
class Cosigned:
    """That a witness vouches for a head.

    Args:
        witness: the name of its key.
        at: the moment of which it speaks, by its own clock.
    """

    witness: str
    at: datetime


def cosign(text: str, name: str, keys: KeyProvider, at: datetime) -> str:
    """The signature line, without its line break, over the text of a checkpoint."""
    seconds = int(at.timestamp())
    signature = keys.sign(_message(text, seconds))
    packed = key_id(name, keys.public_key(), COSIGNER) + seconds.to_bytes(_TIME_BYTES, "big") + signature
    return f"— {name} {base64.b64encode(packed).decode()}"


def cosigned_by(note: str, witnesses: Mapping[str, bytes]) -> tuple[Cosigned, ...]:
    """Which of the witnesses vouch for a note; lines of others are ignored, as the format asks.

    Args:
        note: a checkpoint with its signature lines.
        witnesses: name → public key, 32 raw bytes, from somewhere that whoever keeps the note cannot change.

    Raises:
        LedgerError: it is no note, or a line in the name and with the key id of a witness is not signed by it.
    """
    text, lines = split_note(note)
    found: list[Cosigned] = []
    for line in lines:
        name, signature = signature_of(line)
        public_key = witnesses.get(name)
        if public_key is None or signature[:_KEY_ID_BYTES] != key_id(name, public_key, COSIGNER):
            continue
        stamp, proof = signature[_KEY_ID_BYTES:][:_TIME_BYTES], signature[_KEY_ID_BYTES + _TIME_BYTES :]
        seconds = int.from_bytes(stamp, "big")
        if (
            len(proof) != _SIGNATURE_BYTES
            or seconds > _LATEST_S
            or not is_good_signature(public_key, proof, _message(text, seconds))
        ):
            raise LedgerError(f"the cosignature of {name!r} is wrong")
        found.append(Cosigned(name, datetime.fromtimestamp(seconds, UTC)))
    return tuple(found)


def with_lines(note: str, lines: Sequence[str]) -> str:
    """The note with more signature lines; a line of the same name and key id replaces the older one.

    Raises:
        LedgerError: it is no note, or would have too many lines.
    """
    text, known = split_note(note)
    kept: dict[tuple[str, bytes], str] = {}
    for line in (*known, *lines):
        name, signature = signature_of(line)
        kept[name, signature[:_KEY_ID_BYTES]] = line
    if len(kept) > _MOST_LINES:
        raise LedgerError(f"a signed head has at most {_MOST_LINES} signatures")
    return text + "\n" + "".join(f"{line}\n" for line in kept.values())


def split_note(note: str) -> tuple[str, list[str]]:
    """The text of a note, with its last line break, and its signature lines without theirs.

    Raises:
        LedgerError: it is no note.
    """
    text, gap, tail = note.rpartition("\n\n")
    if not text or not gap or not tail.endswith("\n"):
        raise LedgerError("this is no signed note", remedy="hand in the note exactly as it was printed")
    return text + "\n", tail[:-1].split("\n")


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
