"""Every key of the installation comes from one place."""

from __future__ import annotations

import base64
import json
import os
import secrets
from pathlib import Path
from typing import Protocol

from .errors import ConfigError

_FILE_VERSION = 1


class KeyProvider(Protocol):
    """Where keys come from: a file on one machine, a key service beyond."""

    def secret(self, purpose: str) -> bytes:
        """32 bytes for one purpose; the same purpose gives the same bytes. Purposes do not reveal each other."""
        ...

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature (64 bytes) by the key of the ledger."""
        ...

    def public_key(self) -> bytes:
        """The 32 raw bytes of the Ed25519 public key that checks `sign`."""
        ...


class FileKeys:
    """Keys in one file, `keys.json`, readable by its owner alone; made at the first run.

    Args:
        path: the key file; its folder must exist.

    Raises:
        ConfigError: the file is damaged, or others may read it.
    """

    def __init__(self, path: Path) -> None:
        if not path.exists():
            _create(path)
        self._master, self._seed = _read(path)

    def secret(self, purpose: str) -> bytes:
        """HKDF-SHA256 (RFC 5869) of the master key with the purpose as its info."""
        from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415 - 70 ms that `--help` need not pay
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415 - the same

        return HKDF(SHA256(), 32, salt=None, info=f"opswarden/{purpose}".encode()).derive(self._master)

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature of the message."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - as above

        return Ed25519PrivateKey.from_private_bytes(self._seed).sign(message)

    def public_key(self) -> bytes:
        """The raw public key."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - as above

        return Ed25519PrivateKey.from_private_bytes(self._seed).public_key().public_bytes_raw()


def back_up(path: Path, copy: Path) -> None:
    """Copy the key file; the copy opens every vault and signs every ledger of this installation.

    Raises:
        ConfigError: there is no key file, or the copy exists already.
    """
    _read(path)
    if copy.exists():
        raise ConfigError(f"{copy} exists already", remedy="choose another file name")
    _write_private(copy, path.read_bytes())


def _create(path: Path) -> None:
    body = {
        "version": _FILE_VERSION,
        "master": base64.b64encode(secrets.token_bytes(32)).decode(),
        "ledger_seed": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    _write_private(path, json.dumps(body, indent=2).encode() + b"\n")


def _write_private(path: Path, content: bytes) -> None:
    """Write a new file 0600, whole or not at all, without ever replacing one that another process made first."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its keys are the installation's keys
    finally:
        draft.unlink()


def _read(path: Path) -> tuple[bytes, bytes]:
    remedy = "restore it from the backup made with `opswarden config backup-keys`"
    try:
        mode = path.stat().st_mode & 0o777
        body = json.loads(path.read_bytes())
        master, seed = base64.b64decode(body["master"]), base64.b64decode(body["ledger_seed"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"key file {path.name!r} cannot be read", remedy=remedy) from error
    if mode & 0o077:
        raise ConfigError(f"key file {path.name!r} can be read by others (mode {mode:o})", remedy=f"chmod 600 {path}")
    if body.get("version") != _FILE_VERSION or len(master) != 32 or len(seed) != 32:
        raise ConfigError(f"key file {path.name!r} has another version or is damaged", remedy=remedy)
    return master, seed
