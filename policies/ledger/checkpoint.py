"""Signed heads of the ledger, as C2SP checkpoints inside C2SP signed notes.

A note is a text, an empty line, and lines `— <key name> <base64 of key id and signature>`. A checkpoint's text is the
origin, the size and the base64 root, one per line. Any witness or tool that speaks these formats can read ours.

Source: github.com/C2SP/C2SP, signed-note.md and tlog-checkpoint.md (signature type 0x01, Ed25519).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

from ...core.errors import InputError, LedgerError
from ...core.keys import KeyProvider
from ...core.ledger_keys import PublicKeys
from .tree import HASH_BYTES

DEFAULT_ORIGIN = "opswarden/ledger"

_ED25519 = b"\x01"
COSIGNER = b"\x04"
"""The kind of key that signs heads of others, as a witness does."""

_KEY_ID_BYTES = 4
_SIGNATURE_BYTES = 64
_PUBLIC_KEY_BYTES = 32
_MAX_KEY_CHARS = 1_000
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_MAX_NOTE_CHARS = 100_000  # a note is a few hundred bytes; anything larger is no note of a log


@dataclass(frozen=True)
class Checkpoint:
    """A head of a ledger: how many entries, and the root over them.

    Args:
        origin: names the ledger; also the name of the key that signs.
        size: number of entries.
        root: 32 bytes.
        note: the signed note it was read from.
    """

    origin: str
    size: int
    root: bytes
    note: str


def check_origin(origin: str) -> None:
    """Refuse a name that cannot stand in a note.

    Raises:
        ValueError: it is empty, or holds white space, a control character or a plus sign.
    """
    if not origin or "+" in origin or not origin.isprintable() or any(one.isspace() for one in origin):
        raise ValueError("an origin is one word without a plus sign")


def key_id(name: str, public_key: bytes, kind: bytes = _ED25519) -> bytes:
    """The four bytes by which a note says whose signature a line is."""
    return hashlib.sha256(name.encode() + b"\n" + kind + public_key).digest()[:_KEY_ID_BYTES]


def verifier_key(name: str, public_key: bytes, kind: bytes = _ED25519) -> str:
    """The public key as one word, the way other tools for signed notes take it."""
    return f"{name}+{key_id(name, public_key, kind).hex()}+{base64.b64encode(kind + public_key).decode()}"


def open_verifier_key(text: str, kind: bytes = _ED25519) -> tuple[str, bytes]:
    """Name and public key (32 raw bytes) of what `verifier_key` wrote.

    Raises:
        InputError: it is no such key, or one of another kind.
    """
    name, _, rest = text.strip().partition("+")
    identity, _, encoded = rest.partition("+")
    packed = decode_base64(encoded)
    is_key = len(packed) == 1 + _PUBLIC_KEY_BYTES and packed[:1] == kind and len(text) <= _MAX_KEY_CHARS
    try:
        check_origin(name)
    except ValueError:
        is_key = False
    if not is_key or key_id(name, packed[1:], kind).hex() != identity:
        if kind == COSIGNER:
            raise InputError("this is no public key of a witness", remedy="hand in the line that the witness printed")
        raise InputError("this is no public key of a ledger", remedy="hand in a file that `--save-key` wrote")
    return name, packed[1:]


def sign_note(text: str, name: str, keys: KeyProvider) -> str:
    """A note over a text.

    Args:
        text: ends with a line break.
        name: the name of the key.
        keys: signs.
    """
    if not text.endswith("\n"):
        raise ValueError("the text of a note ends with a line break")
    signature = key_id(name, keys.public_key()) + keys.sign(text.encode())
    return f"{text}\n— {name} {base64.b64encode(signature).decode()}\n"


def open_note(note: str, name: str, public_key: bytes) -> str:
    """The text of a note that this key signed. Lines of other keys are ignored, as the format asks.

    Raises:
        LedgerError: it is no note, this key did not sign it, or the signature is wrong.
    """
    text, gap, tail = note.rpartition("\n\n")
    if not gap or not tail.endswith("\n") or len(note) > _MAX_NOTE_CHARS:
        raise LedgerError("this is no signed note", remedy="hand in the note exactly as it was printed")
    text += "\n"
    if any(one < " " and one != "\n" for one in note):
        raise LedgerError("a signed note holds no control characters")
    wanted = key_id(name, public_key)
    is_signed = False
    for line in tail[:-1].split("\n"):
        signer, signature = signature_of(line)
        if signer != name or signature[:_KEY_ID_BYTES] != wanted:
            continue
        if not is_good_signature(public_key, signature[_KEY_ID_BYTES:], text.encode()):
            raise LedgerError("the signature of a note is wrong")
        is_signed = True
    if not is_signed:
        raise LedgerError(f"no signature by the key {name}+{wanted.hex()}", remedy="check which key this ledger uses")
    return text


def sign_checkpoint(origin: str, size: int, root: bytes, keys: KeyProvider) -> Checkpoint:
    """Sign a head."""
    text = f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"
    return Checkpoint(origin, size, root, sign_note(text, origin, keys))


def open_checkpoint(note: str, origin: str, public_keys: PublicKeys) -> Checkpoint:
    """The head that a note holds, once its signature is checked.

    Raises:
        LedgerError: no note, no checkpoint, another ledger's, or not signed by the key of its size.
    """
    text = open_note(note, origin, _key_for(note, public_keys))
    lines = text[:-1].split("\n")
    if len(lines) < 3 or lines[0] != origin:
        raise LedgerError(f"this is no checkpoint of {origin!r}")
    root = decode_base64(lines[2])
    if not _SIZE.fullmatch(lines[1]) or len(root) != HASH_BYTES:
        raise LedgerError("size or root of a checkpoint cannot be read")
    return Checkpoint(origin, int(lines[1]), root, note)


def _key_for(note: str, public_keys: PublicKeys) -> bytes:
    """The one key that may have signed it, by what the note says of itself; the signature covers that as well."""
    if isinstance(public_keys, bytes):
        return public_keys
    told = note.split("\n", 2)[1:2]
    size = int(told[0]) if told and _SIZE.fullmatch(told[0]) else 0
    return public_keys.of_size(size)


def decode_base64(text: str) -> bytes:
    """The bytes of a base64 text; empty if it is none, or not the one spelling of its bytes."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    # Base64 has several spellings for some bytes (unused bits of the last character); only one of them is ours.
    return found if base64.b64encode(found).decode() == text else b""


def signature_of(line: str) -> tuple[str, bytes]:
    """Key name, and key id with signature, of one signature line without its line break.

    Raises:
        LedgerError: it is no such line.
    """
    mark, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    signature = decode_base64(encoded)
    if mark != "—" or not name or len(signature) <= _KEY_ID_BYTES:
        raise LedgerError("a signature line of a note cannot be read")
    return name, signature


def is_good_signature(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the Ed25519 key (32 raw bytes) signed exactly this message."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - 70 ms that `--help` need not pay
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415 - the same

    if len(signature) != _SIGNATURE_BYTES:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True
