"""Every key of the installation comes from one place."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from .errors import BackendError, ConfigError
from .key_files import create_private, damaged, only_one_writer, read_private, replace_private, stamp_of
from .key_set import KeyRing, KeySet, exchanged, new_key_set, new_seed, read_key_set
from .ledger_keys import LedgerKeys, RelievedKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["FileKeys", "KeyProvider", "KeyRing", "StoredKeys", "VersionedKeys", "back_up"]


_PAUSE_S = 5.0
"""How long stored keys that could not be opened are not tried again."""


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

    def ledger_keys(self) -> LedgerKeys:
        """That key, and those that it relieved; up to date with what other processes have changed.

        Raises:
            ConfigError: the stored keys were exchanged or damaged since this process began.
            BackendError: they were changed, and the key service does not answer.
        """
        ...


class VersionedKeys(KeyProvider, Protocol):
    """Keys of which those that seal what expires can be changed."""

    def ring(self, purpose: str) -> KeyRing:
        """The sealing keys of a purpose, up to date with what other processes have rotated.

        Raises:
            ConfigError: the stored keys were exchanged or damaged since this process began.
            BackendError: they were rotated, and the key service does not answer.
        """
        ...

    def rotate(self) -> int:
        """Make a new version and seal with it from now on; returns its number.

        Raises:
            BackendError: it could not be stored, and nothing has changed.
        """
        ...

    def relieve(self, last: int, name: Callable[[bytes], str]) -> LedgerKeys:
        """Sign with a new key from now on.

        Args:
            last: the most entries that a head of the present key covers.
            name: makes the note in which the present key names the new one, given its 32 raw bytes.

        Raises:
            BackendError: it could not be stored, and nothing has changed.
        """
        ...

    def retire(self, version: int) -> None:
        """Forget an older version for good: what it sealed never opens again.

        Raises:
            InputError: there is no such version, or it is the newest.
            BackendError: it could not be stored, and nothing has changed.
        """
        ...


class StoredKeys:
    """Keys that are read from one file once, and again only when another process has changed that file.

    Args:
        path: the file; its folder must exist.
        load: the key set in a file's content.
        store: a file's content for a key set.
    """

    def __init__(self, path: Path, load: Callable[[bytes], KeySet], store: Callable[[KeySet], bytes]) -> None:
        self._path = path
        self._load = load
        self._store = store
        self._lock = threading.RLock()
        self._rings: dict[str, KeyRing] = {}
        self._stamp: tuple[int, int, int] | None = None
        self._trouble: tuple[tuple[int, int, int], float, ConfigError | BackendError] | None = None
        if not path.exists():
            self._create()
        self._set = self._read()

    def secret(self, purpose: str) -> bytes:
        """Derived from the root."""
        return self._set.secret(purpose)

    def sign(self, message: bytes) -> bytes:
        """An Ed25519 signature of the message."""
        return _signer(self._set.seed).sign(message)

    def public_key(self) -> bytes:
        """The raw public key."""
        return _public_key(self._set.seed)

    def ledger_keys(self) -> LedgerKeys:
        """The public key, and those that it relieved."""
        with self._lock:
            self._keep_up()
            return LedgerKeys(self.public_key(), self._set.relieved)

    def ring(self, purpose: str) -> KeyRing:
        """The sealing keys of a purpose."""
        with self._lock:
            self._keep_up()
            ring = self._rings.get(purpose)
            if ring is None:
                ring = self._rings[purpose] = self._set.ring(purpose)
            return ring

    @property
    def newest(self) -> int:
        """The version that seals."""
        return self.ring("vault").newest

    def rotate(self) -> int:
        """Make a new version."""
        return self._change(KeySet.rotated).newest

    def relieve(self, last: int, name: Callable[[bytes], str]) -> LedgerKeys:
        """Sign with a new key."""
        seed, before = new_seed(), self.public_key()
        note = name(_public_key(seed))

        def change(keys: KeySet) -> KeySet:
            if _public_key(keys.seed) != before:
                raise BackendError("the key of the ledger was changed meanwhile", remedy="look at it, then try again")
            return keys.with_seed(seed, RelievedKey(before, last, note))

        changed = self._change(change)
        return LedgerKeys(_public_key(changed.seed), changed.relieved)

    def retire(self, version: int) -> None:
        """Forget an older version."""
        self._change(lambda keys: keys.without(version))

    def _change(self, change: Callable[[KeySet], KeySet]) -> KeySet:
        """Change what is stored now, which another process may have changed since it was read here."""
        with self._lock, only_one_writer(self._path):
            self._renew()
            changed = change(self._set)
            replace_private(self._path, self._store(changed))
            self._set, self._rings, self._stamp = changed, {}, stamp_of(self._path)
            return changed

    def _keep_up(self) -> None:
        stamp = stamp_of(self._path)
        # A file that has gone says nothing new: what was read goes on to serve.
        if stamp is None or stamp == self._stamp:
            return
        if self._trouble is not None:
            with_it, until, told = self._trouble
            if stamp == with_it and time.monotonic() < until:
                raise type(told)(told.message, remedy=told.remedy)
        try:
            self._renew()
        except (ConfigError, BackendError) as error:
            # Every text asks for keys; the service would be asked as often.
            self._trouble = (stamp, time.monotonic() + _PAUSE_S, error)
            raise
        self._trouble = None

    def _renew(self) -> None:
        before = self._stamp
        try:
            fresh = self._read()
            if not fresh.same_installation(self._set):
                raise exchanged(self._path.name)
        except (ConfigError, BackendError):
            self._stamp = before  # what is stored now was not taken over: to go on without it would miss a rotation
            raise
        self._set = fresh
        self._rings = {}

    def _read(self) -> KeySet:
        # The stamp first: should the file be replaced in between, the next look reads it once more.
        self._stamp = stamp_of(self._path)
        return self._load(read_private(self._path))

    def _create(self) -> None:
        content = self._store(new_key_set())
        try:
            create_private(self._path, content)
        except OSError as error:
            raise BackendError(
                f"key file {self._path.name!r} cannot be made: {error.strerror}",
                remedy="check the free space and the rights of the state directory",
            ) from error


@lru_cache(maxsize=8)
def _signer(seed: bytes) -> Ed25519PrivateKey:
    """Kept, because opening the seed takes as long as signing with it."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - 70 ms

    return Ed25519PrivateKey.from_private_bytes(seed)


@lru_cache(maxsize=8)
def _public_key(seed: bytes) -> bytes:
    return _signer(seed).public_key().public_bytes_raw()


class FileKeys(StoredKeys):
    """Keys in one file, `keys.json`, readable by its owner alone; made at the first run.

    Args:
        path: the key file; its folder must exist.

    Raises:
        ConfigError: the file is damaged, or others may read it.
    """

    def __init__(self, path: Path) -> None:
        def load(content: bytes) -> KeySet:
            try:
                return read_key_set(content)
            except ValueError:
                raise damaged(path) from None  # its text could hold what the file holds

        super().__init__(path, load, KeySet.to_bytes)


def back_up(path: Path, copy: Path) -> None:
    """Copy the key file.

    Raises:
        ConfigError: there is no key file, or the copy exists already.
        OSError: the copy cannot be written.
    """
    content = read_private(path)
    if copy.exists():
        raise ConfigError(f"{copy} exists already", remedy="choose another file name")
    create_private(copy, content)
