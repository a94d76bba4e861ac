"""Heads and keys in files that people hand in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .console import note
from .typed import typed

if TYPE_CHECKING:
    from ...core.ledger_keys import LedgerKeys, PublicKeys
    from ...policies.ledger.checkpoint import Checkpoint
    from ...policies.ledger.cosignature import Cosigned

_MAX_KEY_BYTES = 4_096
_MAX_HEAD_BYTES = 100_000


@dataclass(frozen=True)
class CosignedHead:
    """A head of this ledger for which at least one witness vouches."""

    head: Checkpoint
    by: tuple[Cosigned, ...]


def heads_in(path: Path, origin: str, public_keys: PublicKeys) -> list[Checkpoint]:
    """Every head in a file of one or many; an unfinished last one is told and left out.

    Raises:
        InputError: the file cannot be read, or a head in it is not of this ledger.
    """
    from ...core.errors import InputError, LedgerError  # noqa: PLC0415 - keeps `--help` light
    from ...policies.ledger.anchor import MAX_ANCHOR_BYTES, parse_anchor  # noqa: PLC0415 - as above

    remedy = "hand in a file that `--save-head` or `audit anchor` wrote"
    try:
        found = parse_anchor(content_of(path, MAX_ANCHOR_BYTES), origin)
        heads = found.heads(origin, public_keys)
    except (LedgerError, InputError) as error:
        raise InputError(f"{path} holds no signed head of this ledger: {error.message}", remedy=remedy) from error
    if found.torn_bytes:
        note(f"{typed(path)}: an unfinished head at the end is left out ({found.torn_bytes} bytes)")
    if not heads:
        raise InputError(f"{path} holds no signed head of this ledger", remedy=remedy)
    return heads


def keys_in(path: Path) -> tuple[str, LedgerKeys]:
    """Name and public keys of a ledger in a file.

    Raises:
        InputError: the file cannot be read, or holds no such keys.
    """
    from ...policies.ledger.key_file import MAX_KEY_FILE_BYTES, open_key_file  # noqa: PLC0415 - as above

    return open_key_file(_text_of(path, MAX_KEY_FILE_BYTES))


def witness_key_in(path: Path) -> tuple[str, bytes]:
    """Name and public key (32 raw bytes) of a witness in a file of one line.

    Raises:
        InputError: the file cannot be read, or holds no such key.
    """
    from ...policies.ledger.checkpoint import COSIGNER, open_verifier_key  # noqa: PLC0415 - as above

    return open_verifier_key(_text_of(path, _MAX_KEY_BYTES), COSIGNER)


def _text_of(path: Path, limit_bytes: int) -> str:
    from ...core.errors import InputError  # noqa: PLC0415 - as above

    try:
        return content_of(path, limit_bytes).decode()
    except UnicodeDecodeError:
        raise InputError(f"{path} is no text", remedy="hand in a file with the public key") from None


def newest_in(path: Path, origin: str, public_keys: PublicKeys) -> Checkpoint:
    """The head in a file that covers most; as `heads_in`."""
    return max(heads_in(path, origin, public_keys), key=lambda head: head.size)


def content_of(path: Path, limit_bytes: int) -> bytes:
    """A file from outside, refused if it is larger than what it could be."""
    from ...core.errors import InputError  # noqa: PLC0415 - as above

    try:
        with path.open("rb") as file:
            content = file.read(limit_bytes + 1)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}", remedy="check the path and the rights") from error
    if len(content) > limit_bytes:
        raise InputError(f"{path} is larger than {limit_bytes} bytes", remedy="check which file this is")
    return content


def cosigned_head(path: Path, origin: str, public_keys: PublicKeys, witnesses: Mapping[str, bytes]) -> CosignedHead:
    """The head in a file, for which at least one of the witnesses must vouch.

    Args:
        path: what `audit anchor --cosigned` wrote.
        origin: the name of the ledger.
        public_keys: of the ledger.
        witnesses: name → public key.

    Raises:
        InputError: it holds no head of this ledger, or none of the witnesses cosigned it.
    """
    from ...core.errors import InputError, LedgerError  # noqa: PLC0415 - as above
    from ...policies.ledger.checkpoint import open_checkpoint  # noqa: PLC0415 - as above
    from ...policies.ledger.cosignature import cosigned_by  # noqa: PLC0415 - as above

    try:
        text = content_of(path, _MAX_HEAD_BYTES).decode()
        head = open_checkpoint(text, origin, public_keys)
        by = cosigned_by(text, witnesses)
    except (LedgerError, UnicodeDecodeError) as error:
        told = error.message if isinstance(error, LedgerError) else "it is no text"
        raise InputError(
            f"{path} holds no cosigned head of this ledger: {told}", remedy="hand in a file that `audit anchor` wrote"
        ) from error
    if not by:
        raise InputError(
            f"{path}: none of the witnesses whose keys were handed in cosigned this head",
            remedy="hand in the key of the witness with --witness-key",
        )
    return CosignedHead(head, by)
